"""What holds for matching whatever the text: it is deterministic, and case and hyphens of ordinary words do not matter."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from newsletter.text.tokens import is_acronym, read, tokens
from newsletter.topics.catalogue import load
from newsletter.topics.matching import Matcher
from tests.topics.making import paper

CATALOGUE = load()
MATCHER = Matcher(CATALOGUE)
AGAIN = Matcher(CATALOGUE)
PHRASES = sorted({words for topic in CATALOGUE.topics for words in (*topic.strong, *topic.in_title, *topic.weak, *topic.exclude)})
ORDINARY = [words for words in PHRASES if not any(is_acronym(token) for token in tokens(words))]
FILLER = st.sampled_from(["we", "show", "that", "kettles", "boil", "in", "42", "$x^2$", "."])


def texts(phrases: list[str]) -> st.SearchStrategy[str]:
    return st.lists(st.one_of(st.sampled_from(phrases), FILLER), max_size=25).map(" ".join)


CATEGORIES = st.lists(st.sampled_from(CATALOGUE.categories), max_size=3, unique=True).map(tuple)


@given(st.text(max_size=300), st.text(max_size=300), CATEGORIES)
def test_any_text_is_matched_without_an_error_and_twice_alike(title: str, abstract: str, categories: tuple[str, ...]) -> None:
    one = paper(title, abstract, categories=categories)
    assert MATCHER.match(one) == AGAIN.match(one) == MATCHER.match(one)


@given(texts(PHRASES), texts(PHRASES), CATEGORIES)
def test_matches_are_sorted_positive_known_once_each_and_reasoned(title: str, abstract: str, categories: tuple[str, ...]) -> None:
    found = MATCHER.match(paper(title, abstract, categories=categories))
    assert [match.score for match in found] == sorted((match.score for match in found), reverse=True)
    assert len({match.topic for match in found}) == len(found)
    assert all(match.score > 0 and match.topic in CATALOGUE.by_slug and match.reason for match in found)


@given(texts(ORDINARY), texts(ORDINARY), CATEGORIES)
def test_the_case_of_ordinary_words_does_not_matter(title: str, abstract: str, categories: tuple[str, ...]) -> None:
    plain, shouted = (paper(fold(title), fold(abstract), categories=categories) for fold in (str.lower, str.title))
    assert MATCHER.match(plain) == MATCHER.match(shouted)


@given(texts(PHRASES), texts(PHRASES), CATEGORIES)
def test_hyphens_and_spaces_are_the_same(title: str, abstract: str, categories: tuple[str, ...]) -> None:
    spaced, hyphened = (
        paper(a, b, categories=categories) for a, b in ((swap(title, "-", " "), swap(abstract, "-", " ")), (title, abstract))
    )
    assert MATCHER.match(spaced) == MATCHER.match(hyphened)


def swap(text: str, old: str, new: str) -> str:
    return text.replace(old, new)


@given(texts(PHRASES), texts(PHRASES), CATEGORIES)
def test_a_match_under_a_parent_that_is_a_topic_is_never_missing(title: str, abstract: str, categories: tuple[str, ...]) -> None:
    found = {match.topic for match in MATCHER.match(paper(title, abstract, categories=categories))}
    chosen = {topic.slug for topic in CATALOGUE.choices}
    assert all(CATALOGUE.by_slug[slug].parent in found for slug in found if CATALOGUE.by_slug[slug].parent in chosen)


@given(st.text(max_size=200))
def test_places_of_the_folded_text_are_those_of_the_raw_text(text: str) -> None:
    glued = read(text)
    assert len(glued.raw) == len(glued.folded) == glued.starts[-1]
