"""What a digest is made of: the way through it, TL;DRs, how each paper was announced, and the layouts a reader chooses among."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

import pytest

from newsletter.mail.rendering.plain_text import WIDTH, display_width
from newsletter.mail.rendering.renderer import Renderer
from newsletter.values.digests import Announced, Digest
from newsletter.values.readers import Layout
from tests.mail.html_checks import check
from tests.mail.samples import ABSTRACTS, DAY, LINKS, TITLES, digest, entries, entry, paper

TLDR = "一个共享码本让高斯泼溅只占 40 MB。"


def laid_out(layout: Layout, *groups: object, language: str = "zh-CN") -> Digest:
    return replace(digest(*groups, language=language), layout=layout)  # type: ignore[arg-type]


def test_the_contents_show_the_tldr_where_there_is_one_and_else_the_title(renderer: Renderer) -> None:
    told, untold = entry(tldr=TLDR), entry(of=paper("2611.02222"))
    mail = renderer.digest(digest([told, untold]), LINKS, topics=())
    assert re.search(rf'<a href="#p-2611.01234"[^>]*>{TLDR}</a>', re.sub(r' (class|style|lang|dir)="[^"]*"', "", mail.html))
    contents = mail.text[: mail.text.index("我们提出一种方法")]
    assert f"  * {TLDR}" in contents
    assert f"  * {TITLES['zh-CN']}" in contents
    check(mail.html)


def test_a_tldr_of_an_untranslated_paper_keeps_its_own_language(renderer: Renderer) -> None:
    plain = entry(title=TITLES["en"], abstract="English.", translated=False, tldr=TLDR)
    html = renderer.digest(digest([plain]), LINKS, topics=()).html
    assert re.search(rf'<a [^>]*lang="zh-CN"[^>]*>{TLDR}', html)


@pytest.mark.parametrize(
    ("announced", "words"), [(Announced.NEW, "New"), (Announced.CROSS_LISTED, "Cross-listed"), (Announced.UPDATED, "Updated")]
)
def test_a_card_says_as_what_its_paper_was_announced(renderer: Renderer, announced: Announced, words: str) -> None:
    mail = renderer.digest(digest([entry("en", announced=announced)], language="en"), LINKS, topics=())
    assert f"cs.CV · {words} · 3D" in check(mail.html).words
    assert f"cs.CV · {words} · 3D" in mail.text


def test_each_topic_ends_with_a_way_back_to_the_top(renderer: Renderer) -> None:
    outline = check(renderer.digest(digest(entries(2), (entry(of=paper("2611.7")),)), LINKS, topics=()).html)
    assert outline.values("href").count("#top") == 2
    assert "top" in outline.values("id")


def test_the_bottom_offers_a_week_of_pause_in_both_parts(renderer: Renderer) -> None:
    mail = renderer.digest(digest(entries(2)), LINKS, topics=())
    assert mail.html.index(LINKS.pause) > mail.html.index("2611.00002")
    assert f"{LINKS.preferences}/pause" in mail.text


# ---------------------------------------------------------------- layouts


def test_a_brief_digest_is_the_contents_alone_and_leads_to_the_papers(renderer: Renderer) -> None:
    mail = renderer.digest(laid_out(Layout.BRIEF, [entry(tldr=TLDR)]), LINKS, topics=())
    outline = check(mail.html)
    assert "h3" not in outline.tags
    assert "#top" not in outline.values("href")
    assert "https://arxiv.org/abs/2611.01234" in outline.values("href")
    for words in (outline.words, mail.text):
        assert TITLES["zh-CN"] in words
        assert TLDR in words
        assert "我们提出一种方法" not in words
        assert "1 篇论文" in words
    assert f"{TITLES['zh-CN']} [1]" in mail.text
    assert "[1] https://arxiv.org/abs/2611.01234" in mail.text.splitlines()


def test_fifty_papers_fit_into_a_brief_digest(renderer: Renderer) -> None:
    mail = renderer.digest(laid_out(Layout.BRIEF, entries(50, abstract="渲染质量，" * 400, tldr=TLDR * 6)), LINKS, topics=())
    assert len(check(mail.html).values("href")) > 50
    assert "/archive/" not in mail.html


def test_a_bilingual_digest_has_the_original_abstract_under_the_translation(renderer: Renderer) -> None:
    mail = renderer.digest(laid_out(Layout.BILINGUAL, [entry()]), LINKS, topics=())
    original = "We present a method that keeps the memory of Gaussian splats below 40 MB"
    for words in (check(mail.html).words, re.sub(r"\s+", " ", mail.text)):
        assert words.index("我们提出一种方法") < words.index(original)
    assert re.search(rf'<p [^>]*lang="en"[^>]*>{original}', mail.html)
    assert original not in renderer.digest(digest([entry()]), LINKS, topics=()).html


@pytest.mark.parametrize("shown", [entry("en"), entry("ar", title=TITLES["en"], abstract=ABSTRACTS["en"], translated=False)])
def test_an_original_that_is_shown_already_is_not_shown_twice(renderer: Renderer, shown: object) -> None:
    mail = renderer.digest(laid_out(Layout.BILINGUAL, [shown], language=shown.language), LINKS, topics=())  # type: ignore[attr-defined]
    assert check(mail.html).words.count("We present a method") == 1


def test_layouts_of_the_same_papers_do_not_mix(renderer: Renderer) -> None:
    first = {layout: renderer.digest(laid_out(layout, entries(3)), LINKS, topics=()) for layout in Layout}
    again = {layout: renderer.digest(laid_out(layout, entries(3)), LINKS, topics=()) for layout in reversed(Layout)}
    assert first == again
    assert len({mail.html for mail in first.values()}) == 3


# ---------------------------------------------------------------- formulas and footnotes


def test_simple_formulas_are_read_in_unicode_in_both_parts(renderer: Renderer) -> None:
    shown = entry("en", title=r"An $O(n^2)$ bound", abstract=r"With $\alpha \leq 1$ and $\frac{a}{b}$.", tldr=r"$x^2$ is enough.")
    mail = renderer.digest(digest([shown], language="en"), LINKS, topics=())
    for words in (check(mail.html).words, mail.text):
        assert "An O(n²) bound" in words
        assert r"With α ≤ 1 and $\frac{a}{b}$." in words
        assert "x² is enough." in words


def test_links_of_papers_are_numbered_footnotes_and_each_address_stands_once(renderer: Renderer) -> None:
    mail = renderer.digest(digest(entries(12), (entry(of=paper("2611.00001")),)), LINKS, topics=())
    marks = {int(number) for number in re.findall(r"(?<=[^\n])\[(\d+)\]", mail.text)}
    listed = dict(re.findall(r"^\[(\d+)\] (\S+)$", mail.text, re.MULTILINE))
    assert marks == set(map(int, listed)) == set(range(1, len(listed) + 1))
    assert len(set(listed.values())) == len(listed)
    assert "摘要 [1] · PDF [2] · 代码 [3] · 项目 [4]" in mail.text
    assert mail.text.index("[1] https://") > mail.text.rindex("Thank you to arXiv")
    assert all(display_width(line) <= WIDTH or "://" in line for line in mail.text.splitlines())


@pytest.mark.parametrize("layout", list(Layout))
def test_the_unsubscribe_link_stands_in_the_top_third_of_every_layout(renderer: Renderer, layout: Layout) -> None:
    mail = renderer.digest(laid_out(layout, entries(12)), LINKS, topics=("NeRF",))
    words = check(mail.html).words
    assert words.index("退订") < len(words) / 3
    assert mail.html.index(LINKS.unsubscribe) < mail.html.index("本期目录")
    assert mail.text.index(LINKS.unsubscribe) < len(mail.text) / 3


def test_what_has_no_room_leads_to_the_archive_where_it_is_of_several_days(renderer: Renderer) -> None:
    older = entry("en", of=paper("2611.7", announced_on=DAY - dt.timedelta(days=1)))
    week = renderer.digest(digest([entry("en"), older], language="en", more=3), LINKS, topics=())
    assert "https://papers.example.org/archive" in week.text.splitlines()
    assert "and 3 more papers in the archive" in check(week.html).words
    updated = replace(older, announced=Announced.UPDATED)
    day = renderer.digest(digest([entry("en"), updated], language="en", more=3), LINKS, topics=())
    assert f"https://papers.example.org/archive/{DAY}" in day.text.splitlines()


@pytest.mark.parametrize("layout", list(Layout))
def test_a_dot_between_links_ends_a_line_and_begins_none(renderer: Renderer, layout: Layout) -> None:
    mail = renderer.digest(laid_out(layout, entries(2)), LINKS, topics=())
    assert "</a>\N{NO-BREAK SPACE}\N{NO-BREAK SPACE}·\N{NO-BREAK SPACE} <a" in mail.html
    assert not re.search("</a>[ \n]+\N{NO-BREAK SPACE}?·", mail.html)
