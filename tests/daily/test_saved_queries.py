"""Saved queries of subscribers: matched with what was there and with what comes, mailed under their own heading, kept private."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from newsletter.bootstrap import Services
from newsletter.daily import match, plan
from newsletter.daily.compose import MessageBuilder
from newsletter.daily.ingest import store_batch, store_matched
from newsletter.papers.store import papers as papers_store
from newsletter.subscribers import preferences, rights
from newsletter.subscribers.choices import Choices
from newsletter.subscribers.store import personal_data
from newsletter.subscribers.store import saved_queries as saved_query_store
from newsletter.tables.papers import MatchRow
from newsletter.tables.subscribers import QueryRow
from newsletter.values.mail import DeliveryState
from newsletter.values.papers import Paper
from newsletter.values.saved_queries import Kind, SavedQuery
from tests.daily.ledgers import DAY, TODAY, add, refs, rows, settle
from tests.factories import NOW
from tests.papers.paper_builder import paper

Make = Callable[..., Services]
KITES, ADA = SavedQuery(Kind.QUERY, "kites"), SavedQuery(Kind.AUTHOR, 'au:"Ada Byron"')
NO_SURVEYS = SavedQuery(Kind.EXCLUDE, "survey")


@pytest.fixture
def services(database_url: str, make_services: Make) -> Services:
    return make_services(database_url)


def about(number: int, title: str, **changes: object) -> Paper:
    return paper(number, title=title, **{"announced_on": TODAY, "authors": ("Nobody Known",), **changes})


def bring(services: Services, *papers: Paper, now: dt.datetime = NOW) -> None:
    store_batch(services, papers, now=now)


def wants(services: Services, reader: int, *own: SavedQuery, topics: tuple[str, ...] = ("nerf",)) -> None:
    chosen = Choices(topics=topics, language="en", timezone="UTC", hour=6, own=own)
    preferences.change(services, reader, chosen, pause_until=None, now=NOW)


def matched(services: Services) -> set[tuple[str, str]]:
    with services.database.reading() as session:
        pairs = session.query(MatchRow.paper_id, MatchRow.topic).filter(MatchRow.topic.like("q:%")).all()
        named = papers_store.papers_by_ids(session, [paper_id for paper_id, _ in pairs])
        texts = saved_query_store.texts(session)
    return {(named[paper_id].title, texts[int(topic[2:])]) for paper_id, topic in pairs}


# ---------------------------------------------------------------- matching


def test_a_query_finds_the_papers_that_were_there_before_it_and_those_that_come(services: Services) -> None:
    reader = add(services)
    bring(services, about(1, "Kites over hills"), about(2, "Tides"))
    wants(services, reader, KITES)
    assert match.match_new_queries(services, now=NOW) == 1
    assert match.match_new_queries(services, now=NOW) == 0, "once for all"
    bring(services, about(3, "A kite"))
    assert matched(services) == {("Kites over hills", "kites"), ("A kite", "kites")}


def test_a_query_that_comes_between_matching_and_storing_misses_no_paper(services: Services) -> None:
    reader = add(services)
    between = match.match_new_papers(services, [about(1, "Kites over hills")])
    wants(services, reader, KITES)
    match.match_new_queries(services, now=NOW)
    with services.database.transaction() as session:
        store_matched(services, session, between, now=NOW)
    assert matched(services) == {("Kites over hills", "kites")}


def test_new_words_of_a_paper_are_matched_anew_and_a_new_catalogue_keeps_own_matches(services: Services) -> None:
    reader = add(services)
    wants(services, reader, KITES)
    bring(services, about(1, "Kites over hills"), about(2, "Kites at sea"))
    bring(services, about(1, "Hills", version=2))
    assert matched(services) == {("Kites at sea", "kites")}
    assert match.rematch(services, now=NOW) == 2
    assert matched(services) == {("Kites at sea", "kites")}


def test_equal_wishes_are_one_query_and_what_nobody_wants_any_more_goes(services: Services) -> None:
    first, second = add(services), add(services)
    bring(services, about(1, "Kites over hills"))
    wants(services, first, KITES)
    wants(services, second, KITES, NO_SURVEYS)
    match.match_new_queries(services, now=NOW)
    with services.database.reading() as session:
        (kites, surveys) = saved_query_store.texts(session)
    wants(services, first)
    assert matched(services) == {("Kites over hills", "kites")}
    wants(services, second)
    with services.database.reading() as session:
        assert saved_query_store.texts(session) == {}
        assert session.query(MatchRow).filter(MatchRow.topic.like("q:%")).count() == 0
    wants(services, first, KITES)
    with services.database.reading() as session:
        (again,) = saved_query_store.texts(session)
    assert again > max(kites, surveys), "an old digest must not name a new query by its number"


def test_who_is_erased_leaves_no_query_behind(services: Services) -> None:
    reader = add(services)
    wants(services, reader, KITES)
    with services.database.transaction() as session:
        assert rights.own_data(session, reader)["choices"]["own_queries"] == [{"kind": "query", "query": "kites"}]
        personal_data.erase_subscriber(session, reader)
    with services.database.reading() as session:
        assert session.query(QueryRow).count() == 0


# ---------------------------------------------------------------- digests


def test_a_digest_holds_saved_queries_first_and_each_paper_once(services: Services) -> None:
    reader = add(services, "nerf")
    wants(services, reader, KITES, ADA)
    nerf = about(1, "NeRF: neural radiance fields from kites")
    bring(services, nerf, about(2, "Neural radiance fields (NeRF) indoors"), about(3, "Tides", authors=("Ada Byron",)))
    plan.plan(services, now=NOW)
    (row,) = rows(services)
    with services.database.reading() as session:
        titles = {
            one.id: one.title for one in papers_store.papers_by_ids(session, [p for p, _ in row.contents["papers"]]).values()
        }
    assert [titles[paper_id][:5] for paper_id, _ in row.contents["papers"]] == ["NeRF:", "Tides", "Neura"]
    digest = MessageBuilder(services).digest(row)
    assert [group.name for group in digest.groups] == ["Saved query: kites", "By people you follow", "NeRF"]
    assert digest.groups[1].entries[0].followed == ("Ada Byron",)
    assert [entry.reason for group in digest.groups for entry in group.entries][:2] == ["title: kites", "author: Ada Byron"]
    assert digest.groups[0].entries[0].topics[0] == "NeRF", "its other topics are named"


def test_the_heading_is_frozen_with_the_digest(services: Services) -> None:
    reader = add(services)
    wants(services, reader, KITES)
    bring(services, about(1, "Kites over hills"))
    plan.plan(services, now=NOW)
    wants(services, reader)
    (row,) = rows(services)
    assert [group.name for group in MessageBuilder(services).digest(row).groups] == ["Saved query: kites"]


def test_words_kept_out_stay_out_whatever_else_the_paper_is_about(services: Services) -> None:
    reader = add(services, "nerf")
    wants(services, reader, KITES, NO_SURVEYS)
    survey = about(1, "Neural radiance fields (NeRF) and kites: a survey")
    bring(services, survey, about(2, "Kites"), about(3, "Neural radiance fields (NeRF) indoors"))
    plan.plan(services, now=NOW)
    (row,) = rows(services)
    assert refs(services, row) == {"2", "3"}


def test_who_wants_only_saved_queries_needs_no_topic(services: Services) -> None:
    reader = add(services)
    wants(services, reader, ADA, topics=())
    bring(services, about(1, "Tides", authors=("Ada Byron",)), about(2, "Neural radiance fields (NeRF) indoors"))
    plan.plan(services, now=NOW)
    (row,) = rows(services)
    assert refs(services, row) == {"1"}


def test_a_query_of_today_is_matched_before_the_digest_that_its_reader_waits_for(services: Services) -> None:
    reader = add(services, "nerf")
    bring(services, about(1, "Kites over hills"), about(2, "Neural radiance fields (NeRF) indoors"))
    wants(services, reader, KITES)
    plan.plan(services, now=NOW)
    (row,) = rows(services)
    assert refs(services, row) == {"1", "2"}


def test_nobody_is_planned_past_papers_that_a_new_query_was_not_matched_with(services: Services) -> None:
    """The query comes after the matching and before the readers are read: the digest waits for the next tick."""
    reader, other = add(services, "nerf"), add(services, "nerf")
    bring(services, about(1, "Kites over hills"), about(2, "Neural radiance fields (NeRF) indoors"))
    wants(services, reader, KITES)
    with services.database.reading() as session:
        assert saved_query_store.waiting_readers(session) == {reader}
    match.match_new_queries(services, now=NOW)
    with services.database.reading() as session:
        assert saved_query_store.waiting_readers(session) == set()
    plan.plan(services, now=NOW)
    assert {row.subscriber_id for row in rows(services)} == {reader, other}


def test_a_paper_that_came_by_a_topic_does_not_come_again_by_a_query(services: Services) -> None:
    reader = add(services, "nerf")
    bring(services, about(1, "Neural radiance fields (NeRF) of kites"))
    plan.plan(services, now=NOW)
    settle(services, DeliveryState.SENT)
    wants(services, reader, KITES)
    bring(services, about(2, "Kites"), now=NOW + DAY)
    plan.plan(services, now=NOW + DAY)
    assert refs(services, rows(services, reader)[-1]) == {"2"}


# ---------------------------------------------------------------- trying


def test_a_query_is_tried_on_the_last_two_weeks(services: Services) -> None:
    bring(services, about(1, "Kites"), about(2, "More kites"), about(3, "Tides"))
    bring(services, about(4, "Old kites", announced_on=TODAY - 20 * DAY), about(5, "Gone kites", withdrawn=True))
    with services.database.reading() as session:
        (kites, ada) = match.try_out(session, [KITES, ADA], now=NOW)
    assert (kites.count, kites.of, [one.title for one in kites.newest]) == (2, 3, ["More kites", "Kites"])
    assert (ada.count, ada.too_wide) == (0, False)


def test_a_query_that_brings_a_large_part_of_all_papers_is_told(services: Services) -> None:
    bring(services, *(about(number, "Kites" if number % 3 else "Tides") for number in range(1, 241)))
    with services.database.reading() as session:
        (kites,) = match.try_out(session, [KITES], now=NOW)
    assert kites.too_wide
