"""Feedback in a digest: two links on each card with the reader's own address, and why a paper was lifted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from newsletter.mail.rendering import Renderer, Site
from newsletter.showing import Because, Layout
from tests.mail.samples import LINKS, TEMPLATES, digest, entries, entry

OTHER = replace(LINKS, preferences="https://papers.example.org/preferences/another")
SITE = Site("Paper Morning", "https://papers.example.org")


@pytest.fixture
def renderer(tmp_path: Path) -> Renderer:
    return Renderer(templates=TEMPLATES, cache=tmp_path, site=SITE)


def test_each_card_has_both_links_of_its_own_reader_in_both_parts(renderer: Renderer) -> None:
    shown = entries(12)
    for links in (LINKS, OTHER, LINKS):
        mail = renderer.digest(digest(shown, language="zh-CN"), links, topics=())
        for one in shown:
            for say in ("more", "less"):
                address = f"{links.feedback}/{one.paper.ref}?say={say}"
                assert mail.html.count(f'"{address}"') == 1
                assert mail.text.count(f"{address}\n") == 1
    assert "another" not in mail.html + mail.text


def test_the_reason_stands_on_its_card_alone_and_in_the_readers_mail_alone(renderer: Renderer) -> None:
    first, second = (replace(one, paper=replace(one.paper, id=number)) for number, one in enumerate(entries(2), start=1))
    plain = digest([first, second], language="en")
    lifted = replace(plain, because={2: Because("splatting", 3)})
    for chosen, count in ((lifted, 1), (plain, 0), (lifted, 1)):
        mail = renderer.digest(chosen, LINKS, topics=())
        for part in (mail.html, mail.text):
            assert part.count("because you liked 3 papers on “splatting”") == count
    mail = renderer.digest(lifted, LINKS, topics=())
    assert mail.html.index(f'id="p-{second.paper.ref}"') < mail.html.index("because you liked")


def test_a_word_from_a_paper_is_escaped(renderer: Renderer) -> None:
    one = replace(entry("en"), paper=replace(entry("en").paper, id=1))
    mail = renderer.digest(replace(digest([one], language="en"), because={1: Because("<b>&", 1)}), LINKS, topics=())
    assert "“&lt;b&gt;&amp;”" in mail.html
    assert "“<b>&”" in mail.text


def test_a_brief_digest_asks_nothing(renderer: Renderer) -> None:
    mail = renderer.digest(replace(digest(entries(3), language="en"), layout=Layout.BRIEF), LINKS, topics=())
    assert "/feedback/" not in mail.html + mail.text
