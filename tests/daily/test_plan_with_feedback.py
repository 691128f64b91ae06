"""Feedback in planning: whoever plans, foresees or shows a digest sees the same order, frozen with the digest."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from newsletter.bootstrap import Services
from newsletter.daily import plan, select
from newsletter.papers.store import papers as papers_store
from newsletter.ranking.opinions import Say
from newsletter.ranking.store import opinions as opinions_store
from newsletter.subscribers.store import readers as readers_store
from newsletter.values.mail import DeliveryState
from tests.daily.ledgers import DAY, TODAY, add, rows, settle
from tests.factories import NOW
from tests.papers.paper_builder import match, paper


@pytest.fixture
def services(database_url: str, make_services: Callable[..., Services]) -> Services:
    return make_services(database_url)


def put(services: Services, titles: dict[int, str], *, day: dt.date, now: dt.datetime) -> None:
    papers = [paper(number, title=title, announced_on=day) for number, title in titles.items()]
    with services.database.transaction() as session:
        papers_store.store_papers(session, [(one, [match(one, "nerf")]) for one in papers], now=now)


def read_and_say(services: Services, reader: int) -> None:
    """A first digest of whales and clocks, of which the reader liked the whales."""
    put(services, {1: "Whales sing", 2: "Clocks tick", 3: "Whales dive"}, day=TODAY, now=NOW)
    plan.plan(services, now=NOW)
    settle(services, DeliveryState.SENT)
    with services.database.transaction() as session:
        for number, say in ((1, Say.MORE), (2, Say.LESS), (3, Say.MORE)):
            found = papers_store.paper_by_ref(session, paper(number).ref)
            assert found is not None
            opinions_store.keep(session, reader, found.id, say, now=NOW)
    titles = {number: f"Clocks number {chr(96 + number)}" for number in range(4, 12)} | {7: "Whales sleep"}
    put(services, titles, day=TODAY + DAY, now=NOW + DAY)


def test_the_next_digest_begins_with_what_is_like_what_was_liked_and_says_why(services: Services) -> None:
    reader, other = add(services), add(services)
    read_and_say(services, reader)
    plan.plan(services, now=NOW + DAY)
    with services.database.reading() as session:
        seven = papers_store.paper_by_ref(session, paper(7).ref)
    assert seven is not None
    mine, others = rows(services, reader)[-1].contents, rows(services, other)[-1].contents
    assert mine["papers"][0] == [seven.id, ":for-you"]
    assert mine["because"][0] == [seven.id, "", 0, "Whales sing"]
    assert others["papers"][0] != [seven.id, "nerf"]
    assert "because" not in others


def test_what_is_foreseen_is_what_is_planned_whoever_else_is_there(services: Services) -> None:
    reader = add(services, max_papers=5)
    for _ in range(3):
        add(services, "nerf", "llm")
    read_and_say(services, reader)
    with services.database.reading() as session:
        everybody = readers_store.readers(session, on=TODAY + DAY)
        alone = readers_store.readers(session, on=TODAY + DAY, ids=[reader])
        contents = [
            select.contents_of(alone[0], select.build_candidate_set(services, session, readers, now=NOW + DAY))
            for readers in (everybody, alone)
        ]
        foreseen = select.expected_papers(services, session, alone, now=NOW + DAY)
    plan.plan(services, now=NOW + DAY)
    planned = rows(services, reader)[-1].contents
    assert [made["papers"] for made in contents] == [planned["papers"]] * 2
    assert [made["because"] for made in contents] == [planned["because"]] * 2
    assert {paper_id for paper_id, _ in foreseen} == {paper_id for paper_id, _ in planned["papers"]}
    assert len(planned["papers"]) == 5
