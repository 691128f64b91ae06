"""Readers are learned and ranked ahead of planning, which reads what is kept; whoever changed anything since is ranked anew."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, replace

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from newsletter.bootstrap import Services
from newsletter.daily import plan, rank
from newsletter.daily.candidates import read_candidates
from newsletter.db import Database
from newsletter.digests.for_you import FOR_YOU
from newsletter.digests.selection import select_papers
from newsletter.papers.store import papers as papers_store
from newsletter.ranking.store import learned as learned_store
from newsletter.subscribers import interests, rights
from newsletter.subscribers.store import readers as readers_store
from newsletter.subscribers.store import subscribers as subscribers_store
from newsletter.tables.papers import PaperRow
from newsletter.tables.subscribers import RankingRow, TasteRow
from tests.daily.ledgers import DAY, TODAY, add, rows
from tests.factories import NOW
from tests.papers.paper_builder import match, paper

THINGS = ("kites", "harbours", "clocks", "bridges", "looms", "kettles")
GIVEN = "".join(
    f"@misc{{w{number}, title={{Whales that sing {word}}}}}\n"
    for number, word in enumerate(("low", "far", "deep", "long", "loud"))
)


@pytest.fixture
def services(database_url: str, make_services: Callable[..., Services]) -> Services:
    return make_services(database_url)


def put_a_day(services: Services) -> dict[str, int]:
    """Papers of things under a topic, and one on whales under none, in a category of the topic; the ids by title."""
    papers = [
        paper(number, title=f"A study of {one}", abstract=f"How {one} work.", announced_on=TODAY)
        for number, one in enumerate(THINGS, start=1)
    ]
    whales = paper(9, title="How whales sing", abstract="Singing whales are heard.", announced_on=TODAY)
    with services.database.transaction() as session:
        pairs = [(one, [match(one, "nerf")]) for one in papers]
        papers_store.store_papers(session, [*pairs, (whales, [])], now=NOW)
        return {one.title: one.id for one in papers_store.papers_announced(session, TODAY)}


def give(services: Services, reader: int) -> None:
    interests.add_examples(services, reader, GIVEN.encode(), now=NOW)


def words_kept(services: Services) -> list[list[str]]:
    """The words of each taste that is kept."""
    with services.database.reading() as session:
        return list(session.scalars(select(TasteRow.words)))


def orders_kept(services: Services) -> list[int]:
    with services.database.reading() as session:
        return list(session.scalars(select(RankingRow.subscriber_id)))


def test_a_paper_under_no_topic_comes_first_where_it_is_in_a_category_and_like_what_was_given(services: Services) -> None:
    reader, other = add(services, cursor=0), add(services, cursor=0)
    ids = put_a_day(services)
    give(services, reader)
    assert rank.rank_readers(services, now=NOW) == 1
    assert rank.rank_readers(services, now=NOW) == 0, "nothing has changed since"
    plan.plan(services, now=NOW)
    mine, others = rows(services, reader)[-1].contents, rows(services, other)[-1].contents
    assert mine["papers"][0] == [ids["How whales sing"], FOR_YOU]
    assert mine["because"][0][3].startswith("Whales that sing")
    assert FOR_YOU not in str(others) and ids["How whales sing"] not in [one for one, _ in others["papers"]]
    numbers = [one for one, _ in mine["papers"]]
    assert len(set(numbers)) == len(numbers) == len(ids)


def test_what_was_kept_ahead_and_what_is_worked_out_at_planning_are_the_same(services: Services) -> None:
    ahead, late = add(services, cursor=0), add(services, cursor=0)
    put_a_day(services)
    give(services, ahead)
    rank.rank_readers(services, now=NOW)
    give(services, late)
    plan.plan(services, now=NOW)
    first, second = (rows(services, reader)[-1].contents for reader in (ahead, late))
    assert (first["papers"], first["because"]) == (second["papers"], second["because"])


def test_what_changes_has_readers_learned_and_ranked_anew_and_forgetting_forgets_what_was_learned(services: Services) -> None:
    reader = add(services, cursor=0)
    put_a_day(services)
    give(services, reader)
    rank.rank_readers(services, now=NOW)
    assert "whale" in words_kept(services)[0]
    interests.leave_out(services, reader, "whale")
    assert words_kept(services) == orders_kept(services) == []
    assert rank.rank_readers(services, now=NOW) == 1
    assert "whale" not in words_kept(services)[0]
    with services.database.transaction() as session:
        subscribers_store.replace_topics(session, reader, ("llm",))
    assert rank.rank_readers(services, now=NOW) == 1, "other topics have other papers"
    with services.database.reading() as session:
        assert "whale" in str(rights.own_data(session, reader)["records"]["ignored_words"])
        assert "model" not in rights.own_data(session, reader)["records"]["tastes"][0]
    interests.forget_all(services, reader)
    assert words_kept(services) == orders_kept(services) == []
    assert rank.rank_readers(services, now=NOW) == 0
    plan.plan(services, now=NOW)
    assert FOR_YOU not in str([one.contents for one in rows(services, reader)])


@dataclass(frozen=True, slots=True)
class Meanwhile(Database):
    """A database in which somebody does something just before each transaction of the others."""

    does: Callable[[], object]

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        self.does()
        with Database(self.engine).transaction() as session:
            yield session


def test_what_is_changed_while_it_is_learned_is_not_kept(services: Services) -> None:
    reader, other = add(services, cursor=0), add(services, cursor=0)
    put_a_day(services)
    for one in (reader, other):
        give(services, one)

    def meanwhile(does: Callable[[], object]) -> list[int]:
        """Whose orders are kept after both were ranked, and ``does`` was done while they were."""
        for one in (reader, other):
            interests.leave_out(services, one, "sea")
        rank.rank_readers(Services(services.settings, Meanwhile(services.database.engine, does)), now=NOW)
        assert len(words_kept(services)) == len(orders_kept(services))
        return orders_kept(services)

    assert meanwhile(lambda: interests.leave_out(services, reader, "whale")) == [other]
    assert meanwhile(lambda: interests.add_examples(services, reader, b"Moons and comets", now=NOW)) == [other]
    assert meanwhile(lambda: interests.forget_all(services, reader)) == [other]
    assert meanwhile(lambda: rights.erase(services, other, now=NOW)) == []


def test_what_is_changed_and_not_committed_yet_when_it_is_learned_is_not_kept_either(
    postgres_url: str, make_services: Callable[..., Services]
) -> None:
    services = make_services(postgres_url)
    reader, other = add(services, cursor=0), add(services, cursor=0)
    put_a_day(services)
    for one in (reader, other):
        give(services, one)
    with services.database.transaction() as session:
        learned_store.leave_out_words(session, reader, "whale")
        rank.rank_readers(services, now=NOW)
    assert orders_kept(services) == [other]
    with ThreadPoolExecutor(1) as somebody, services.database.transaction() as session:
        assert learned_store.unchanged(session, learned_store.marks(session, [reader])) == {reader}
        left_out = somebody.submit(interests.leave_out, services, reader, "sing")
        wait([left_out], timeout=0.3)
        learned_store.keep_tastes(session, {reader: ("a model", ["sing"])}, now=NOW)
    left_out.result()
    assert ["sing"] not in words_kept(services)


def test_papers_that_come_while_digests_are_planned_are_left_to_the_next_ones(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rank, "SLICE", 1)
    ids = [add(services, cursor=0) for _ in range(2)]
    # Papers on whales are few among the others, so that they come from beside the topic.
    spoons = [
        paper(number, title=f"A study of spoon {number}", abstract="Spoons.", announced_on=TODAY) for number in range(30, 38)
    ]
    with services.database.transaction() as session:
        papers_store.store_papers(session, [(one, [match(one, "nerf")]) for one in spoons], now=NOW)
    put_a_day(services)
    for one in ids:
        give(services, one)

    def another(number: int) -> None:
        """One more paper that they like, and all are ranked anew."""
        whales = paper(number, title=f"Whales sing {number}", abstract="Singing whales.", announced_on=TODAY)
        with services.database.transaction() as session:
            papers_store.store_papers(session, [(whales, [])], now=NOW)
        rank.rank_readers(services, now=NOW)

    rank.rank_readers(services, now=NOW)
    with services.database.reading() as session:
        readers = readers_store.readers(session, on=TODAY, ids=ids)
    for first, second in ((20, 21), (22, 23)):
        with services.database.reading() as session:
            found = read_candidates(services, session, readers, now=NOW)
            if first == 20:
                another(first)
            found = replace(found, affinities=rank.affinities(services, session, readers, found))
            another(second)
            chosen = {one for reader in readers for one, _ in select_papers(reader, found).papers}
        with services.database.reading() as session:
            places = session.scalars(select(PaperRow.number).where(PaperRow.id.in_(chosen))).all()
        assert max(places) == found.covers_to


OF_ANOTHER_SIZE = [1.0, base64.b64encode(bytes(7)).decode()]


@pytest.mark.parametrize("version", [None, "of other files"])
def test_a_taste_of_other_files_is_learned_anew(services: Services, version: str | None) -> None:
    reader = add(services, cursor=0)
    ids = put_a_day(services)
    give(services, reader)
    rank.rank_readers(services, now=NOW)
    with services.database.transaction() as session:
        kept = json.loads(session.scalars(select(TasteRow.model)).one())
        other = kept | {"subject": OF_ANOTHER_SIZE, "sense": OF_ANOTHER_SIZE, "version": version}
        session.execute(update(TasteRow).values(model=json.dumps({name: one for name, one in other.items() if one})))
        session.execute(update(RankingRow).values(choices="of other files"))
    plan.plan(services, now=NOW)
    assert rows(services, reader)[-1].contents["papers"][0] == [ids["How whales sing"], FOR_YOU]
    assert rank.rank_readers(services, now=NOW) == 1
    with services.database.reading() as session:
        assert json.loads(session.scalars(select(TasteRow.model)).one())["version"] == kept["version"]


def test_very_many_kept_orders_are_read_some_at_a_time(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rank, "SLICE", 2)
    readers = [add(services, cursor=0) for _ in range(5)]
    ids = put_a_day(services)
    for one in readers:
        give(services, one)
    assert rank.rank_readers(services, now=NOW) == 5
    plan.plan(services, now=NOW, date=TODAY + DAY)
    assert {rows(services, one)[-1].contents["papers"][0][0] for one in readers} == {ids["How whales sing"]}
