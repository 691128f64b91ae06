"""Digests and letters as HTML and text: what they say, how long they are, and what hostile words cannot do."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

import pytest

from newsletter.errors import PermanentError
from newsletter.i18n import translations_for
from newsletter.languages import LANGUAGES
from newsletter.mail.rendering.plain_text import WIDTH, display_width
from newsletter.mail.rendering.renderer import NOTICES as NEEDED
from newsletter.mail.rendering.renderer import Renderer
from newsletter.values.digests import Digest
from newsletter.values.mail import MailKind, ReaderLinks
from newsletter.values.papers import LinkKind, PaperLink
from tests.mail.html_checks import check
from tests.mail.samples import DAY, LINKS, TITLES, digest, entries, entry, paper

NOTICES = [(kind, fact) for kind, fact in NEEDED.items() if fact.endswith("_url")]
CODES = [language.code for language in LANGUAGES]


def flat(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def test_a_card_says_everything_about_its_paper_in_both_parts(renderer: Renderer) -> None:
    mail = renderer.digest(digest([entry()], names=["三维高斯泼溅"]), LINKS, topics=("三维高斯泼溅",))
    for words in (check(mail.html).words, flat(mail.text)):
        assert TITLES["zh-CN"] in words
        assert TITLES["en"] in words
        assert "Mira Olsen, Jun-ichi Sató, Li Wei + 2" in words
        assert "Ana Pérez" not in words
        assert "2026年11月18日" in words
        assert "cs.CV" in words
        assert "标题含“Gaussian Splatting”" in words
        assert "我们提出一种方法" in words
        assert "由 LibreTranslate 翻译" in words
        assert "Thank you to arXiv for use of its open access interoperability." in words
        assert "Example Street 1 · help@example.org" in words
    for link in (
        "https://arxiv.org/abs/2611.01234",
        "https://github.com/example/codebook-splats",
        *(LINKS.preferences, LINKS.unsubscribe, LINKS.view),
    ):
        assert f'href="{link}"' in mail.html
        assert re.search(rf"(^|\s){re.escape(link)}$", mail.text, re.MULTILINE)
    for link in (
        "https://arxiv.org/pdf/2611.01234",
        "https://arxiv.org/html/2611.01234v1",
        "https://example.github.io/codebook-splats/",
    ):
        assert f'href="{link}"' in mail.html


def test_the_top_tells_date_count_and_topics_and_holds_the_unsubscribe_link(renderer: Renderer) -> None:
    mail = renderer.digest(digest(entries(7), entries(0), names=["NeRF", "SLAM"]), LINKS, topics=("NeRF", "SLAM"))
    words = check(mail.html).words
    assert words.index("2026年11月20日星期五") < words.index("7 篇论文") < words.index("本期目录")
    assert mail.html.index(LINKS.unsubscribe) < len(mail.html) / 3
    assert mail.text.index(LINKS.unsubscribe) < len(mail.text) / 3
    assert mail.subject == f"7 篇论文 · {TITLES['zh-CN']}"
    assert "NeRF 7" in words.replace("\N{NO-BREAK SPACE}", " ")


def test_titles_in_the_contents_lead_to_the_papers_and_need_no_anchor(renderer: Renderer) -> None:
    html = renderer.digest(digest(entries(3)), LINKS, topics=("NeRF",)).html
    contents = html[html.index("本期目录") : html.index("<h3")]
    assert re.findall(r'<li><a href="([^"]+)"', contents) == [f"https://arxiv.org/abs/2611.0000{n}" for n in (1, 2, 3)]
    # Where anchors work, an arrow leads to the topic: to an empty element of both spellings.
    assert 'href="#g-topic-0"' in contents
    assert '<a id="g-topic-0" name="g-topic-0"></a>' in html


def test_a_topic_without_papers_is_not_shown_as_a_heading(renderer: Renderer) -> None:
    mail = renderer.digest(digest([entry()], [], names=["Shown", "Hidden"]), LINKS, topics=())
    assert "Shown" in mail.html
    assert "Hidden" not in mail.html + mail.text


def test_an_untranslated_paper_is_marked_and_keeps_the_direction_of_its_words(renderer: Renderer) -> None:
    plain = entry("ar", title=TITLES["en"], abstract="English words.", translated=False, engine="")
    mail = renderer.digest(digest([plain], language="ar"), LINKS, topics=())
    assert "لم تُترجم بعد: هذا هو النص الأصلي." in check(mail.html).words
    assert "لم تُترجم بعد: هذا هو النص الأصلي." in mail.text
    assert re.search(r'<p class="m" lang="en" dir="ltr" style="text-align:left">English words. <a', mail.html)
    assert "LibreTranslate" not in mail.html
    assert check(mail.html).words.count(TITLES["en"]) == 2  # contents and card, but no "original title"


def test_an_english_reader_sees_no_word_of_translation(renderer: Renderer) -> None:
    mail = renderer.digest(digest([entry("en")], language="en"), LINKS, topics=("NeRF",))
    assert "ranslat" not in check(mail.html).words + mail.text
    assert mail.subject == f"1 paper · {TITLES['en']}"


def test_samples_are_marked_once_and_lead_to_our_page(renderer: Renderer) -> None:
    sample = entry("en", of=paper("sample-01", source="sample", links=()))
    mail = renderer.digest(digest([sample], language="en"), LINKS, topics=())
    for words in (check(mail.html).words, flat(mail.text)):
        assert words.count("samples that were made up") == 1
        assert "Sample: " not in words
    assert "https://papers.example.org/papers/sample-01" in mail.html
    assert "arxiv.org" not in mail.html + mail.text


def test_a_withdrawn_paper_and_a_later_version_are_marked(renderer: Renderer) -> None:
    mail = renderer.digest(digest([entry("en", of=paper(version=3, withdrawn=True))], language="en"), LINKS, topics=())
    assert "Withdrawn by its authors." in check(mail.html).words
    assert "v3" in mail.html
    assert "v3" in mail.text


def test_an_empty_welcome_is_kind_and_has_no_contents(renderer: Renderer) -> None:
    empty = Digest(date=DAY, language="en", groups=(), welcome=True)
    mail = renderer.digest(empty, LINKS, topics=("NeRF",))
    assert mail.subject == "Welcome to Paper Morning"
    for words in (check(mail.html).words, flat(mail.text)):
        assert "None of the newest papers is about your topics yet." in words
        assert "In this mail" not in words
        assert "0 papers" not in words


def test_a_first_digest_with_papers_says_welcome(renderer: Renderer) -> None:
    mail = renderer.digest(digest([entry("en")], language="en", welcome=True), LINKS, topics=())
    assert "Welcome! This is your first mail" in check(mail.html).words


def test_many_chosen_topics_are_counted_not_listed(renderer: Renderer) -> None:
    groups = [(entry("en", of=paper(f"2611.{n:05d}")),) for n in range(40)]
    mail = renderer.digest(digest(*groups, language="en", names=[f"Topic no. {n}" for n in range(40)]), LINKS, topics=())
    head = check(mail.html).words.partition("In this mail")[0]
    assert "Topic no. 7" in head
    assert "Topic no. 8" not in head
    assert "+ 32" in head
    assert len(mail.subject) <= 90


def test_only_web_addresses_become_links(renderer: Renderer) -> None:
    bad = ("javascript:alert(1)", "ftp://example.org/x", "https://e.org/'onclick='x", "https://e.org/" + "a" * 600, "//e.org", "")
    links = tuple(PaperLink(LinkKind.CODE, url, "comment") for url in bad)
    mail = renderer.digest(digest([entry("en", of=paper(links=links))], language="en"), LINKS, topics=())
    check(mail.html)
    assert ">Code<" not in mail.html
    assert "Code:" not in mail.text


def test_a_mail_without_a_browser_view_offers_none(renderer: Renderer) -> None:
    links = ReaderLinks(LINKS.preferences, LINKS.unsubscribe, LINKS.one_click)
    assert "View in browser" not in renderer.digest(digest([entry("en")], language="en"), links, topics=()).html


@pytest.mark.parametrize("reason", ["title: 3D, splats (3x)", "NeRF, title: NeRF", "query 7", "", "title:", ": ,"])
def test_any_reason_can_be_shown(renderer: Renderer, reason: str) -> None:
    mail = renderer.digest(digest([entry("en", reason=reason)], language="en"), LINKS, topics=())
    check(mail.html)
    assert "(3x)" not in mail.html


# ---------------------------------------------------------------- languages


@pytest.mark.parametrize("code", CODES)
def test_each_language_has_its_code_direction_and_wrapped_text(renderer: Renderer, code: str) -> None:
    mail = renderer.digest(digest(entries(2, code), language=code), LINKS, topics=("NeRF",))
    outline = check(mail.html)
    assert outline.values("lang")[0] == code
    assert outline.values("dir")[0] == ("rtl" if code in ("ar", "he", "fa") else "ltr")
    assert outline.values("dir").count("auto") == 1  # the imprint, which may be in any language
    for line in mail.text.splitlines():
        assert display_width(line) <= WIDTH or "https://" in line


def test_the_interface_of_a_language_without_catalogue_is_english_and_says_so(renderer: Renderer) -> None:
    mail = renderer.digest(digest([entry("fa")], language="fa"), LINKS, topics=())
    assert "Friday, November 20, 2026" in mail.html
    assert re.search(r'<div dir="ltr" lang="en"[^>]*>\s*<a[^>]*></a>\s*<p[^>]*>Paper Morning', mail.html)


def test_an_unknown_language_code_reads_english(renderer: Renderer) -> None:
    mail = renderer.digest(Digest(date=DAY, language="xx", groups=(), welcome=True), LINKS, topics=())
    assert mail.subject == "Welcome to Paper Morning"


def test_formulas_are_set_apart_where_text_runs_right_to_left(renderer: Renderer) -> None:
    arabic = renderer.digest(digest([entry("ar", abstract=r"x $a<b$ y $\frac{a}{b}$")], language="ar"), LINKS, topics=()).html
    assert '<span dir="ltr">a &lt; b</span>' in arabic
    assert r'<span dir="ltr">$\frac{a}{b}$</span>' in arabic
    english = renderer.digest(digest([entry("en", abstract="x $a<b$ y")], language="en"), LINKS, topics=()).html
    assert "x a &lt; b y" in english


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize(("kind", "fact"), NOTICES)
def test_each_letter_holds_its_link_in_both_parts(renderer: Renderer, code: str, kind: MailKind, fact: str) -> None:
    mail = renderer.notice(kind, code, {fact: "https://papers.example.org/x/abc?a=1&b=2"})
    outline = check(mail.html)
    assert outline.values("href").count("https://papers.example.org/x/abc?a=1&b=2") == 2
    assert "https://papers.example.org/x/abc?a=1&b=2" in mail.text.splitlines()
    assert mail.subject
    assert "\n" not in mail.subject


@pytest.mark.parametrize(("kind", "fact"), NOTICES)
def test_a_letter_without_its_link_is_refused(renderer: Renderer, kind: MailKind, fact: str) -> None:
    with pytest.raises(PermanentError, match=fact):
        renderer.notice(kind, "en", {})


@pytest.mark.parametrize("code", CODES)
def test_both_letters_about_a_move_name_the_other_address(renderer: Renderer, code: str) -> None:
    note = renderer.notice(MailKind.MOVED, code, {"moved_to": "n…@example.net"})
    asked = renderer.notice(MailKind.CONFIRM, code, {"confirm_url": "https://e.org/c", "moved_from": "r…@example.org"})
    for mail, address in ((note, "n…@example.net"), (asked, "r…@example.org")):
        assert re.search(rf'<span dir="ltr"[^>]*>{address}</span>', mail.html)
        assert address in mail.text.splitlines()
        check(mail.html)
    assert "mailto:help@example.org" in note.html


def test_a_digest_is_no_letter(renderer: Renderer) -> None:
    with pytest.raises(PermanentError):
        renderer.notice(MailKind.DIGEST, "en", {})


def test_letters_are_translated(renderer: Renderer) -> None:
    subject = renderer.notice(MailKind.CONFIRM, "ja", {"confirm_url": "https://papers.example.org/c"}).subject
    assert subject == translations_for("ja").gettext("Please confirm your address") != "Please confirm your address"


# ---------------------------------------------------------------- length


def test_fifty_huge_cards_are_cut_to_whole_cards_and_counted(renderer: Renderer) -> None:
    huge = entries(80, abstract="渲染质量，" * 400, title="高斯泼溅" * 60)
    mail = renderer.digest(digest(huge[:77], huge[77:], names=["NeRF", "SLAM"], more=5), LINKS, topics=("NeRF", "SLAM"))
    outline = check(mail.html)
    assert len(mail.html.encode()) <= 90_000
    assert len(mail.html.encode()) > 75_000
    shown = outline.tags.count("h3")
    assert f"另有 {80 - shown + 5} 篇论文" in outline.words
    assert f"另有 {80 - shown + 5} 篇论文" in mail.text
    assert "https://papers.example.org/archive/2026-11-20" in mail.html
    assert "https://papers.example.org/archive/2026-11-20" in mail.text.splitlines()
    assert mail.text.count("https://arxiv.org/abs/") == shown
    assert outline.tags.count("li") == shown
    # The longest topic gives first.
    assert {f"https://arxiv.org/pdf/2611.000{n}" for n in (78, 79, 80)} <= set(outline.values("href"))
    assert f"{shown}/85" in outline.words


def test_the_size_counts_line_ends_as_they_travel(renderer: Renderer) -> None:
    mail = renderer.digest(digest(entries(60, abstract="渲染质量，" * 150)), LINKS, topics=())
    assert len(mail.html.replace("\n", "\r\n").encode()) <= 90_000


def test_a_digest_that_fits_is_not_cut(renderer: Renderer) -> None:
    mail = renderer.digest(digest(entries(20)), LINKS, topics=())
    assert check(mail.html).tags.count("h3") == 20
    assert "/archive/" not in mail.html + mail.text


def test_a_mail_of_the_weekend_leads_to_the_page_of_the_announcement(renderer: Renderer) -> None:
    saturday = replace(digest(entries(3), more=5), date=DAY + dt.timedelta(days=1))
    assert f"/archive/{DAY.isoformat()}" in renderer.digest(saturday, LINKS, topics=()).html
