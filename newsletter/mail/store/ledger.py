"""The ledger: planning, skipping and reading of deliveries. What a sending worker does with them is in ``leases``.

A row is there before any job (`plan_mail`, `plan_digests`), unique by (subscriber, kind, period), and frozen in what it holds.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Collection, Mapping, Sequence
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session

from newsletter.db import dialect_insert
from newsletter.mail.deliveries import SETTLED, WELCOME_PRIORITY, Delivery, PlannedDigest
from newsletter.mail.store import refusing_domains
from newsletter.mail.store.bulk import DELIVERIES, write_rows
from newsletter.mail.store.lost_days import forget_lost_days
from newsletter.mail.store.rows import (
    as_delivery,
    at_domain,
    away,
    eligible,
    followed,
    is_open,
    uncovered,
    waits,
    with_subscriber,
)
from newsletter.tables.deliveries import DeliveryRow
from newsletter.tables.subscribers import SubscriberRow, SuppressionRow
from newsletter.values.batches import batches
from newsletter.values.mail import OF_PAPERS, DeliveryState, MailKind

# Rows a statement: SQLite and PostgreSQL take more, and gain nothing by it.
AT_ONCE = 5000
WAITS = "waits for the papers that are being fetched"
# What an operator sends again is tried for so long.
RESENT_FOR = dt.timedelta(hours=24)
# When a refusal is taken back its domain is held, or will be after a few more.
REOPENED_AFTER = dt.timedelta(minutes=1)


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

    ``retry_until`` ends its tries; None: a day from now. With ``waits_until`` it leaves only after its papers are chosen.
    """
    row = _same_in_all(kind, priority=priority, due_at=due_at, now=now) | {
        "subscriber_id": subscriber_id,
        "period": period,
        "state": DeliveryState.QUEUED,
        "reason": WAITS if waits_until else "",
        "message_id": _message_ids(kind, domain, 1, now=now)[0],
        "contents": dict(contents),
        "covers_to": covers_to,
        "retry_until": retry_until,
        "waits_until": waits_until,
    }
    statement = dialect_insert(session, DELIVERIES).on_conflict_do_nothing().returning(DELIVERIES.c.id)
    return session.execute(statement, row).scalar_one_or_none()


def plan_digests(session: Session, digests: Sequence[PlannedDigest], *, priority: int, domain: str, now: dt.datetime) -> int:
    """Writes many digests, keeping rows that are there already; gives how many were new and are to be sent."""
    to_send = [digest for digest in digests if digest.state == DeliveryState.QUEUED]
    skipped = [digest for digest in digests if digest.state in SETTLED]
    same = _same_in_all(MailKind.DIGEST, priority=priority, due_at=now, now=now)
    for some in batches(skipped, AT_ONCE):
        write_rows(session, same | {"settled_at": now}, _columns(some, domain, now=now))
    return sum(write_rows(session, same, _columns(some, domain, now=now)) for some in batches(to_send, AT_ONCE))


def _columns(digests: Sequence[PlannedDigest], domain: str, *, now: dt.datetime) -> dict[str, list[Any]]:
    names = ("subscriber_id", "period", "state", "reason", "contents", "covers_to", "retry_until")
    columns = {name: list(map(attrgetter(name), digests)) for name in names}
    return columns | {"message_id": _message_ids(MailKind.DIGEST, domain, len(digests), now=now)}


def _message_ids(kind: MailKind, domain: str, count: int, *, now: dt.datetime) -> list[str]:
    # They begin with the time, so that those of a morning stand side by side in the index; the rest can be guessed by nobody.
    head, random = f"<{kind}.{int(now.timestamp()):08x}", secrets.token_hex(12 * count)
    return [f"{head}{random[start : start + 24]}@{domain}>" for start in range(0, len(random), 24)]


def _same_in_all(kind: MailKind, *, priority: int, due_at: dt.datetime, now: dt.datetime) -> dict[str, Any]:
    """What rows of a kind that are planned together have in common."""
    return {
        "kind": kind,
        "priority": priority,
        "due_at": due_at,
        "attempts": 0,
        "stage": "",
        "lease": "",
        "reply": "",
        "planned_at": now,
        "settled_at": None,
    }


def skip_queued(session: Session, subscriber_id: int, *, reason: str, now: dt.datetime) -> int:
    """Skips the mails of papers to one subscriber that have not left yet; gives how many."""
    condition = and_(DeliveryRow.subscriber_id == subscriber_id, DeliveryRow.kind.in_(OF_PAPERS), is_open())
    return _skip(session, condition, reason=reason, now=now)


