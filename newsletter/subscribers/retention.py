"""Retention: what has been kept long enough goes, a little at a time, by the rules that the tables declare and the settings time.

Who left is erased but for a keyed hash of the address, by which an import knows them; they themselves may sign up anew.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import TYPE_CHECKING

import structlog

from newsletter.operating import state
from newsletter.subscribers.store import personal_data
from newsletter.subscribers.store import retention as retention_store
from newsletter.tables.about import Rule
from newsletter.tables.subscribers import LEFT, UNCONFIRMED

if TYPE_CHECKING:
    from newsletter.bootstrap import Services

log = structlog.get_logger(__name__)

# Rows, or people, in one transaction: a sign-up that comes in between waits for a fraction of a second.
ROWS, PEOPLE = 500, 50
BETWEEN = dt.timedelta(hours=1)


def is_due(services: Services, *, now: dt.datetime) -> bool:
    """True where the last look found something, or was an hour ago."""
    with services.database.reading() as session:
        last = state.NOTHING_EXPIRED_AT.read(session)
    return last is None or not dt.timedelta() <= now - last < BETWEEN


def forget_expired(services: Services, *, now: dt.datetime) -> dict[str, int]:
    """Ends some of what has been kept long enough, each table in a transaction of its own; gives how many rows by table.

    Empty where there was nothing more to do, which is noted: the next look comes in an hour.
    """
    counts: Counter[str] = Counter()
    for table, expiry in retention_store.expiries():
        before = _before(services, expiry.rule, now)
        with services.database.reading() as session:
            keys = retention_store.expired(session, table, expiry, before=before, most=ROWS)
        if keys:
            with services.database.transaction() as session:
                counts[table.name] += retention_store.end_rows(session, table, expiry, keys, before=before)
    counts["subscribers"] += _forget_people(services, now=now)
    done = {name: count for name, count in counts.items() if count}
    if done:
        log.info("kept long enough", **done)
    else:
        with services.database.transaction() as session:
            state.NOTHING_EXPIRED_AT.write(session, now, now=now)
    return done


def _forget_people(services: Services, *, now: dt.datetime) -> int:
    unconfirmed, left = (_before(services, expiry.rule, now) for expiry in (UNCONFIRMED, LEFT))
    with services.database.transaction() as session:
        strangers = retention_store.people_unconfirmed(session, UNCONFIRMED, before=unconfirmed, now=now, most=PEOPLE)
        gone = retention_store.people_who_left(session, LEFT, before=left, most=PEOPLE)
        if gone:
            retention_store.keep_hashes(session, gone)
        if strangers or gone:
            personal_data.erase_subscribers(session, [*strangers, *gone])
    return len(strangers) + len(gone)


def _before(services: Services, rule: Rule, now: dt.datetime) -> dt.datetime:
    days: int = getattr(services.settings.retention, rule)
    return now - dt.timedelta(days=days)
