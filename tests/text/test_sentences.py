"""Sentences: where they end in English and in translations, and whether marks stay in theirs."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.text.sentences import same_places, sentences


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        (
            "It grows by 3.5 points, e.g. Here. See Fig. 2 (cf. Table 1).",
            ["It grows by 3.5 points, e.g. Here.", "See Fig. 2 (cf. Table 1)."],
        ),
        ('He says "no." Then (really.) He goes', ['He says "no."', "Then (really.)", "He goes"]),
        ("一。二！「三。」四", ["一。", "二！", "「三。」", "四"]),
        ("用 3.5 倍。代码：https://a.org/b。", ["用 3.5 倍。", "代码：https://a.org/b。"]),
        ("Das ist z. B. Wasser, vgl. Abb. 3. Wir bzw. Sie gehen.", ["Das ist z. B. Wasser, vgl. Abb. 3.", "Wir bzw. Sie gehen."]),
        ("هل هذا صحيح؟ نعم. انتهى", ["هل هذا صحيح؟", "نعم.", "انتهى"]),
        # Some abstracts lack the space.
        (
            "We sort by style.Despite this, etc. works, approx. so. Go",
            ["We sort by style.", "Despite this, etc. works, approx. so.", "Go"],
        ),
        # No sentence begins with the end of a file's or site's name; initials end none.
        ("See www.Example.Com now. We use Node.Js and", ["See www.Example.Com now.", "We use Node.Js and"]),
        ("Edit Main.Py and Config.Yaml files. Go", ["Edit Main.Py and Config.Yaml files.", "Go"]),
        ("By J.R.R. Smith in v2.1.New, i.e.The rest. See fig. 3", ["By J.R.R. Smith in v2.1.New, i.e.The rest.", "See fig. 3"]),
        ("Intel vs. AMD in the U.S. The end", ["Intel vs. AMD in the U.S.", "The end"]),
        ("no stop", ["no stop"]),
        ("  ", []),
    ],
)
def test_sentences_end_where_a_reader_sees_their_end(text: str, parts: list[str]) -> None:
    assert sentences(text) == parts


@given(st.text(alphabet="aB. !?。\n)1", max_size=60))
def test_nothing_is_lost_between_sentences(text: str) -> None:
    assert "".join("".join(sentences(text)).split()) == "".join(text.split())


def marks(*texts: str) -> list[Counter[str]]:
    return [Counter(text) for text in texts]


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        (("ab", "c"), ("ba", "c"), True),
        (("ab", "c"), ("a", "bc"), False),
        (("a", "b"), ("b", "a"), False),
        (("a", "b", "c"), ("ab", "c"), True),
        (("a", "b", "c"), ("ac", "b"), False),
        (("ab", "c"), ("a", "b", "c"), True),
        (("ab", "c"), ("a", "c", "b"), False),
        (("abc",), ("c", "b", "a"), True),
        (("a", "b"), ("ab",), True),
        (("a", "b"), ("aab", "b"), True),
        ((), (), True),
    ],
)
def test_sentences_may_be_joined_or_parted_but_not_exchange_marks(
    before: tuple[str, ...], after: tuple[str, ...], same: bool
) -> None:
    assert same_places(marks(*before), marks(*after)) is same


@given(st.lists(st.text(alphabet="abc", max_size=3), min_size=1, max_size=8), st.data())
def test_joining_neighbours_moves_nothing(texts: list[str], data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.sets(st.integers(1, len(texts)))) | {len(texts)})
    joined = ["".join(texts[start:end]) for start, end in zip([0, *cuts], cuts, strict=False)]
    assert same_places(marks(*texts), marks(*joined))
    assert same_places(marks(*joined), marks(*texts))