def open_digests(session: Session) -> dict[int, list[tuple[int, str]]]:
    """The digests (id, period) by reader that have not left yet, and whose papers a coming one would cover too.

    A digest that an operator sends again is none of them where the cursor has passed its papers: nothing coming will cover them.
    """
    statement = select(DeliveryRow.id, DeliveryRow.subscriber_id, DeliveryRow.period)
    waiting: dict[int, list[tuple[int, str]]] = {}
    for delivery_id, subscriber_id, period in session.connection().execute(statement.where(_replaceable())):
        waiting.setdefault(subscriber_id, []).append((delivery_id, period))
    return waiting


def skip_late(session: Session, delivery_ids: Collection[int], *, now: dt.datetime) -> int:
    """Skips those of these digests that still have not left: the coming one covers their papers too; gives how many."""
    chunks = batches(sorted(delivery_ids))
    return sum(_skip(session, and_(DeliveryRow.id.in_(chunk), _replaceable()), reason="late", now=now) for chunk in chunks)


def _replaceable() -> ColumnElement[bool]:
    return and_(DeliveryRow.kind == MailKind.DIGEST, is_open(), uncovered())


def forget_digests(session: Session, *, waits_until: dt.datetime) -> None:
    """Removes the digests that have not left, and lets no other move a cursor: their papers are gone, and their numbers.

    A removed row frees its date, so that its reader gets a digest of papers that there are. First digests stay, and wait for
    papers instead.
    """
    digest = DeliveryRow.kind == MailKind.DIGEST
    session.execute(delete(DeliveryRow).where(digest, is_open(), DeliveryRow.priority != WELCOME_PRIORITY))
    first = and_(digest, is_open(), DeliveryRow.waits_until.is_(None))
    session.execute(update(DeliveryRow).where(first).values(waits_until=waits_until, reason=WAITS))
    session.execute(update(DeliveryRow).where(digest).values(covers_to=None))


def _skip(session: Session, condition: ColumnElement[bool], *, reason: str, now: dt.datetime) -> int:
    values = {"state": DeliveryState.SKIPPED, "reason": reason, "settled_at": now}
    return len(session.execute(update(DeliveryRow).where(condition).values(values).returning(DeliveryRow.id)).all())


def skip_ineligible(session: Session, *, now: dt.datetime) -> int:
    """Skips due rows that may not leave any more, with the reason: the subscriber's state, or "suppressed"."""
    due = (
        select(DeliveryRow.id)
        .join(SubscriberRow, SubscriberRow.id == DeliveryRow.subscriber_id)
        .where(is_open(), DeliveryRow.due_at <= now, ~eligible())
        .scalar_subquery()
    )
    state = select(SubscriberRow.state).where(SubscriberRow.id == DeliveryRow.subscriber_id).scalar_subquery()
    suppressed = exists().where(
        SubscriberRow.id == DeliveryRow.subscriber_id, SuppressionRow.address_key == SubscriberRow.address_key
    )
    pausing = and_(DeliveryRow.kind.in_(OF_PAPERS), exists().where(SubscriberRow.id == DeliveryRow.subscriber_id, away()))
    reason = case((suppressed, "suppressed"), (pausing, "paused"), else_=state)
    values = {"state": DeliveryState.SKIPPED, "reason": reason, "settled_at": now}
    statement = update(DeliveryRow).where(DeliveryRow.id.in_(due), is_open()).values(values).returning(DeliveryRow.id)
    return len(session.execute(statement.execution_options(synchronize_session=False)).all())


# ---------------------------------------------------------------- reading


def deliveries(
    session: Session,
    *,
    period: str | None = None,
    state: DeliveryState | None = None,
    kind: MailKind | None = None,
    subscriber_id: int | None = None,
) -> list[Delivery]:
    """The ledger's rows, oldest first, narrowed by what is given."""
    statement = with_subscriber().order_by(DeliveryRow.id)
    wanted = {
        DeliveryRow.period: period,
        DeliveryRow.state: state,
        DeliveryRow.kind: kind,
        DeliveryRow.subscriber_id: subscriber_id,
    }
    for column, value in wanted.items():
        if value is not None:
            statement = statement.where(column == value)
    return [as_delivery(row) for row in session.execute(statement)]


def delivery(session: Session, delivery_id: int) -> Delivery | None:
    """One row, None where there is none."""
    row = session.execute(with_subscriber().where(DeliveryRow.id == delivery_id)).one_or_none()
    return None if row is None else as_delivery(row)


