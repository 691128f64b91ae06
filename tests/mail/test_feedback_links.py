"""The links to feedback on each card, with the reader's own token, and the line that says what feedback moved up."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.mail.rendering.encoding import TOKEN, TOKEN_PLACEHOLDER, Rendered, encoded_token, encoded_without_tokens
from newsletter.mail.rendering.renderer import Renderer
from newsletter.mail.signed_links import TOKEN_LENGTH
from newsletter.values.readers import Explanation
from tests.mail.html_checks import check
from tests.mail.samples import LINKS, digest, entries, entry, paper

OTHER = "Z" * TOKEN_LENGTH


@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.just("\n"), max_size=90), min_size=1, max_size=4))
def test_a_token_in_its_slots_gives_the_text_with_the_token_whatever_stands_around(texts: list[str]) -> None:
    links = [f'{text}<a href="https://example.org/feedback' for text in texts]
    pieces, size = encoded_without_tokens("".join(f'{link}{TOKEN_PLACEHOLDER}1">x</a>' for link in links))
    whole = b"".join(encoded_token(OTHER) if piece is TOKEN else piece for piece in pieces)
    read = Rendered("", (whole,), ()).html
    expected = "".join(f'{link}/{OTHER}/1">x</a>' for link in links)
    assert read.split() == expected.split()
    assert size % 57 == 0
    assert all(len(line) == 76 for line in whole.decode().split("\r\n")[:-1])


def test_each_card_has_its_links_with_the_readers_token_once(renderer: Renderer) -> None:
    first = renderer.digest(digest(entries(12)), LINKS, topics=())
    second = renderer.digest(digest(entries(12)), replace(LINKS, token=OTHER), topics=())
    for mail, token in ((first, LINKS.token), (second, OTHER)):
        links = [href for href in check(mail.html).values("href") if "/feedback/" in href]
        expected = [
            f"https://papers.example.org/feedback/{token}/2611.{n:05d}?say={say}"
            for n in range(1, 13)
            for say in ("more", "less", "later", "off", "follow")
        ]
        assert links == expected
        # In the text part one link leads to all of it.
        assert [line.split()[-1] for line in mail.text.splitlines() if "/feedback/" in line] == [
            f"https://papers.example.org/feedback/{token}"
        ]
        assert "\x04" not in mail.html + mail.text


def test_a_reader_without_a_token_gets_cards_without_these_links(renderer: Renderer) -> None:
    mail = renderer.digest(digest(entries(2)), replace(LINKS, token=""), topics=())
    assert "/feedback" not in mail.html + mail.text


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "Because you liked 3 papers on “<splats>”"), ("zh-CN", "因为您喜欢过 3 篇关于“<splats>”的论文")],
)
def test_what_feedback_moved_up_is_told_on_its_card_alone(renderer: Renderer, language: str, words: str) -> None:
    cards = tuple(entry(language, of=paper(f"2611.0000{n}", id=n)) for n in (1, 2))
    told = replace(digest(cards, language=language), explanations={2: Explanation("<splats>", 3)})
    mail = renderer.digest(told, LINKS, topics=())
    outline = check(mail.html)
    assert outline.words.count(words) == 1
    assert outline.words.index(words) > outline.words.rindex("PDF"), "on the second card"
    lines = mail.text.splitlines()
    assert lines.count(words) == 1
    assert "[3]" in lines[lines.index(words) - 2], "below the links of the second card"
