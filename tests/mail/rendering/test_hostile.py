"""Hostile words in papers, topics and settings: they stay words, in both parts, and never break a mail."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from newsletter.mail.rendering.plain_text import WIDTH, display_width
from newsletter.mail.rendering.renderer import Renderer, Site
from newsletter.values.mail import MailKind
from newsletter.values.papers import LinkKind, PaperLink
from tests.mail.html_checks import check
from tests.mail.samples import LINKS, TEMPLATES, digest, entry, paper

HOSTILE = [
    "<script>alert(1)</script>",
    "</p></td></table></body></html>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "<mj-raw><b>bold</b></mj-raw></mj-text>",
    "<!-- part cards --> x <!-- end cards -->",
    "<!--[if mso]>",
    "{{ 7 * 7 }} {% for x in y %} {# no #}",
    "{{ links.preferences }}",
    "%(num)s %s %d %%",
    "javascript:alert(1)",
    "\u202etxt.exe\u202c \u2066isolated",
    "nul \x00 bell \x07 escape \x1b c1 \x85\x9f",
    "line\u2028separator\u2029\r\nBcc: a@example.org",
    "lone \ud800 surrogate \udfff",
    "👩‍👩‍👧‍👦 🏳️‍🌈 é e\u0301",
    "a" * 10_000,
    "字" * 10_000,
    "& &amp; &#60; &lt;b&gt;",
    "$\\href{javascript:alert(1)}{x}$ $x^2$ $ $",
    "",
    " \t\n ",
]


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_words_stay_words(renderer: Renderer, words: str) -> None:
    bad = paper(
        title=words,
        abstract=words,
        authors=(words,) * 5,
        categories=(words,),
        links=(PaperLink(LinkKind.CODE, words, "comment"), PaperLink(LinkKind.PROJECT, "https://e.org/" + words, "comment")),
    )
    for language in ("en", "ar"):
        shown = entry(language, of=bad, title=words, abstract=words, topics=(words,) * 9, reason=words, engine=words, topic=words)
        other = entry(language, of=paper("2611.09999"))
        mail = renderer.digest(digest([shown, other], language=language, names=[words]), LINKS, topics=(words,) * 9)
        check(mail.html)
        assert len(mail.html.encode()) <= 90_000
        assert mail.html.count("<h3") == 2
        assert "49" not in mail.subject
        assert len(mail.subject) <= 90
        assert not re.search(
            "[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]", mail.text + mail.subject
        )
        assert "\n" not in mail.subject
        assert all(display_width(line) <= WIDTH or "://" in line for line in mail.text.splitlines())


def test_an_imprint_that_begins_with_the_name_of_the_site_says_it_once(cache: Path) -> None:
    site = Site("Paper Morning", "https://papers.example.org", imprint="Paper Morning, Example Street 1")
    html = (
        Renderer(templates=TEMPLATES, cache=cache, site=site)
        .notice(MailKind.GOODBYE, "en", {"back_url": "https://papers.example.org/b"})
        .html
    )
    assert "Paper Morning · " not in html
    assert "Paper Morning, Example Street 1" in html


def test_a_hostile_site_name_and_imprint_stay_words(cache: Path) -> None:
    site = Site("<b>{{ 7*7 }}</b>", "https://papers.example.org", imprint="<script>1</script>" * 200)
    renderer = Renderer(templates=TEMPLATES, cache=cache, site=site)
    check(renderer.digest(digest([entry()]), LINKS, topics=()).html)
    check(renderer.notice(MailKind.CONFIRM, "en", {"confirm_url": "https://papers.example.org/c"}).html)


def test_a_section_of_an_odd_slug_has_a_clean_anchor(renderer: Renderer) -> None:
    made = digest([entry("en")], language="en")
    odd = replace(made, groups=(replace(made.groups[0], slug='q:"7" <x>'),))
    assert "#g-q--7---x-" in check(renderer.digest(odd, LINKS, topics=()).html).values("href")
