"""How sending stands, in numbers that an index gives: for figures and alarms, asked every minute however long the ledger."""

from __future__ import annotations

import datetime as dt
import math

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from newsletter.tables.deliveries import DeliveryRow
from newsletter.values.mail import DeliveryState, MailKind


def oldest_due(session: Session) -> dt.datetime | None:
    """Since when the mail waits that was due first and never tried; None where none waits."""
    queued, priority = DeliveryRow.state == DeliveryState.QUEUED, -1
    first: list[dt.datetime] = []
    # From one priority to the next by the index: DISTINCT would read a whole morning for three.
    while (
        found := session.scalar(select(func.min(DeliveryRow.priority)).where(queued, DeliveryRow.priority > priority))
    ) is not None:
        priority = found
        waiting = (queued, DeliveryRow.priority == priority, DeliveryRow.waits_until.is_(None))
        first += session.scalars(select(DeliveryRow.due_at).where(*waiting).order_by(DeliveryRow.due_at).limit(1)).all()
    return min(first, default=None)


def ended_by_state(session: Session, *, since: dt.date) -> dict[str, int]:
    """How many digests of the dates from ``since`` on are in each state."""
    digests = (DeliveryRow.kind == MailKind.DIGEST, DeliveryRow.period >= since.isoformat())
    rows = session.connection().execute(select(DeliveryRow.state, func.count()).where(*digests).group_by(DeliveryRow.state))
    return {state: count for state, count in rows}  # noqa: C416 - dict() does not see that a row is a pair


def refused_share(session: Session, *, since: dt.date, share: float) -> tuple[int, int]:
    """How many digests of the dates from ``since`` on were refused, and how many of these dates were sent or refused.

    Where fewer than ``share`` of them were refused, no more are counted than it takes to see that: the sent ones are many.
    """
    refused = _ended(session, DeliveryState.FAILED, since=since)
    enough = math.floor(refused / share) - refused + 1
    return refused, refused + (_ended(session, DeliveryState.SENT, since=since, most=enough) if refused else 0)


def _ended(session: Session, state: DeliveryState, *, since: dt.date, most: int | None = None) -> int:
    """How many digests are in ``state``; at most ``most`` are counted. Day by day, as the index has them."""
    ids = select(DeliveryRow.id).where(
        DeliveryRow.kind == MailKind.DIGEST, DeliveryRow.period >= since.isoformat(), DeliveryRow.state == state
    )
    return session.scalar(select(func.count()).select_from(ids.limit(most).subquery())) or 0


def digests_by_state(session: Session, *, day: dt.date) -> dict[str, int]:
    """How many digests of ``day`` are in each state."""
    digests = (DeliveryRow.kind == MailKind.DIGEST, DeliveryRow.period == day.isoformat())
    rows = session.connection().execute(select(DeliveryRow.state, func.count()).where(*digests).group_by(DeliveryRow.state))
    return {state: count for state, count in rows}  # noqa: C416 - dict() does not see that a row is a pair


def replies_by_class(session: Session, *, since: dt.date) -> dict[str, int]:
    """How mail servers answered the digests of the dates from ``since`` on: 2xx, 4xx, 5xx, or "none" for no SMTP reply."""
    digit = func.substr(DeliveryRow.reply, 1, 1)
    kind = case((digit == "2", "2xx"), (digit == "4", "4xx"), (digit == "5", "5xx"), else_="none")
    digests = (DeliveryRow.kind == MailKind.DIGEST, DeliveryRow.period >= since.isoformat(), DeliveryRow.reply != "")
    rows = session.connection().execute(select(kind, func.count()).where(*digests).group_by(kind))
    return {name: count for name, count in rows}  # noqa: C416 - dict() does not see that a row is a pair
