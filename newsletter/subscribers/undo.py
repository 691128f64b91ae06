"""What a change of choices replaced is kept for a day, so that whoever holds the link can take it back (`preferences.undo`).

Only the last change is kept, in the database: a browser forgets, and long queries do not fit into a cookie (RFC 6265, 6.1).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy.orm import Session

from newsletter.subscribers.choices import Choices, choices_of
from newsletter.subscribers.store import subscribers as subscribers_store
from newsletter.subscribers.subscriber import State
from newsletter.values.readers import Layout
from newsletter.values.saved_queries import Kind, SavedQuery

KEPT = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Standing:
    """All choices at one time; ``paused_until`` is None without a pause, and ``endless`` a pause without an end."""

    preferences: Choices
    paused_until: dt.date | None
    endless: bool


@contextmanager
def undoable(session: Session, subscriber_id: int, *, now: dt.datetime) -> Iterator[None]:
    """Keeps what the changes inside replace; where they change nothing, the change before them can still be undone."""
    before = _standing(session, subscriber_id)
    yield
    if before is not None and before != _standing(session, subscriber_id):
        subscribers_store.forget_replaced(session, before=now - KEPT)
        subscribers_store.keep_replaced(session, subscriber_id, _as_json(before), now=now)


def is_undoable(session: Session, subscriber_id: int, *, now: dt.datetime) -> bool:
    """Whether there was a change within the last day that has not been undone."""
    return subscribers_store.replaced(session, subscriber_id, since=now - KEPT) is not None


def replaced(session: Session, subscriber_id: int, *, now: dt.datetime) -> Standing | None:
    """What the last change replaced; None where there was none within the last day, or it was undone."""
    kept = subscribers_store.replaced(session, subscriber_id, since=now - KEPT)
    return None if kept is None else _from_json(kept)


def forget(session: Session, subscriber_id: int) -> None:
    """Says that the last change was undone."""
    subscribers_store.forget_replaced(session, subscriber_id=subscriber_id)


def _standing(session: Session, subscriber_id: int) -> Standing | None:
    found = subscribers_store.subscriber(session, subscriber_id, lock=True)
    if found is None:
        return None
    return Standing(choices_of(found), found.paused_until, found.state is State.PAUSED)


def _as_json(standing: Standing) -> dict[str, Any]:
    until = standing.paused_until
    return {**asdict(standing), "paused_until": until.isoformat() if until else None}


def _from_json(kept: Mapping[str, Any]) -> Standing:
    values = dict(kept["preferences"])
    values |= {
        "topics": tuple(values["topics"]),
        "weekdays": tuple(values["weekdays"]),
        "layout": Layout(values["layout"]),
        "own": tuple(SavedQuery(Kind(one["kind"]), one["text"]) for one in values["own"]),
    }
    until = kept["paused_until"]
    return Standing(Choices(**values), dt.date.fromisoformat(until) if until else None, kept["endless"])
