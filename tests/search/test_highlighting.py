"""The words that were found are marked where they stand, in every script, and the rest of a text stays as it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.search.highlighting import excerpt, marked
from newsletter.search.terms import asked, indexed, placed_terms


def found(text: str, query: str) -> list[str]:
    return [piece.text for piece in marked(text, asked(query)) if piece.found]


@pytest.mark.parametrize(
    ("text", "query", "marks"),
    [
        ("3D Gaussian Splatting of Rooms", "splatting", ["Splatting"]),
        ("3D Gaussian Splatting of Rooms", '"gaussian splatting"', ["Gaussian Splatting"]),
        ("Gaussian noise, Gaussian splats", '"gaussian splat"', ["Gaussian splats"]),
        ("Gaussian noise, Gaussian splats", "gaussian", ["Gaussian", "Gaussian"]),
        ("潮汐的扩散模型", "扩散模型", ["扩散模型"]),
        ("潮汐的擴散模型很好", "擴散模型", ["擴散模型"]),
        ("潮汐的扩散模型", "扩模", []),
        ("潮汐的扩散模型", "模", ["模"]),
        ("扩散NeRF模型", "扩散nerf模型", ["扩散NeRF模型"]),
        ("النموذج الانتشاري", "نموذج", ["النموذج"]),
        ("A Schrödinger bridge", "schrodinger", ["Schrödinger"]),
        ("ガウシアンの部屋", "ガウシアン", ["ガウシアン"]),
        ("가우시안 스플래팅", "가우시안", ["가우시안"]),
        ("ﬁne-tuning", "fine tuning", ["ﬁne", "tuning"]),
        ("nothing", "", []),
        ("", "nothing", []),
    ],
)
def test_what_was_asked_for_is_marked(text: str, query: str, marks: list[str]) -> None:
    assert found(text, query) == marks


@given(text=st.text(max_size=80), query=st.text(max_size=30))
def test_marking_changes_no_letter_of_a_text(text: str, query: str) -> None:
    pieces = marked(text, asked(query))
    assert "".join(piece.text for piece in pieces) == text
    assert all(piece.text for piece in pieces)


@given(
    st.text(
        st.characters(categories=("Lu", "Ll", "Nd", "Zs", "Po"), max_codepoint=0x24F) | st.sampled_from("高斯泼溅がガ한نموذج "),
        max_size=60,
    )
)
def test_terms_with_places_are_those_of_the_index(text: str) -> None:
    assert placed_terms(text)[0] == indexed(text).split()


def test_an_excerpt_holds_the_first_word_found_however_late_it_stands() -> None:
    text = "word " * 200 + "a splatting of rooms" + " tail" * 100
    pieces = excerpt(text, asked("splatting"), length=100)
    assert [piece.text for piece in pieces if piece.found] == ["splatting"]
    whole = "".join(piece.text for piece in pieces)
    assert whole.startswith("… word") and whole.endswith("…")
    assert len(whole) < 125


@pytest.mark.parametrize("text", ["", "short", "潮" * 500, "word " * 100])
def test_an_excerpt_without_a_find_is_the_beginning(text: str) -> None:
    whole = "".join(piece.text for piece in excerpt(text, asked("other"), length=100))
    assert text.startswith(whole.removesuffix("…"))
    assert len(whole) <= 111


RUNS = st.lists(st.sampled_from(["字", "字字字", "字词", "a", "ab ab ", " ", '"']), max_size=9).map("".join)


@given(text=RUNS, query=RUNS)
def test_every_place_of_a_phrase_is_marked_in_a_text_that_repeats_itself(text: str, query: str) -> None:
    placed, phrases = list(zip(*placed_terms(text), strict=True)), asked(query)
    covered = set()
    for phrase in phrases:
        count = len(phrase.terms)
        for first in range(len(placed) - count + 1):
            terms = [term for term, _, _ in placed[first : first + count]]
            last = terms.pop()
            if (*terms, last) == phrase.terms or (
                phrase.beginning and tuple(terms) == phrase.terms[:-1] and last.startswith(phrase.terms[-1])
            ):
                end = placed[first + count - 1][1] + 1 if phrase.beginning else placed[first + count - 1][2]
                covered |= set(range(placed[first][1], end))
    at = 0
    for piece in marked(text, phrases):
        assert [place in covered for place in range(at, at + len(piece.text))] == [piece.found] * len(piece.text)
        at += len(piece.text)


def test_a_long_text_of_one_sign_is_marked_whole() -> None:
    # Once the work was the product of the two lengths; so long, that would take longer than any test may.
    assert found("字" * 300_000, "字" * 6_000) == ["字" * 300_000]
