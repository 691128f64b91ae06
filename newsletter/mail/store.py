"""The ledger: planning, skipping and reading of deliveries. What a sending worker does with them is in ``leases/store.py``.

A row is there before any job (`plan_mail`, `plan_digests`), unique by (subscriber, kind, period), and frozen in what it holds.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, case, delete, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from newsletter.mail.bulk.store import write_rows
from newsletter.mail.deliveries import SETTLED, WELCOME_PRIORITY, Delivery, PlannedDigest
from newsletter.mail.rows.store import as_delivery, away, chunks, eligible, followed, is_open, uncovered, waits, with_subscriber
from newsletter.models import DeliveryRow, SubscriberRow, SuppressionRow
from newsletter.values import DeliveryState, MailKind

WAITS = "waits for the papers that are being fetched"
# What an operator sends again is tried for so long.
RESENT_FOR = dt.timedelta(hours=24)


def plan_mail(
    session: Session,
    *,
    subscriber_id: int,
    kind: MailKind,
    period: str,
    priority: int,
    due_at: dt.datetime,
    domain: str,
    contents: Mapping[str, Any],
    now: dt.datetime,
    covers_to: int | None = None,
    retry_until: dt.datetime | None = None,
    waits_until: dt.datetime | None = None,
) -> int | None:
    """Writes one row; None where (subscriber, kind, period) is there already. ``domain`` is that of the Message-ID.

    ``retry_until`` ends its tries; None: a day from now. With ``waits_until`` it leaves only after `freeze`.
    """
    row = _same_in_all(kind, priority=priority, due_at=due_at, now=now) | {
        "subscriber_id": subscriber_id,
        "period": period,
        "state": DeliveryState.QUEUED,
        "reason": WAITS if waits_until else "",
        "message_id": _message_id(kind, domain),
        "contents": dict(contents),
        "covers_to": covers_to,
        "retry_until": retry_until,
        "waits_until": waits_until,
    }
    statement = _insert(session).values(row).on_conflict_do_nothing().returning(DeliveryRow.id)
    return session.execute(statement).scalar_one_or_none()


def plan_digests(session: Session, digests: Sequence[PlannedDigest], *, priority: int, domain: str, now: dt.datetime) -> int:
    """Writes many digests, keeping rows that are there already; gives how many were new and are to be sent."""
    to_send = [digest for digest in digests if digest.state == DeliveryState.QUEUED]
    told = [digest for digest in digests if digest.state in SETTLED]
    same = _same_in_all(MailKind.DIGEST, priority=priority, due_at=now, now=now)
    write_rows(session, same | {"settled_at": now}, [_of_digest(digest, domain) for digest in told])
    return write_rows(session, same, [_of_digest(digest, domain) for digest in to_send])


def _of_digest(digest: PlannedDigest, domain: str) -> dict[str, Any]:
    either = (session.scalars(select(DeliveryRow.subscriber_id).where(condition)) for condition in (sending, waits()))
    return set[int]().union(*either)
