"""Long texts in pieces: nothing lost, nothing cut in the middle, joined as the script wants it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.errors import PermanentError
from newsletter.translation.chunks import join, pieces

words = st.text(alphabet="abc.ZQ1<x/>", min_size=1, max_size=12)


@given(st.lists(words, min_size=1, max_size=60).map(" ".join), st.integers(min_value=12, max_value=80))
def test_pieces_hold_all_words_in_order_within_the_limit(text: str, limit: int) -> None:
    found = pieces(text, limit)
    assert all(0 < len(piece) <= limit for piece in found)
    assert " ".join(found).split() == text.split()


def test_a_text_within_the_limit_stays_as_it_is() -> None:
    assert pieces("One  two.\nThree.", 20) == ["One  two.\nThree."]


def test_cuts_stand_at_the_ends_of_sentences_and_not_in_decimals() -> None:
    assert pieces("It grows by 3.5 points. It works! Does it? Yes.", 26) == ["It grows by 3.5 points.", "It works! Does it? Yes."]


def test_a_long_sentence_is_cut_between_words() -> None:
    assert pieces("one two three four", 9) == ["one two", "three", "four"]


def test_a_word_longer_than_the_limit_is_refused_with_the_limit_named() -> None:
    with pytest.raises(PermanentError, match="limit of 5"):
        pieces("a verylongword", 5)


@pytest.mark.parametrize(
    ("parts", "spaceless", "text"),
    [
        (["一。", "二。"], True, "一。二。"),
        (["用 NeRF", "LLM 也"], True, "用 NeRF LLM 也"),
        (["Eins.", "Zwei."], False, "Eins. Zwei."),
        (["하나.", "둘."], False, "하나. 둘."),
        (["allein"], False, "allein"),
        ([], False, ""),
    ],
)
def test_pieces_are_joined_as_the_script_wants_it(parts: list[str], spaceless: bool, text: str) -> None:
    assert join(parts, spaceless=spaceless) == text
