"""First digests that wait: for a fetch, so that their papers are chosen later and nobody claims them before, or for translations.

Each of the changes looks at the row again, so that any number of processes may choose at once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, select, update
from sqlalchemy.orm import Session

from newsletter.mail.deliveries import WELCOME_PRIORITY, Delivery
from newsletter.mail.store.rows import as_delivery, is_open, waits, with_subscriber
from newsletter.tables.deliveries import DeliveryRow


def waiting(session: Session, *, ids: Collection[int] | None = None) -> list[Delivery]:
    """The first digests that wait for papers, oldest first; with ``ids`` those of them, locked, without what others hold."""
    statement = with_subscriber().where(waits()).order_by(DeliveryRow.id)
    if ids is not None:
        statement = statement.where(DeliveryRow.id.in_(ids)).with_for_update(of=DeliveryRow, skip_locked=True)
    return [as_delivery(row) for row in session.execute(statement)]


def is_waiting(session: Session, subscriber_id: int) -> bool:
    """True while the first digest of this person waits for papers."""
    return bool(session.scalar(select(exists().where(DeliveryRow.subscriber_id == subscriber_id, waits()))))


def freeze(
    session: Session,
    delivery_id: int,
    *,
    contents: Mapping[str, Any],
    covers_to: int | None,
    due_at: dt.datetime,
    now: dt.datetime,
) -> bool:
    """Gives a waiting first digest its papers; False where another process did, or it may not leave any more."""
    values: dict[str, Any] = {"contents": dict(contents), "covers_to": covers_to, "due_at": due_at, "planned_at": now}
    values |= {"waits_until": None, "reason": ""}
    statement = update(DeliveryRow).where(DeliveryRow.id == delivery_id, waits()).values(values).returning(DeliveryRow.id)
    return session.execute(statement).one_or_none() is not None


def _for_translations(now: dt.datetime) -> ColumnElement[bool]:
    """The condition that a first digest has its papers, and leaves later than ``now`` so that these are translated."""
    first = and_(is_open(), DeliveryRow.priority == WELCOME_PRIORITY, DeliveryRow.attempts == 0)
    return and_(first, DeliveryRow.due_at > now, DeliveryRow.waits_until.is_(None))


def wait_for_translations(session: Session, *, since: dt.datetime, now: dt.datetime) -> bool:
    """True where a first digest that got its papers after ``since`` waits for translations."""
    return bool(session.scalar(select(exists().where(_for_translations(now), DeliveryRow.planned_at > since))))


def bring_forward(session: Session, *, now: dt.datetime) -> int:
    """Makes first digests that wait for translations due at once; ``now`` is when these began to be made.

    What was planned since has not been looked at, and waits on.
    """
    untried = and_(_for_translations(now), DeliveryRow.planned_at <= now)
    statement = update(DeliveryRow).where(untried).values(due_at=now).returning(DeliveryRow.id)
    return len(session.execute(statement).all())


def drop_waiting(session: Session, delivery_id: int) -> None:
    """Removes a waiting first digest that has nothing to say: its date is free again."""
    session.execute(delete(DeliveryRow).where(DeliveryRow.id == delivery_id, waits()))
