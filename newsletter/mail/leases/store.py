"""Leases: how workers claim, mark and settle deliveries, and how rows of dead workers are taken up.

A claim re-checks subscription and suppression in its own statement (`claim`); the mark before the final dot is conditional on the
lease, which is the fence (`mark_final_dot`); a subscriber's cursor moves in the transaction that settles (`settle`, `sweep`).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Sequence

from sqlalchemy import and_, case, exists, func, select, update
from sqlalchemy.orm import Session

from newsletter.mail.deliveries import FINAL_DOT, RESENT_IN_DOUBT, SETTLED, Delivery, Outcome, Swept
from newsletter.mail.rows.store import as_delivery, at_domain, chunks, eligible, is_open, with_subscriber
from newsletter.models import DeliveryRow, SubscriberRow
from newsletter.values import DeliveryState, MailKind

_CONTROLS = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\ud800-\\udfff]+")


def claim(
    session: Session, *, lease: str, until: dt.datetime, limit: int, now: dt.datetime, without: Collection[str] = ()
) -> list[Delivery]:
    """Claims up to ``limit`` due rows under ``lease``, first those that a person waits for; commit before the first SMTP byte.

    Mails to the domains ``without`` stay where they are.
    """
    due = (
        select(DeliveryRow.id)
        .join(SubscriberRow, SubscriberRow.id == DeliveryRow.subscriber_id)
        .where(is_open(), DeliveryRow.due_at <= now, eligible(), *(~at_domain(domain) for domain in sorted(without)))
        .order_by(DeliveryRow.priority, DeliveryRow.due_at, DeliveryRow.id)
        .limit(limit)
        .with_for_update(of=DeliveryRow, skip_locked=True)
    )
    statement = (
        update(DeliveryRow)
        .where(DeliveryRow.id.in_(due.scalar_subquery()), is_open())
        .values(state=DeliveryState.SENDING, stage="claimed", lease=lease, lease_until=until, attempts=DeliveryRow.attempts + 1)
        .returning(DeliveryRow.id)
        .execution_options(synchronize_session=False)
    )
    ids = session.execute(statement).scalars().all()
    if not ids:
        return []
    rows = session.execute(with_subscriber().where(DeliveryRow.id.in_(ids)).order_by(DeliveryRow.priority, DeliveryRow.id))
    return [as_delivery(row) for row in rows]


def renew(session: Session, *, lease: str, until: dt.datetime) -> int:
    """Keeps the rows of a living worker: called by its heartbeat; gives how many are still its own."""
    condition = and_(DeliveryRow.lease == lease, DeliveryRow.state == DeliveryState.SENDING)
    return len(session.execute(update(DeliveryRow).where(condition).values(lease_until=until).returning(DeliveryRow.id)).all())


def mark_final_dot(session: Session, ids: Sequence[int], *, lease: str, now: dt.datetime) -> set[int]:
    """Marks rows whose final dot comes next; gives those still held, of people who have not left meanwhile.

    Only for these may the dot be sent, after the commit.
    """
    wanted = exists().where(SubscriberRow.id == DeliveryRow.subscriber_id, eligible())
    held = and_(DeliveryRow.lease == lease, DeliveryRow.state == DeliveryState.SENDING, DeliveryRow.lease_until > now)
    statement = update(DeliveryRow).where(DeliveryRow.id.in_(ids), held, wanted).values(stage=FINAL_DOT).returning(DeliveryRow.id)
    return set(session.execute(statement.execution_options(synchronize_session=False)).scalars())


def settle(session: Session, outcomes: Sequence[Outcome], *, lease: str, now: dt.datetime) -> int:
    """Writes what became of claimed rows and moves the cursors of those sent or in doubt; gives how many were still held."""
    settled: list[int] = []
    for outcome in outcomes:
        final = outcome.state in SETTLED
        statement = (
            update(DeliveryRow)
            .where(DeliveryRow.id == outcome.delivery_id, DeliveryRow.lease == lease, DeliveryRow.state == DeliveryState.SENDING)
            .values(
                state=outcome.state,
                stage=outcome.stage,
                reply=_plain(outcome.reply)[:500],
                reason=_plain(outcome.reason),
                lease="",
                lease_until=None,
                due_at=outcome.due_at or DeliveryRow.due_at,
                envelope_from=outcome.envelope_from or DeliveryRow.envelope_from,
                settled_at=now if final else None,
            )
            .returning(DeliveryRow.id)
        )
        settled += session.execute(statement).scalars()
    _move_cursors(session, settled, now=now)
    return len(settled)


def _plain(text: str) -> str:
    """``text`` of a mail server without what bends a terminal; a NUL would keep PostgreSQL from settling the whole group."""
    return _CONTROLS.sub(" ", text)


def release(session: Session, *, lease: str, ids: Collection[int] | None = None) -> int:
    """Gives back, untried, the rows of ``lease`` that were claimed and not marked, or those of ``ids`` among them."""
    condition = and_(DeliveryRow.lease == lease, DeliveryRow.state == DeliveryState.SENDING, DeliveryRow.stage != FINAL_DOT)
    if ids is not None:
        condition = and_(condition, DeliveryRow.id.in_(ids))
    back = case((DeliveryRow.attempts > 1, DeliveryState.RETRY), else_=DeliveryState.QUEUED)
    values = {"state": back, "stage": "", "lease": "", "lease_until": None, "attempts": DeliveryRow.attempts - 1}
    return len(session.execute(update(DeliveryRow).where(condition).values(values).returning(DeliveryRow.id)).all())


def sweep(session: Session, *, now: dt.datetime) -> Swept:
    """Takes up rows whose worker is gone: before the mark they are tried again, after it they are unknown.

    Confirmations, mailed links and notes about a move are tried again in either case: a second copy harms nobody.
    """
    expired = and_(DeliveryRow.state == DeliveryState.SENDING, DeliveryRow.lease_until <= now)
    doubtful = and_(DeliveryRow.stage == FINAL_DOT, DeliveryRow.kind.not_in(RESENT_IN_DOUBT))
    in_doubt = {"state": DeliveryState.UNKNOWN, "reason": "the worker ended after the mark", "settled_at": now}
    again = {"state": DeliveryState.RETRY, "reason": "the worker ended before the mark", "due_at": now}
    free = {"lease": "", "lease_until": None}
    unknown = session.execute(update(DeliveryRow).where(expired, doubtful).values(in_doubt | free).returning(DeliveryRow.id))
    ids = list(unknown.scalars())
    retried = session.execute(update(DeliveryRow).where(expired).values(again | free).returning(DeliveryRow.id)).all()
    _move_cursors(session, ids, now=now)
    return Swept(len(retried), len(ids))


def _move_cursors(session: Session, ids: Sequence[int], *, now: dt.datetime) -> None:
    for chunk in chunks(ids):
        moving = and_(
            DeliveryRow.id.in_(chunk),
            DeliveryRow.subscriber_id == SubscriberRow.id,
            DeliveryRow.kind == MailKind.DIGEST,
            DeliveryRow.state.in_((DeliveryState.SENT, DeliveryState.UNKNOWN)),
        )
        farthest = func.coalesce(SubscriberRow.cursor, 0) < DeliveryRow.covers_to
        cursor = case((farthest, DeliveryRow.covers_to), else_=SubscriberRow.cursor)
        statement = update(SubscriberRow).where(moving).values(cursor=cursor, mailed_at=now)
        session.execute(statement.execution_options(synchronize_session=False))
