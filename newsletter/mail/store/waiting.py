"""First digests that wait for a fetch: rows of the ledger whose papers are chosen later, and which nobody claims before.

Each of the changes looks at the row again, so that any number of processes may choose at once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session

from newsletter.mail.deliveries import Delivery
from newsletter.mail.store.rows import as_delivery, waits, with_subscriber
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


def drop_waiting(session: Session, delivery_id: int) -> None:
    """Removes a waiting first digest that has nothing to say: its date is free again."""
    session.execute(delete(DeliveryRow).where(DeliveryRow.id == delivery_id, waits()))
