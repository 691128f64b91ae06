"""The busiest recorded day, the fifty papers with most to say: all of them are in the mail, in at most 90 kB, in two languages."""

from __future__ import annotations

import datetime as dt
import gzip
import json
from pathlib import Path

import pytest

from newsletter.mail.rendering.renderer import Renderer
from newsletter.text.contribution import contribution
from newsletter.values.digests import Digest, Entry, Group
from newsletter.values.papers import Paper
from newsletter.values.readers import Layout
from tests.mail.html_checks import check
from tests.mail.samples import LINKS, entry, paper

# A hanzi has three bytes and says about as much as three letters; an Arabic letter has two and says as much as one.
WRITTEN = {
    "zh-CN": lambda text: "高斯泼溅的渲染"[: len(text)] * (len(text) // 21 + 1),
    "ar": lambda text: "نموذج الانتشار " * (len(text) // 14),
}


def busiest(folder: Path) -> list[Paper]:
    """The fifty papers with the longest abstracts of the day with the most."""
    days = []
    for path in folder.glob("*.jsonl.gz"):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            days.append([json.loads(line) for line in lines])
    records = sorted(max(days, key=len), key=lambda record: len(record["summary"]), reverse=True)[:50]
    return [
        paper(
            record["id"],
            comment=record.get("comment") or "",
            title=record["title"],
            abstract=record["summary"],
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
