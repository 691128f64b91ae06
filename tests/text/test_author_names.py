"""One key for the ways in which a name is written; names taken apart for those who cite."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.text.author_names import LONGEST_KEY, author_key, initial_key, may_be_one, split_name


@pytest.mark.parametrize(
    ("key", "writings"),
    [
        ("ada-lovelace", ("Ada Lovelace", "ADA LOVELACE", "Lovelace, Ada", "Áda  Lovelace", "ada-lovelace", "Lovelace , Ada")),
        ("jean-pierre-serre", ("Jean-Pierre Serre", "Jean Pierre Serre", "Serre, Jean-Pierre")),
        ("j-p-serre", ("J.-P. Serre", "J.P. Serre", "J. P. Serre", "Serre, J.-P.")),
        ("martin-l-king", ("Martin L. King Jr.", "King, Jr., Martin L.", "King, Martin L., Jr.")),
        ("lukasz-kaiser", ("Łukasz Kaiser", "Lukasz Kaiser")),
        ("conor-oneil", ("Conor O'Neil", "Conor O’Neil", "Conor ONeil")),
        ("ludwig-van-beethoven", ("Ludwig van Beethoven", "van Beethoven, Ludwig")),
        ("张伟", ("张伟",)),
        ("atlas-collaboration", ("ATLAS Collaboration",)),
        ("", ("", "...", "42", "—", ",", "\x00")),
    ],
)
def test_a_name_has_one_key_however_it_is_written(key: str, writings: tuple[str, ...]) -> None:
    assert {author_key(one) for one in writings} == {key}


def test_names_that_differ_have_different_keys() -> None:
    names = ("Ada Lovelace", "Adam Lovelace", "Ada B. Lovelace", "A. Lovelace", "Lovelace Ada", "Ada Love-Lace")
    assert len({author_key(one) for one in names}) == len(names)


@given(st.text(max_size=200))
def test_the_key_of_any_text_is_short_and_its_own_key(text: str) -> None:
    key = author_key(text)
    assert len(key) <= LONGEST_KEY and len(initial_key(key)) <= LONGEST_KEY
    assert author_key(key) == key


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("John Smith", "J. Smith", True),
        ("John K. Smith", "John Smith", True),
        ("John K. Smith", "J. Kurt Smith", True),
        ("John Smith", "Jane Smith", False),
        ("John K. Smith", "John L. Smith", False),
        ("John Smith", "John Smythe", False),
        ("Smith", "John Smith", False),
    ],
)
def test_initials_may_stand_for_names(one: str, other: str, same: bool) -> None:
    assert may_be_one(author_key(one), author_key(other)) is same
    assert may_be_one(author_key(other), author_key(one)) is same


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Ada B. Lovelace", ("Lovelace", "Ada B.")),
        ("Lovelace, Ada", ("Lovelace", "Ada")),
        ("Ludwig van Beethoven", ("van Beethoven", "Ludwig")),
        ("King, Jr., Martin", ("King", "Martin")),
        ("Martin King Jr.", ("King Jr.", "Martin")),
        ("The ATLAS Collaboration", ("The ATLAS Collaboration", "")),
        ("张伟", ("张伟", "")),
        ("Lovelace,", ("Lovelace", "")),
        ("", ("", "")),
    ],
)
def test_a_name_is_taken_apart(name: str, parts: tuple[str, str]) -> None:
    assert split_name(name) == parts
