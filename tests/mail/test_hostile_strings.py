"""Five hundred hostile strings as title, abstract, author, translation, TL;DR, topic and query: words in both parts, nothing else."""

from __future__ import annotations

import re

from newsletter.i18n.phrases import query_name
from newsletter.mail.rendering.plain_text import WIDTH, display_width
from newsletter.mail.rendering.renderer import Renderer
from newsletter.topics.saved_queries import followed_author
from newsletter.values.digests import Digest, Group
from newsletter.values.readers import Layout
from tests.mail.hostile import STRINGS
from tests.mail.html_checks import check
from tests.mail.reading_back import made, parsed
from tests.mail.samples import DAY, LINKS, entry, paper

UNWANTED = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def hostile_digest(words: str, language: str, layout: Layout) -> Digest:
    bad = paper(title=words, abstract=words, authors=(words,) * 4, categories=(words,), comment=words)
    shown = entry(language, of=bad, title=words, abstract=words, tldr=words, topics=(words,) * 3, reason=words, engine=words)
    other = entry(language, of=paper("2611.09999"))
    groups = (Group("topic", words, (shown,)), Group("q:1", query_name(words, language, author=followed_author(words)), (other,)))
    return Digest(date=DAY, language=language, groups=groups, layout=layout)


def test_there_are_five_hundred_of_them() -> None:
    assert len(STRINGS) >= 500
    assert len(set(STRINGS)) == len(STRINGS)


def test_no_hostile_string_is_active_or_breaks_a_mail(renderer: Renderer) -> None:
    for n, words in enumerate(STRINGS):
        # In turn: each of the 51 strings comes in each layout, in some of its disguises.
        language, layout = (("en", Layout.STANDARD), ("ar", Layout.BILINGUAL), ("zh-CN", Layout.BRIEF))[(n + n // 51) % 3]
        mail = renderer.digest(hostile_digest(words, language, layout), LINKS, topics=(words, "NeRF"))
        outline = check(mail.html)
        assert outline.tags.count("h3") == (0 if layout is Layout.BRIEF else 2), words[:60]
        assert len(mail.html.encode()) <= 90_000
        assert not UNWANTED.search(mail.text + mail.subject), words[:60]
        assert not re.search(r"^\[\d+\] https?://e\.org", mail.text, re.MULTILINE), "no address of theirs is a footnote"
        assert all(display_width(line) <= WIDTH or "://" in line for line in mail.text.splitlines()), words[:60]
        message = parsed(made(mail))
        assert message["Bcc"] is None
        assert message["To"] == "reader@example.net"
