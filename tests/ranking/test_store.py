"""What readers say of papers: kept once, changed, taken back, told to them and erased with them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import select

from newsletter.db import Database
from newsletter.papers.store import papers as papers_store
from newsletter.ranking.example import Example
from newsletter.ranking.opinions import Say
from newsletter.ranking.store import examples as examples_store
from newsletter.ranking.store import learned as learned_store
from newsletter.ranking.store import opinions as opinions_store
from newsletter.subscribers import rights
from newsletter.tables.subscribers import FeedbackRow
from tests.factories import NOW, a_subscriber
from tests.papers.paper_builder import match, paper
from tests.services import within
from tests.subscribers.subscriber_builder import settings

MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def papers(database: Database) -> list[int]:
    """The ids of three stored papers."""
    made = [paper(number) for number in (1, 2, 3)]
    with database.transaction() as session:
        papers_store.store_papers(session, [(one, [match(one, "nerf")]) for one in made], now=NOW)
        return sorted(one.id for one in papers_store.papers_by_refs(session, [one.ref for one in made]).values())


def test_what_was_said_last_holds_and_can_be_taken_back(database: Database, papers: list[int]) -> None:
    with database.transaction() as session:
        ada = a_subscriber(session, "nerf")
        for number, say in enumerate((Say.MORE, Say.LESS, Say.LESS)):
            opinions_store.keep(session, ada, papers[0], say, now=NOW + number * MINUTE)
        opinions_store.keep(session, ada, papers[1], Say.MORE, now=NOW)
        assert [(one.paper_id, one.say) for one in opinions_store.opinions(session, ada)] == [
            (papers[0], Say.LESS),
            (papers[1], Say.MORE),
        ]
        opinions_store.keep(session, ada, papers[0], None, now=NOW)
        assert [opinions_store.said_of(session, ada, one) for one in papers] == [None, Say.MORE, None]
        assert opinions_store.count(session, ada) == 1


def test_a_button_pressed_many_times_at_once_is_kept_once(database: Database, papers: list[int]) -> None:
    with database.transaction() as session:
        ada = a_subscriber(session, "nerf")

    def press(_: int) -> None:
        with database.transaction() as session:
            opinions_store.keep(session, ada, papers[0], Say.MORE, now=NOW)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(press, range(6)))
    with database.reading() as session:
        assert opinions_store.count(session, ada) == 1


def test_the_newest_of_each_reader_are_read_and_of_nobody_else(database: Database, papers: list[int]) -> None:
    with database.transaction() as session:
        ada, bob, eve = (a_subscriber(session, "nerf") for _ in range(3))
        for number, one in enumerate(papers):
            opinions_store.keep(session, ada, one, Say.MORE, now=NOW + number * MINUTE)
            opinions_store.keep(session, bob, one, Say.LESS, now=NOW)
        assert opinions_store.opinions_of_readers(session, [ada, eve], most=2) == {
            ada: [(papers[2], Say.MORE), (papers[1], Say.MORE)]
        }
        assert opinions_store.opinions_of_readers(session, [eve], most=2) == {}


def test_two_who_learn_at_the_same_time_keep_one_taste_and_one_order(database: Database) -> None:
    with database.transaction() as session:
        ada, bob = a_subscriber(session, "nerf"), a_subscriber(session, "nerf")

    def learn(number: int) -> None:
        with database.transaction() as session:
            learned_store.keep_tastes(session, {one: (f"model {number}", [f"word {number}"]) for one in (ada, bob)}, now=NOW)
            learned_store.keep_rankings(session, {one: (f"choices {number}", []) for one in (ada, bob)}, upto=number)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(learn, range(6)))
    learn(9)
    with database.reading() as session:
        assert learned_store.tastes(session, [ada, bob]) == {ada: "model 9", bob: "model 9"}
        assert learned_store.ranked_for(session, [ada, bob], upto=9) == {ada: "choices 9", bob: "choices 9"}


def test_whatever_somebody_says_or_takes_back_is_a_change_and_what_others_say_is_none(
    database: Database, papers: list[int]
) -> None:
    with database.transaction() as session:
        ada, bob = a_subscriber(session, "nerf"), a_subscriber(session, "nerf")

        def say(paper: int, words: Say | None) -> None:
            opinions_store.keep(session, ada, papers[paper], words, now=NOW)

        def forget_the_last() -> None:
            examples_store.forget_examples(session, ada, only=max(number for number, _ in examples_store.examples(session, ada)))

        changes: list[Callable[[], object]] = [
            lambda: examples_store.add_examples(session, ada, [Example("Tides"), Example("Moons")], now=NOW),
            lambda: learned_store.leave_out_words(session, ada, "whale"),
            lambda: learned_store.leave_out_words(session, ada, "clock"),
            lambda: learned_store.leave_out_words(session, ada, None),
            lambda: say(0, Say.MORE),
            lambda: [say(0, None), say(1, Say.MORE)],
            lambda: say(0, Say.LESS),
            lambda: [say(0, Say.MORE), say(1, Say.LESS)],
            lambda: [forget_the_last(), examples_store.add_examples(session, ada, [Example("Comets")], now=NOW + MINUTE)],
        ]
        for change in changes:
            before = learned_store.marks(session, [ada])
            change()
            assert learned_store.unchanged(session, {ada: before.get(ada, ())}) == set()
        before = learned_store.marks(session, [ada])
        learned_store.leave_out_words(session, bob, "whale")
        assert learned_store.unchanged(session, before) == {ada}


def test_feedback_is_in_ones_data_and_goes_with_the_person(database: Database, papers: list[int], tmp_path: Path) -> None:
    with database.transaction() as session:
        ada, bob = a_subscriber(session, "nerf"), a_subscriber(session, "nerf")
        for one in (ada, bob):
            opinions_store.keep(session, one, papers[0], Say.LESS, now=NOW)
        (told,) = rights.own_data(session, ada)["feedback"]
        assert (told["paper"], told["said"], told["at"]) == (paper(1).ref, "less like this", NOW.isoformat())
        rights.erase(within(session, settings(tmp_path)), ada, now=NOW)
        assert session.scalars(select(FeedbackRow.subscriber_id)).all() == [bob]
