"""Reading a query: what it says comes back, and a wrong one is told with its place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.errors import InputError
from newsletter.topics.queries.parser import parse
from newsletter.topics.queries.syntax import And, Field, Not, Or, Query, Term, holds, show
from tests.topics.queries.making import ANY_QUERY, QUERIES

A, B, C = Term("a"), Term("b"), Term("c")

READS: dict[str, Query] = {
    "a": A,
    '"a b"': Term("a b"),
    "“a b”": Term("a b"),
    '"  a   b "': Term("a b"),
    "a AND b": And((A, B)),
    "a AND b AND c": And((A, B, C)),
    "a OR b AND c": Or((A, And((B, C)))),
    "(a OR b) AND c": And((Or((A, B)), C)),
    "((a))": A,
    "a AND (b AND c)": And((A, B, C)),
    "a AND NOT b": And((A, Not(B))),
    "a ANDNOT b": And((A, Not(B))),
    "a AND NOT (b OR c)": And((A, Not(Or((B, C))))),
    "ti:a": Term("a", Field.TITLE),
    'TI:"a b"': Term("a b", Field.TITLE),
    "ti: a": Term("a", Field.TITLE),
    "ti:(a OR b)": Or((Term("a", Field.TITLE), Term("b", Field.TITLE))),
    "a AND NOT ti:b": And((A, Not(Term("b", Field.TITLE)))),
    "abs:a": Term("a", Field.ABSTRACT),
    'au:"Ada Lovelace"': Term("Ada Lovelace", Field.AUTHOR),
    "cat:cs.CV": Term("cs.CV", Field.CATEGORY),
    "cat:cs.*": Term("cs.", Field.CATEGORY, beginning=True),
    "all:a": A,
    "co:accepted": Term("accepted", Field.COMMENT),
    "comment:accepted": Term("accepted", Field.COMMENT),
    "splat*": Term("splat", beginning=True),
    '"gaussian splat*"': Term("gaussian splat", beginning=True),
    '"gaussian splat"*': Term("gaussian splat", beginning=True),
    '"AND"': Term("AND"),
    "and": Term("and"),
    '"snow:ball"': Term("snow:ball"),
    "a\n AND\tb": And((A, B)),
}


@pytest.mark.parametrize("text", READS)
def test_a_query_is_read_as_it_says(text: str) -> None:
    assert parse(text) == READS[text]


# The text, the column of the fault, and what is said of it.
WRONG = [
    ("", 1, "the query is empty"),
    ("   ", 4, "the query is empty"),
    ("()", 2, "a term is missing before this bracket"),
    ("a b", 3, "two terms stand side by side: put AND or OR"),
    ('a "b c"', 3, "two terms stand side by side"),
    ("a (b)", 3, "two terms stand side by side"),
    ("a ti:b", 3, "two terms stand side by side"),
    ("a and b", 3, "two terms stand side by side"),
    ("a NOT b", 3, "put AND before NOT"),
    ("a AND", 6, "a term is missing at the end"),
    ("a AND OR b", 7, "a term is missing before OR"),
    ("AND a", 1, "a term is missing before AND"),
    ("a AND NOT", 10, "a term is missing at the end"),
    ("(a OR b", 1, "this bracket is never closed"),
    ("a OR b)", 7, "this bracket was never opened"),
    ("a AND (b OR (c)", 7, "this bracket is never closed"),
    ('a AND "b', 7, "this quotation mark is never closed"),
    ('""', 1, "a term needs a letter or digit"),
    ("a AND ---", 7, "a term needs a letter or digit"),
    ("title:a", 1, "there is no field 'title': use ti:, abs:, au:, cat:, comment:"),
    (":a", 1, "there is no field ''"),
    ("a AND ti:", 10, "ti: needs a word"),
    ("ti:AND", 4, "ti: needs a word"),
    ("ti:(a OR abs:b)", 10, "abs: stands within ti:( ), and a term has one field"),
    ("ti:abs:a", 4, "ti: needs a word"),
    ("a*b", 1, "* may stand at the end"),
    ("*abc", 1, "* may stand at the end"),
    ("ab*", 1, "a beginning has at least 3 letters"),
    ("cat:computers!", 5, "write a category as arXiv does"),
    ("cat:cs_CV", 5, "write a category as arXiv does"),
    ("NOT a", 1, "this brings all papers but some"),
    ("a OR NOT b", 6, "this brings all papers but some"),
    ("a OR (NOT b AND NOT c)", 7, "this brings all papers but some"),
    ("(" * 21 + "a" + ")" * 21, 22, "at most 20 deep"),
    ("NOT " * 30 + "a", 85, "at most 20 deep"),
    (" OR ".join(f"w{number}" for number in range(101)), 691, "at most 100 words"),
    ("a" * 2001, 2001, "at most 2000 characters"),
]


@pytest.mark.parametrize(("text", "column", "why"), WRONG, ids=[f"{text[:20]} column {column}" for text, column, _ in WRONG])
def test_a_wrong_query_is_refused_with_the_place_of_the_fault(text: str, column: int, why: str) -> None:
    with pytest.raises(InputError) as caught:
        parse(text)
    said, shown, caret = str(caught.value).split("\n")
    assert said.startswith(f"column {column}: ")
    assert why in said
    assert caret.strip() == "^"
    assert len(shown) <= 76


def test_the_caret_stands_under_the_fault_also_in_a_long_query_and_after_wide_characters() -> None:
    with pytest.raises(InputError) as caught:
        parse("很长 AND " * 30 + "b)")
    _, shown, caret = str(caught.value).split("\n")
    before = caret.index("^")
    wide = sum(1 for sign in shown if sign in "很长")
    assert shown.rstrip().endswith(")")
    assert before == len(shown.rstrip()) - 1 + wide


@given(QUERIES)
def test_what_is_shown_reads_back_as_the_same_query(query: Query) -> None:
    assert parse(show(query)) == query


@given(ANY_QUERY)
def test_a_query_is_refused_only_where_it_holds_without_any_word(query: Query) -> None:
    if holds(query, lambda _: False):
        with pytest.raises(InputError, match="all papers but some"):
            parse(show(query))
    else:
        assert parse(show(query)) == query


@given(st.text(alphabet='ab ()":*ti=-AND ORNOT\n图', max_size=60))
def test_any_text_is_read_or_refused_with_a_place_within_it(text: str) -> None:
    try:
        query = parse(text)
    except InputError as error:
        column = int(str(error).split(":")[0].removeprefix("column "))
        assert 1 <= column <= len(text) + 1
    else:
        assert parse(show(query)) == query
