"""The busiest recorded day: fifty papers, all in the mail, in at most 90 kB; twenty papers, and how many screens of a phone they take."""

from __future__ import annotations

import datetime as dt
import gzip
import json
from pathlib import Path

import pytest

from newsletter.mail.rendering.renderer import Renderer
from newsletter.text.contribution import contribution
from newsletter.text.tex import clean
from newsletter.values.digests import Digest, Entry, Group
from newsletter.values.papers import Paper
from newsletter.values.readers import Layout
from tests.conftest import missing
from tests.mail.html_checks import check
from tests.mail.samples import LINKS, entry, paper
from tests.walk.browser import chromium, launched

# A hanzi has three bytes and says about as much as three letters; an Arabic letter has two and says as much as one.
WRITTEN = {
    "zh-CN": lambda text: "高斯泼溅的渲染"[: len(text)] * (len(text) // 21 + 1),
    "ar": lambda text: "نموذج الانتشار " * (len(text) // 14),
}


# The screen of a phone (px), and how many of them a mail of twenty papers may take.
PHONE = {"width": 390, "height": 844}
MOST_SCREENS = {Layout.STANDARD: 12, Layout.BILINGUAL: 16, Layout.BRIEF: 6}
_CYRILLIC = str.maketrans("abcdefghijklmnopqrstuvwxyz", "абцдефгхийклмнопярстувъьыз")


def busiest(folder: Path, *, longest: bool = True) -> list[Paper]:
    """Papers of the day with the most: the fifty with the longest abstracts, or the first twenty."""
    days = []
    for path in folder.glob("*.jsonl.gz"):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            days.append([json.loads(line) for line in lines])
    day = max(days, key=len)
    records = sorted(day, key=lambda record: len(record["summary"]), reverse=True)[:50] if longest else day[:20]
    return [
        paper(
            record["id"],
            comment=record.get("comment") or "",
            title=clean(record["title"]),
            abstract=clean(record["summary"]),
            authors=tuple(record["authors"]),
            categories=tuple(record["categories"]),
            announced_on=dt.date.fromisoformat(record["announced"]),
        )
        for record in records
    ]


def translated(one: Paper, language: str) -> Entry:
    write = WRITTEN[language]
    sentence = contribution(one.title, one.abstract)
    return entry(language, of=one, title=write(one.title), abstract=write(one.abstract), tldr=write(sentence))


@pytest.mark.parametrize("language", list(WRITTEN))
def test_all_papers_of_the_busiest_day_fit(renderer: Renderer, shared_data: Path, language: str) -> None:
    entries = tuple(translated(one, language) for one in busiest(shared_data / "arxiv"))
    assert len(entries) == 50
    day = entries[0].paper.announced_on
    groups = (Group("a", "One", entries[:30]), Group("b", "Two", entries[30:]))
    for layout in (Layout.STANDARD, Layout.BILINGUAL, Layout.WHOLE):
        mail = renderer.digest(Digest(day, language, groups, layout=layout), LINKS, topics=("One", "Two"))
        outline = check(mail.html)
        assert len(mail.html.replace("\n", "\r\n").encode()) <= 90_000
        assert outline.tags.count("h3") == 50
        for one in entries:
            assert f"https://arxiv.org/pdf/{one.paper.ref}" in mail.html
            assert f"https://arxiv.org/abs/{one.paper.ref}" in mail.text
        assert f"/archive/{day}" not in mail.html


def stretched(text: str, share: float) -> str:
    """As long as a translation is in a language that takes so much of the English text; no word is as it was."""
    words, made = text.lower().split(), list[str]()
    while sum(map(len, made)) + len(made) < share * len(text):
        made.append(words[len(made) % len(words)] + "e" * (len(made) % 3 == 0))
    return " ".join(made).capitalize()


LONG = {"fr": lambda text: stretched(text, 1.2), "ru": lambda text: stretched(text, 1.12).translate(_CYRILLIC)}
USUAL = {
    "zh-CN": lambda text: ("高斯泼溅的渲染与重建，效率很高且质量更好。" * 200)[: max(6, len(text) * 34 // 100)],
    "ar": lambda text: ("نموذج الانتشار الجديد " * 200)[: len(text) * 95 // 100],
}


@pytest.mark.browser
def test_twenty_papers_are_a_dozen_screens_of_a_phone(renderer: Renderer, shared_data: Path) -> None:
    if chromium() is None:
        missing("Chromium")
    papers, heights = busiest(shared_data / "arxiv", longest=False), dict[tuple[str, Layout], float]()
    with launched() as browser:
        page = browser.new_page(viewport=PHONE)  # type: ignore[arg-type]
        for language in ("en", *USUAL, *LONG):
            entries = [_as_translated(one, language) for one in papers]
            groups = tuple(Group(name, name, tuple(entries[at::5]), found=9) for at, name in enumerate(("a", "b", "c", "d", "e")))
            for layout in MOST_SCREENS:
                made = Digest(papers[0].announced_on, language, groups, layout=layout, top=(1, 2, 3, 4, 5))
                mail = renderer.digest(made, LINKS, topics=())
                page.set_content(mail.html)
                heights[language, layout] = page.evaluate("document.documentElement.scrollHeight") / PHONE["height"]
                assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert {key: height for key, height in heights.items() if height > MOST_SCREENS[key[1]]} == {}


def _as_translated(one: Paper, language: str) -> Entry:
    write = (USUAL | LONG).get(language, str)
    texts = {"title": write(one.title), "abstract": write(one.abstract), "tldr": write(contribution(one.title, one.abstract))}
    return entry(language, of=one, reason="title: SLAM", **texts)
