"""Readers are learnt and ranked ahead of planning, which reads what is kept; whoever changed anything since is ranked anew."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from newsletter.bootstrap import Services
from newsletter.daily import plan, rank
from newsletter.digests.for_you import FOR_YOU
from newsletter.papers.store import papers as papers_store
from newsletter.ranking import store
from newsletter.subscribers import interests, rights
from newsletter.subscribers.store import subscribers as subscribers_store
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


def test_what_changes_has_readers_learnt_and_ranked_anew_and_forgetting_forgets_what_was_learnt(services: Services) -> None:
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


def test_what_is_taken_back_while_it_is_learnt_is_not_kept(services: Services) -> None:
    reader = add(services, cursor=0)
    put_a_day(services)
    give(services, reader)
    with services.database.transaction() as session:
        before = store.marks(session, [reader])
        (number, _), *_ = store.examples(session, reader)
        store.forget_examples(session, reader, only=number)
        assert store.marks(session, [reader]) != before


def test_very_many_kept_orders_are_read_some_at_a_time(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rank, "SLICE", 2)
    readers = [add(services, cursor=0) for _ in range(5)]
    ids = put_a_day(services)
    for one in readers:
        give(services, one)
    assert rank.rank_readers(services, now=NOW) == 5
    plan.plan(services, now=NOW, date=TODAY + DAY)
    assert {rows(services, one)[-1].contents["papers"][0][0] for one in readers} == {ids["How whales sing"]}
