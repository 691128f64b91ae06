"""A fetch is given the papers of a week again: what is stored as it is, is matched once, and never stored without its matches."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import pytest

from newsletter.bootstrap import Services
from newsletter.daily import ingest
from newsletter.daily.match import match_new_papers
from newsletter.papers.store import papers as papers_store
from newsletter.papers.store.matches import matches_of
from newsletter.tables.papers import PaperRow
from newsletter.values.papers import Paper
from tests.papers.paper_builder import paper

NOW = dt.datetime(2026, 6, 24, 12, tzinfo=dt.UTC)
ONE = paper(1, title="Gaussian Splatting of Scenes", abstract="We present 3D Gaussian splatting.", categories=("cs.CV",))
TWO = paper(2, title="Another Gaussian Splatting", abstract="Faster 3D Gaussian splatting.", categories=("cs.CV",))


@pytest.fixture
def services(sqlite_url: str, make_services: Callable[..., Services]) -> Services:
    made = make_services(sqlite_url)
    ingest.store_batch(made, [ONE], now=NOW)
    return made


def topics_of(services: Services, one: Paper) -> set[str]:
    with services.database.reading() as session:
        stored = papers_store.paper_by_ref(session, one.ref)
        assert stored is not None
        return {match.topic for match in matches_of(session, [stored.id]).get(stored.id, ())}


@pytest.mark.parametrize(
    ("given", "matched", "unchanged"),
    [
        ((ONE, TWO), [TWO.ref], [ONE.ref]),
        ((replace(ONE, version=2, title="New Gaussian Splatting of Scenes"),), [ONE.ref], []),
        ((replace(ONE, comment="CVPR 2026"),), [ONE.ref], []),
        ((replace(ONE, version=0, title="Older"),), [], [ONE.ref]),
        ((), [], []),
    ],
    ids=["beside a new one", "a new version", "other metadata", "an older version", "nothing"],
)
def test_only_what_is_new_or_changed_is_matched(
    services: Services, given: tuple[Paper, ...], matched: list[str], unchanged: list[str]
) -> None:
    found = match_new_papers(services, given)
    assert [one.ref for one, _ in found.papers] == matched
    assert [one.ref for one in found.unchanged] == unchanged


def test_unchanged_papers_keep_their_matches_and_are_counted(services: Services) -> None:
    before = topics_of(services, ONE)
    assert before
    count = ingest.store_batch(services, [ONE, TWO], now=NOW)
    assert (count.new, count.updated, count.unchanged) == (1, 0, 1)
    assert topics_of(services, ONE) == before
    assert topics_of(services, TWO)


def test_a_paper_that_went_or_changed_since_the_look_is_matched_after_all(services: Services) -> None:
    before = topics_of(services, ONE)
    matched = match_new_papers(services, [ONE])
    assert matched.unchanged
    with services.database.transaction() as session:
        session.query(PaperRow).filter_by(ref=ONE.ref).delete()
    with services.database.transaction() as session:
        count = ingest.store_matched(services, session, matched, now=NOW)
    assert count.new == 1
    assert topics_of(services, ONE) == before
