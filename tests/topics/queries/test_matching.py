"""Matching queries: each operator and field, spellings, and that many at once match as each alone does."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.topics.queries.matching import QuerySet, guard
from newsletter.topics.queries.parser import parse
from newsletter.topics.queries.syntax import And, Field, Not, Or, Query, Term, terms
from newsletter.values.papers import Paper
from tests.topics.making import paper
from tests.topics.queries.making import QUERIES

KITES = dataclasses.replace(
    paper("Blue Kites in 3D-GS", "We fly RAG systems. Text-to-image models, and robotics.", categories=("cs.CV", "quant-ph")),
    authors=("Y. LeCun", "Bernhard Schölkopf", "Jean-Pierre Serre", "Łukasz Kaiser"),
    comment="Accepted at KiteConf 2026",
)


def held(text: str, one: Paper = KITES) -> bool:
    return bool(QuerySet({"it": parse(text)}).match(one))


@pytest.mark.parametrize(
    "text",
    [
        "kite",
        "KiTes",
        '"blue kite"',
        "blue-kite",
        "bluekite",
        '"3D GS"',
        "3DGS",
        "3d-gs",
        '"text to image"',
        '"text-to-image model"',
        "RAG",
        "rag",
        '"rag system"',
        "ti:kite",
        "abs:robotics",
        "robot*",
        '"text to im*"',
        "ti:(kite AND blue)",
        "snow OR kite",
        "kite AND rag",
        "kite AND NOT snow",
        "kite ANDNOT ti:robotics",
        "NOT NOT kite",
        "NOT (NOT kite OR NOT rag)",
        "cat:cs.CV",
        "cat:CS.cv",
        "cat:quant-ph",
        "cat:cs.*",
        "cat:quant*",
        "au:lecun",
        'au:"Y LeCun"',
        "au:scholkopf",
        "au:Schölkopf",
        "au:schol*",
        'au:"jean pierre serre"',
        "au:Lukasz",
        "comment:accepted",
        'comment:"KiteConf 2026"',
    ],
)
def test_a_query_holds(text: str) -> None:
    assert held(text)


@pytest.mark.parametrize(
    "text",
    [
        "snow",
        "kit",
        "ite",
        "KITE AND snow",
        '"kites blue"',
        "abs:kite",
        "ti:rag",
        "ti:(kite AND rag)",
        "kite AND NOT rag",
        "kite AND NOT (snow OR blue)",
        "NOT NOT snow",
        "cat:cs.C",
        "cat:cs.LG",
        "cat:math*",
        "au:lec",
        'au:"lecun bernhard"',
        'au:"LeCun Y"',
        "au:serres",
        "accepted",
        "ti:lecun",
        "bot*",
        '"systems text"',
    ],
)
def test_a_query_does_not_hold(text: str) -> None:
    assert not held(text)


def test_an_acronym_is_found_in_capitals_only_and_its_plural_too() -> None:
    assert held("RAG", paper("RAGs"))
    assert held("RAGs", paper("RAG"))
    assert not held("RAGs", paper("rags"))
    assert not held("RAG", paper("a rag"))
    assert held("rag", paper("RAG"))


def test_what_was_found_is_told_title_first_and_nothing_under_not() -> None:
    queries = QuerySet({"it": parse('robotics OR ("blue kite" AND NOT snow) OR (ti:kite AND snow) OR cat:cs.*')})
    (found,) = queries.match(KITES).values()
    assert [str(one) for one in found] == ["title: blue kite", "abstract: robotics", "category: cs.*"]


def test_of_one_query_each_term_is_told_with_its_places() -> None:
    told = QuerySet({"it": parse("kite AND NOT snow")}).found(KITES, "it")
    assert [(term.words, places) for term, places in told] == [("kite", ("title",)), ("snow", ())]


def test_matches_come_in_the_order_of_the_queries() -> None:
    queries = QuerySet({name: parse(name) for name in ("robotics", "rag", "blue", "snow")})
    assert list(queries.match(KITES)) == ["robotics", "rag", "blue"]


def test_no_queries_match_nothing() -> None:
    assert QuerySet[str]({}).match(KITES) == {}


TEXTS = st.lists(
    st.sampled_from(
        ["kite", "Kites", "string", "blue", "wind", "tunnel", "RAG", "rag", "naïve", "图像", "C", "odd", "and", "not", "."]
    ),
    max_size=12,
).map(" ".join)
PAPERS = st.builds(
    lambda title, abstract, comment, author, categories: dataclasses.replace(
        paper(title, abstract, categories=categories), comment=comment, authors=(author,)
    ),
    TEXTS,
    TEXTS,
    TEXTS,
    TEXTS,
    st.sampled_from([("cs.CV",), ("quant-ph", "cs.CV"), ("math.CO",), ()]),
)


def plainly(query: Query, one: Paper) -> bool:
    """A query decided term by term, each by itself, without any index over queries."""
    match query:
        case Term():
            return bool(QuerySet({0: query}).found(one, 0)[0][1])
        case Not(part):
            return not plainly(part, one)
        case And(parts):
            return all(plainly(part, one) for part in parts)
        case Or(parts):
            return any(plainly(part, one) for part in parts)


@given(st.lists(QUERIES, max_size=6), PAPERS)
def test_a_set_of_queries_matches_as_each_alone_does(queries: list[Query], one: Paper) -> None:
    together = QuerySet(dict(enumerate(queries))).match(one)
    assert set(together) == {number for number, query in enumerate(queries) if plainly(query, one)}
    assert all(together.values())
    assert all(together[number] == QuerySet({0: queries[number]}).match(one)[0] for number in together)


@given(QUERIES, PAPERS)
def test_a_query_that_holds_has_found_a_term_of_its_guard(query: Query, one: Paper) -> None:
    found = {term for term, places in QuerySet({0: query}).found(one, 0) if places}
    assert guard(query) <= set(terms(query))
    assert not plainly(query, one) or guard(query) & found


def test_a_guard_is_the_rarest_part_of_a_conjunction() -> None:
    assert guard(parse('cat:cs.CV AND "blue kite" AND kite')) == {Term("blue kite")}
    assert guard(parse("au:lecun AND kite")) == {Term("lecun", Field.AUTHOR)}
    with pytest.raises(ValueError, match="no term is needed"):
        guard(Not(Term("kite")))


SPELT = ["Gaussian Splatting", "3D GS", "text to image", "object pose", "wind tunnel experiment"]


@given(st.sampled_from(SPELT), st.sampled_from(SPELT), st.data())
def test_hyphen_space_joined_and_plural_are_one_spelling(asked: str, written: str, data: st.DataObject) -> None:
    ways = [lambda text: text, lambda text: text.replace(" ", "-"), lambda text: text.replace(" ", ""), lambda text: text + "s"]
    query = data.draw(st.sampled_from(ways))(asked)
    title = data.draw(st.sampled_from(ways))(written)
    assert held(f'"{query}"', paper(f"On {title}, again")) == (asked == written)


def test_a_category_is_found_under_each_of_its_names() -> None:
    queries = QuerySet({"alias": parse("cat:cs.SY"), "archive": parse("cat:cs.*"), "other": parse("cat:cs.CV")})
    assert set(queries.match(dataclasses.replace(KITES, categories=("eess.SY",)))) == {"alias", "archive"}
