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


def test_the_contents_show_the_title_and_then_the_sentence(renderer: Renderer) -> None:
    told, untold = entry(tldr=TLDR, venue="CVPR 2026"), entry(of=paper("2611.02222", links=()))
    mail = renderer.digest(digest([told, untold]), LINKS, topics=())
    title = TITLES["zh-CN"]
    marks = ' <span class="m v">CVPR 2026 · 代码</span>'
    assert f'>{title}</a>{marks}<br/><span class="m">{TLDR}</span></li>' in mail.html
    assert f">{title}</a></li>" in mail.html
    contents = mail.text[: mail.text.index("我们提出一种方法")]
    assert f"  * {title} (CVPR 2026)\n    {TLDR}\n" in contents
    check(mail.html)


def test_a_sentence_of_an_untranslated_paper_keeps_its_own_language(renderer: Renderer) -> None:
    plain = entry("ar", title=TITLES["en"], abstract="English.", translated=False, tldr="جملة.")
    html = renderer.digest(digest([plain], language="ar"), LINKS, topics=()).html
    assert '<p class="s">جملة.</p>' in html
    assert (
        f'<h3 lang="en" dir="ltr" style="text-align:right"><a class="t" href="https://arxiv.org/abs/2611.01234">{TITLES["en"]}'
        in html
    )


@pytest.mark.parametrize(
    ("announced", "words"), [(Announced.NEW, "New"), (Announced.CROSS_LISTED, "Cross-listed"), (Announced.UPDATED, "Updated")]
)
def test_a_card_says_as_what_its_paper_was_announced(renderer: Renderer, announced: Announced, words: str) -> None:
    mail = renderer.digest(digest([entry("en", announced=announced)], language="en"), LINKS, topics=())
    assert f"cs.CV · {words} · submitted Nov 18, 2026" in check(mail.html).words
    assert f"cs.CV · {words} · submitted Nov 18, 2026" in mail.text


def test_a_topic_tells_its_share_and_what_more_there_is_of_it(renderer: Renderer) -> None:
    made = digest(entries(2), (entry(of=paper("2611.7")),), names=["NeRF", "SLAM"], more=35)
    counted = replace(made, groups=(replace(made.groups[0], slug="nerf", found=37), made.groups[1]))
    mail = renderer.digest(counted, LINKS, topics=())
    outline = check(mail.html)
    assert "3/38" in outline.words
    assert outline.words.count("2/37") == 2  # in the contents and above the cards
    assert "https://papers.example.org/topics/nerf" in outline.values("href")
    assert "https://papers.example.org/topics/nerf" in mail.text
    assert outline.values("href").count("#top") == 2
    assert "top" in outline.values("id")


def test_the_best_papers_stand_on_top_in_their_order(renderer: Renderer) -> None:
    several = [entry("en", of=paper(f"2611.0000{n}", id=n), title=f"Title {n}") for n in range(1, 8)]
    mail = renderer.digest(replace(digest(several, language="en"), top=(6, 2, 99, 4)), LINKS, topics=())
    for words in (check(mail.html).words, re.sub(r"\s+", " ", mail.text)):
        best = words[words.index("Start with these") : words.index("In this mail")]
        assert re.findall(r"Title \d", best) == ["Title 6", "Title 2", "Title 4"]
    assert mail.subject == "7 papers · Title 6"
    assert "Start with these" not in renderer.digest(digest(several, language="en"), LINKS, topics=()).html


def test_the_line_beside_the_subject_says_what_that_does_not(renderer: Renderer) -> None:
    several = [entry("en", of=paper(f"2611.0000{n}", id=n), title=f"Title {n}") for n in range(1, 5)]
    html = renderer.digest(digest(several, language="en", names=["NeRF"]), LINKS, topics=()).html
    hidden = re.search(r"<body[^>]*>.*?<div style=\"(display:none[^\"]*)\">([^<]*)</div>", html, re.DOTALL)
    assert hidden is not None
    assert hidden[2] == "Title 2 · Title 3 · NeRF 4"
    assert "color" not in hidden[1]  # white words on white ground are taken for a trick


def test_followed_authors_stand_out_and_are_never_cut(renderer: Renderer) -> None:
    mail = renderer.digest(digest([entry("en", followed=("Ana Pérez",))], language="en"), LINKS, topics=())
    assert "Mira Olsen, Jun-ichi Sató, Li Wei, <b>Ana Pérez</b> + 1" in mail.html
    assert "Li Wei, *Ana Pérez* + 1" in mail.text


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
    assert check(mail.html).tags.count("li") == 50
    assert "/archive/" not in mail.html


def test_a_bilingual_digest_has_both_titles_and_both_sentences_and_the_abstract_once(renderer: Renderer) -> None:
    mail = renderer.digest(laid_out(Layout.BILINGUAL, [entry(tldr=TLDR)]), LINKS, topics=())
    original = "We present a method that keeps the memory of Gaussian splats below 40 MB"
    for words in (check(mail.html).words, re.sub(r"\s+", " ", mail.text)):
        places = [words.index(part) for part in (TITLES["en"], original, "我们提出一种方法")]
        assert places == sorted(places)
        assert words.count("Instead of storing") == 0
    assert re.search(rf'<p class="m s" lang="en">{original}', mail.html)
    assert original not in renderer.digest(digest([entry(tldr=TLDR)]), LINKS, topics=()).html


def test_whole_abstracts_are_for_who_wants_them(renderer: Renderer) -> None:
    last = ABSTRACTS["en"][-40:]
    folded = renderer.digest(digest([entry("en")], language="en"), LINKS, topics=())
    assert last not in check(folded.html).words + folded.text
    assert '… <a class="w" href="https://papers.example.org/papers/2611.01234">Whole abstract</a>' in folded.html
    whole = renderer.digest(laid_out(Layout.WHOLE, [entry("en")], language="en"), LINKS, topics=())
    assert last in check(whole.html).words
    assert last in re.sub(r"\s+", " ", whole.text)
    assert "Whole abstract" not in whole.html
    first = entry("en").paper.abstract.partition(". ")[0]
    assert check(whole.html).words.count(first) == 1, "as the abstract begins, and not above it too"


@pytest.mark.parametrize("shown", [entry("en"), entry("ar", title=TITLES["en"], abstract=ABSTRACTS["en"], translated=False)])
def test_an_original_that_is_shown_already_is_not_shown_twice(renderer: Renderer, shown: object) -> None:
    mail = renderer.digest(laid_out(Layout.BILINGUAL, [shown], language=shown.language), LINKS, topics=())  # type: ignore[attr-defined]
    # In the contents, and in the card.
    assert check(mail.html).words.count("We present a method") == 2


def test_layouts_of_the_same_papers_do_not_mix(renderer: Renderer) -> None:
    first = {layout: renderer.digest(laid_out(layout, entries(3)), LINKS, topics=()) for layout in Layout}
    again = {layout: renderer.digest(laid_out(layout, entries(3)), LINKS, topics=()) for layout in reversed(Layout)}
    assert first == again
    assert len({mail.html for mail in first.values()}) == 4


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
    assert "摘要 [1] · 代码 [2]" in mail.text
    assert "/feedback/" not in mail.text[mail.text.index("[1] https://") :]
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
    assert "</a>\N{NO-BREAK SPACE}· <a" in mail.html
    assert not re.search("</a>[ \n]+\N{NO-BREAK SPACE}?·", mail.html)
