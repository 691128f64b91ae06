"""What a subscriber writes becomes a query: their own, an author followed, words kept out."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsletter.topics.queries.faults import QueryFault
from newsletter.topics.saved_queries import (
    LONGEST,
    Prepared,
    SavedQueries,
    categories_in,
    followed_author,
    found_by,
    read_line,
    written,
)
from newsletter.values.saved_queries import Kind, SavedQuery
from tests.papers.paper_builder import paper

KITES = paper(1, title="Kites in the wind", abstract="We fly kites.", authors=("Ada B. Lovelace", "Émile Zola"))
TIDES = paper(2, title="Tides", abstract="A survey of kites at sea.", authors=("Lovelace Ada",), categories=("math.AG",))


@pytest.mark.parametrize(
    ("kind", "line", "text"),
    [
        (Kind.QUERY, '  "video   diffusion"  AND NOT ti:survey ', '"video diffusion" AND NOT ti:survey'),
        (Kind.AUTHOR, "Ada  Lovelace", 'au:"Ada Lovelace"'),
        (Kind.AUTHOR, "Lovelace, Ada", 'au:"Ada Lovelace"'),
        (Kind.AUTHOR, "Zola", "au:Zola"),
        (Kind.EXCLUDE, "federated learning", '"federated learning"'),
        (Kind.EXCLUDE, "ti:survey OR ti:review", "ti:survey OR ti:review"),
        (Kind.EXCLUDE, "survey", "survey"),
    ],
)
def test_a_line_is_kept_in_one_spelling(kind: Kind, line: str, text: str) -> None:
    assert read_line(kind, line) == SavedQuery(kind, text)


@pytest.mark.parametrize(
    ("kind", "line", "why"),
    [
        (Kind.QUERY, "video diffusion", "two terms stand side by side"),
        (Kind.QUERY, "NOT kites", "all papers but some"),
        (Kind.AUTHOR, "ti:kites", "author's name"),
        (Kind.AUTHOR, "***", "author's name"),
        (Kind.AUTHOR, "1, 2", "author's name"),
        (Kind.EXCLUDE, "(kites", "never closed"),
        (Kind.EXCLUDE, "!!!", "a letter or digit"),
        (Kind.QUERY, "x" * (LONGEST + 1), "at most 300 characters"),
        (Kind.QUERY, " OR ".join(f"w{number}" for number in range(31)), "at most 30 words"),
    ],
)
def test_a_wrong_line_is_refused_with_the_reason(kind: Kind, line: str, why: str) -> None:
    with pytest.raises(QueryFault, match=why):
        read_line(kind, line)


@given(st.sampled_from(Kind), st.text("abcé AND OR NOT ti:au:cat:\"()*,'-", max_size=40))
@example(kind=Kind.AUTHOR, line="A,,")
def test_what_is_read_is_written_so_that_it_reads_the_same(kind: Kind, line: str) -> None:
    try:
        own = read_line(kind, line)
    except QueryFault:
        return
    assert read_line(kind, written(own)) == own


def test_an_author_is_told_from_a_query_about_authors() -> None:
    assert followed_author('au:"Ada Lovelace"') == "Ada Lovelace"
    assert followed_author("au:Ada AND kites") == followed_author("kites") == followed_author("au:Ada*") == ""


def test_the_categories_that_a_query_asks_for_are_known_and_not_those_that_it_shuts_out() -> None:
    assert categories_in("(kites AND cat:math.AG) OR cat:astro-ph.GA") == {"math.AG", "astro-ph.GA"}
    assert categories_in("kites AND NOT cat:math.AG") == frozenset()
    assert categories_in("kites AND NOT (tides AND NOT cat:math.AG)") == {"math.AG"}
    assert categories_in("cat:math.*") == frozenset(), "a beginning names no category"


def test_a_match_says_what_was_found_and_an_saved_query_is_no_slug_of_the_catalogue() -> None:
    queries = SavedQueries({7: "kites", 8: 'au:"Émile Zola"', 9: "cat:math.AG"})
    assert [(m.topic, m.reason) for m in queries.match(KITES)] == [
        ("q:7", "title: kites, abstract: kites"),
        ("q:8", "author: Émile Zola"),
    ]
    assert [(m.topic, m.reason) for m in queries.match(TIDES)] == [("q:7", "abstract: kites"), ("q:9", "category: math.AG")]
    title, abstract = (queries.match(one)[0].score for one in (KITES, TIDES))
    assert title > abstract


def test_many_queries_are_tried_together() -> None:
    tried = [SavedQuery(Kind.QUERY, "kites"), SavedQuery(Kind.QUERY, "ti:tides"), SavedQuery(Kind.QUERY, "nothing")]
    assert found_by(tried, [KITES, TIDES]) == [[KITES, TIDES], [TIDES], []]


def test_a_set_that_was_used_is_not_prepared_again() -> None:
    prepared = Prepared()
    first = prepared.of({1: "kites"})
    assert prepared.of({1: "kites"}) is first
    assert prepared.of({1: "kites", 2: "tides"}) is not first
