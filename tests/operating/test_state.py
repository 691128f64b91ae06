"""The shared state is seen by every process, keeps its form in the database, and survives what cannot be read."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from structlog.testing import capture_logs

from newsletter.db import Database
from newsletter.operating import state
from newsletter.operating.store import get_state, set_state
from tests.factories import NOW

DAY = dt.date(2026, 11, 23)
TIME = dt.datetime(2026, 11, 23, 1, 0, tzinfo=dt.UTC)
BIORXIV = state.READ_OF_SERVER["biorxiv"]
# Each fact with its name in the database, a value, and the JSON that installations hold for it.
KEPT: list[tuple[state.Fact[Any], str, Any, Any]] = [
    (state.SENDING_PAUSED, "sending_paused", True, True),
    (
        state.SENDING_HELD,
        "sending_held",
        state.SendingHold(TIME, "550 深"),
        {"until": "2026-11-23T01:00:00+00:00", "reason": "550 深"},
    ),
    (state.SENDER_REFUSALS, "sender_refusals", 3, 3),
    (state.SENDER_REFUSALS, "sender_refusals", 0, 0),
    (state.PLANNED_AT, "planned_at", TIME, "2026-11-23T01:00:00+00:00"),
    (state.TRANSLATION_BEGAN_AT, "translated_at", TIME, "2026-11-23T01:00:00+00:00"),
    (state.TRANSLATION_ENDED_AT, "translation_ended", TIME, "2026-11-23T01:00:00+00:00"),
    (state.PUBLISHED_AT, "published_at", TIME, "2026-11-23T01:00:00+00:00"),
    (state.ARXIV_READ_AT, "listed_at", TIME, "2026-11-23T01:00:00+00:00"),
    (state.FIRST_ANNOUNCEMENT, "began_with", DAY, "2026-11-23"),
    (state.FIRST_OF_CATEGORY, "categories_began", {"cs.AI": DAY, "cs.CL": state.ALWAYS}, {"cs.AI": "2026-11-23", "cs.CL": ""}),
    (BIORXIV, "posted_biorxiv", state.ReadingProgress(DAY), {"began": "2026-11-23"}),
    (
        state.READ_OF_SERVER["medrxiv"],
        "posted_medrxiv",
        state.ReadingProgress(DAY, DAY, TIME),
        {"began": "2026-11-23", "through": "2026-11-23", "read": "2026-11-23T01:00:00+00:00"},
    ),
    (
        state.READ_OF_VENUES,
        "venues_read",
        {"https://j.example.org": state.ReadingProgress(DAY, None, TIME)},
        {"https://j.example.org": {"began": "2026-11-23", "read": "2026-11-23T01:00:00+00:00"}},
    ),
    (
        state.BACKFILL,
        "backfill",
        state.BackfillProgress(DAY, DAY, DAY, ("cs.CV",), 2, "token", 30, 20),
        {
            "since": "2026-11-23",
            "until": "2026-11-23",
            "through": "2026-11-23",
            "categories": ["cs.CV"],
            "step": 2,
            "token": "token",
            "records": 30,
            "new": 20,
        },
    ),
    (state.MATCHED_CATALOGUE, "catalogue", "a1b2", "a1b2"),
]


@pytest.fixture
def logs() -> Iterator[list[Any]]:
    with capture_logs() as found:
        yield found


def store(database: Database, name: str, value: Any) -> None:
    with database.transaction() as session:
        set_state(session, name, value, now=NOW)


@pytest.mark.parametrize(("fact", "name", "value", "stored"), KEPT)
def test_each_fact_keeps_its_name_and_form_in_the_database(
    database: Database, fact: state.Fact[Any], name: str, value: Any, stored: Any
) -> None:
    with database.transaction() as session:
        fact.write(session, value, now=NOW)
        assert get_state(session, name) == stored
    store(database, name, stored)
    with database.reading() as session:
        assert fact.read(session) == value


@pytest.mark.parametrize(
    ("fact", "stored"),
    [
        (state.PLANNED_AT, "yesterday"),
        (state.PLANNED_AT, 12),
        (state.PLANNED_AT, "2026-11-23T01:00:00"),
        (state.SENDING_HELD, {"reason": "no end"}),
        (state.SENDING_HELD, "for ever"),
        (state.SENDER_REFUSALS, "many"),
        (state.FIRST_ANNOUNCEMENT, "2026-02-30"),
        (state.FIRST_OF_CATEGORY, ["cs.AI"]),
        (BIORXIV, {"through": "soon"}),
        (BIORXIV, "2026-11-23"),
    ],
)
def test_what_cannot_be_read_counts_as_unset_and_is_logged(
    database: Database, fact: state.Fact[Any], stored: Any, logs: list[Any]
) -> None:
    store(database, fact.name, stored)
    with database.reading() as session:
        assert fact.read(session) is None
    assert [line["name"] for line in logs] == [fact.name]


@pytest.mark.parametrize(("fact", "emptied"), [(state.SENDING_HELD, {}), (state.PLANNED_AT, ""), (BIORXIV, {})])
def test_what_an_earlier_version_emptied_is_unset_and_nothing_to_log(
    database: Database, fact: state.Fact[Any], emptied: Any, logs: list[Any]
) -> None:
    store(database, fact.name, emptied)
    with database.reading() as session:
        assert fact.read(session) is None
    assert not logs


def test_sending_is_not_paused_where_nobody_ever_paused_it(database: Database) -> None:
    with database.reading() as session:
        assert not state.paused(session)


def test_a_pause_lasts_until_it_is_ended_and_may_be_repeated(database: Database) -> None:
    for step, expected in ((state.pause, True), (state.pause, True), (state.resume, False)):
        with database.transaction() as session:
            step(session, now=NOW)
        with database.reading() as session:
            assert state.paused(session) is expected


def test_the_last_value_stands_until_it_is_taken_back(database: Database) -> None:
    for value in (TIME, NOW, None):
        with database.transaction() as session:
            if value is None:
                state.PLANNED_AT.clear(session, now=NOW)
            else:
                state.PLANNED_AT.write(session, value, now=NOW)
        with database.reading() as session:
            assert state.PLANNED_AT.read(session) == value


def test_a_change_that_is_rolled_back_is_not_seen(database: Database) -> None:
    class Undone(Exception):
        pass

    try:
        with database.transaction() as session:
            state.pause(session, now=NOW)
            raise Undone
    except Undone:
        pass
    with database.reading() as session:
        assert not state.paused(session)
