"""Where readers stand is told of those who are asked for, of few and of very many alike."""

from __future__ import annotations

import datetime as dt

from newsletter.db import Database
from newsletter.digests.store import cursors_of
from tests.factories import a_subscriber

# More than one statement takes parameters.
VERY_MANY = 100_000
NOW = dt.datetime(2026, 6, 26, 6, 0, tzinfo=dt.UTC)


def test_of_very_many_readers_only_those_asked_for_are_told(database: Database) -> None:
    with database.transaction() as session:
        ids = [a_subscriber(session, "nerf", confirmed_at=NOW) for _ in range(3)]
    asked = [ids[0], ids[2], *range(10_000, 10_000 + VERY_MANY)]
    with database.reading() as session:
        assert cursors_of(session, asked) == cursors_of(session, asked[:2]) == {ids[0]: None, ids[2]: None}
