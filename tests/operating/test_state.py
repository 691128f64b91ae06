"""Switches are seen by every process, and hold what was put into them."""

from newsletter.db import Database
from newsletter.operating import state
from tests.factories import NOW


def test_sending_is_not_paused_where_nobody_ever_paused_it(database: Database) -> None:
    with database.reading() as session:
        assert not state.paused(session)


def test_a_pause_lasts_until_it_is_ended_and_may_be_repeated(database: Database) -> None:
    for step, expected in ((state.pause, True), (state.pause, True), (state.resume, False)):
        with database.transaction() as session:
            step(session, now=NOW)
        with database.reading() as session:
            assert state.paused(session) is expected


def test_the_last_value_of_a_switch_stands(database: Database) -> None:
    for value in ({"until": "2026-01-01", "深": [1]}, "text"):
        with database.transaction() as session:
            state.set_value(session, "alarm", value, now=NOW)
        with database.reading() as session:
            assert state.value_of(session, "alarm") == value


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
