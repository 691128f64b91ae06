"""Two changes of one sequence brought together."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from newsletter.collection.merging import merged

SEQUENCES = st.lists(st.sampled_from("abcd"), max_size=6)


def together(base: str, mine: str, theirs: str) -> str | None:
    both = merged(base, mine, theirs)
    return None if both is None else "".join(both)


def test_changes_of_different_items_both_stand() -> None:
    assert together("abc", "aXc", "abcY") == "aXcY"
    assert together("abc", "abX", "aYbc") == "aYbX"


def test_changes_of_neighbours_both_stand() -> None:
    assert together("ab", "Xb", "aY") == "XY"


def test_changes_of_one_item_do_not_go_together() -> None:
    assert together("abc", "aXc", "aYc") is None
    assert together("abc", "ac", "aYc") is None


def test_what_both_put_in_one_place_stands_twice_and_the_same_once() -> None:
    assert together("ab", "aXb", "aYb") == "aYXb"
    assert together("ab", "aXb", "aXb") == "aXb"


@given(SEQUENCES, SEQUENCES)
def test_a_change_beside_none_stands_as_it_is(base: list[str], changed: list[str]) -> None:
    assert merged(base, changed, base) == tuple(changed)
    assert merged(base, base, changed) == tuple(changed)
    assert merged(base, changed, changed) == tuple(changed)


@given(SEQUENCES, SEQUENCES, SEQUENCES)
def test_nothing_that_anybody_put_in_is_lost(base: list[str], mine: list[str], theirs: list[str]) -> None:
    both = merged(base, mine, theirs)
    if both is not None:
        assert {*mine, *theirs} - {*base} <= set(both)