def resend(
    session: Session, *, state: DeliveryState, period: str | None, now: dt.datetime, among: Select[Any] | None = None
) -> int:
    """Queues rows of ``state`` (failed, unknown, retry) again, by an operator's will, those ``among`` these ids; gives how many.

    A digest that failed stays as it is where a later one covers its papers, or is about to: that would show them twice. One that
    a backup did not know of has no papers to send: its row goes, and the next digest has them.
    """
    forgotten = forget_lost_days(session, period=period) if state is DeliveryState.UNKNOWN and among is None else 0
    statement = update(DeliveryRow).where(DeliveryRow.state == state)
    if state not in (DeliveryState.UNKNOWN, DeliveryState.RETRY):
        statement = statement.where(or_(DeliveryRow.kind != MailKind.DIGEST, and_(uncovered(), ~followed())))
    if period is not None:
        statement = statement.where(DeliveryRow.period == period)
    if among is not None:
        statement = statement.where(DeliveryRow.id.in_(among))
    values = {"state": DeliveryState.QUEUED, "reason": "resent by the operator", "due_at": now, "settled_at": None, "stage": ""}
    # The time for its tries may be over long since.
    values |= {"retry_until": now + RESENT_FOR}
    return forgotten + len(session.execute(statement.values(values).returning(DeliveryRow.id)).all())


def reopen(session: Session, ids: Collection[int], *, now: dt.datetime) -> int:
    """Has mails that failed tried again, whose refusal turned out to be about us; gives how many."""
    values = {"state": DeliveryState.RETRY, "reason": "it is about us: tried again later", "due_at": now + REOPENED_AFTER}
    back = update(DeliveryRow).values(values | {"settled_at": None}).returning(DeliveryRow.id)
    failed = DeliveryRow.state == DeliveryState.FAILED
    return sum(len(session.execute(back.where(DeliveryRow.id.in_(some), failed)).all()) for some in batches(sorted(ids)))


def due_count(session: Session, *, now: dt.datetime) -> int:
    """How many rows wait to be sent now; those to domains that are held do not count."""
    count = select(func.count()).select_from(DeliveryRow).where(DeliveryRow.due_at <= now)
    if refusing := [one.domain for one in refusing_domains.held(session, now=now)]:
        joined = count.join(SubscriberRow, SubscriberRow.id == DeliveryRow.subscriber_id)
        count = joined.where(*(~at_domain(domain) for domain in refusing))
    # The few whose papers are not chosen are taken off: which they are stands in no index, and a morning's rows are many.
    either = (count.where(condition).scalar_subquery() for condition in (is_open(), waits()))
    return session.scalar(select(next(either) - next(either))) or 0


def counts_by_state(session: Session, *, period: str | None = None) -> dict[str, int]:
    """Rows by state, for the dashboard, the metrics and the exit code of ``newsletter daily``."""
    statement = select(DeliveryRow.state, func.count()).group_by(DeliveryRow.state)
    if period is not None:
        statement = statement.where(DeliveryRow.period == period)
    return dict(session.execute(statement).all())


# Longer than a downtime whose missed days are recorded.
REMEMBERED = dt.timedelta(days=45)


def last_digests(session: Session, *, upto: dt.date, ids: Collection[int] | None = None) -> dict[int, str]:
    """The newest period of a digest by subscriber (of the few ``ids``), whatever became of it, of the weeks before ``upto``.

    Later ones were planned ahead by hand; who had none for so long is as one who never had any: a tick reads weeks, not years.
    """
    since = upto - REMEMBERED
    within = DeliveryRow.period.between(since.isoformat(), upto.isoformat())
    digest = and_(DeliveryRow.kind == MailKind.DIGEST, within)
    if ids is not None:
        digest = and_(digest, DeliveryRow.subscriber_id.in_(ids))
    statement = select(DeliveryRow.subscriber_id, func.max(DeliveryRow.period)).where(digest)
    return dict(session.execute(statement.group_by(DeliveryRow.subscriber_id)).all())


def subscribers_in_hand(session: Session) -> set[int]:
    """Subscribers one of whose digests is being sent just now, or whose first one waits for papers.

    They are planned once it is settled, or its papers are chosen.
    """
    sending = and_(DeliveryRow.kind == MailKind.DIGEST, DeliveryRow.state == DeliveryState.SENDING)
    either = (session.scalars(select(DeliveryRow.subscriber_id).where(condition)) for condition in (sending, waits()))
    return set[int]().union(*either)
