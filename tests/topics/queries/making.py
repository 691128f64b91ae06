"""Queries made at random that are as parse would make them."""

from __future__ import annotations

from hypothesis import strategies as st

from newsletter.errors import InputError
from newsletter.topics.queries.parser import parse
from newsletter.topics.queries.syntax import Field, Not, Query, Term, both, either, show

WORDS = [
    "kite",
    "string",
    "blue kite",
    "wind-tunnel",
    "RAG",
    "AND",
    "not",
    "snow:ball",
    "naïve",
    "图像",
    "C++",
    "(odd)",
    "state of the art",
]


def _term(words: str, field: Field, beginning: bool) -> Term:
    if field is Field.CATEGORY:
        return Term("cs.CV" if len(words) % 2 else "quant-ph", field, beginning)
    return Term(words, field, beginning and len(words) > 4)


TERMS = st.builds(_term, st.sampled_from(WORDS), st.sampled_from(list(Field)), st.booleans())


def _larger(smaller: st.SearchStrategy[Query]) -> st.SearchStrategy[Query]:
    several = st.lists(smaller, min_size=2, max_size=4)
    return st.one_of(several.map(lambda parts: both(*parts)), several.map(lambda parts: either(*parts)), smaller.map(Not))


def accepted(query: Query) -> bool:
    try:
        parse(show(query))
    except InputError:
        return False
    return True


ANY_QUERY: st.SearchStrategy[Query] = st.recursive(TERMS, _larger, max_leaves=12)
QUERIES = ANY_QUERY.filter(accepted)
