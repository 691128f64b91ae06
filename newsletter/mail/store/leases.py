"""Leases: how workers claim, mark and settle deliveries, and how rows of dead workers are taken up.

A claim re-checks subscription and suppression in its own statement (`claim`); the mark before the final dot is conditional on the
lease, which is the fence (`mark_final_dot`); a subscriber's cursor moves in the transaction that settles (`settle`, `sweep`).
Statements are built once: building them took longer than running them.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Collection, Sequence
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import (
    CTE,
    ColumnElement,
    Executable,
    Integer,
    Select,
    Subquery,
    Table,
    Text,
    Update,
    and_,
    bindparam,
    case,
    column,
    exists,
    func,
    select,
    union_all,
    update,
)
from sqlalchemy import cast as cast_to
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate

from newsletter.mail.deliveries import FINAL_DOT, OPEN, RESENT_IN_DOUBT, SETTLED, Delivery, Outcome, Swept
from newsletter.mail.store.rows import as_delivery, at_domain, eligible, is_open, with_subscriber, words
from newsletter.operating import state
from newsletter.tables.among import among
from newsletter.tables.deliveries import DeliveryRow
from newsletter.tables.subscribers import SubscriberRow
from newsletter.values.batches import batches
from newsletter.values.mail import DeliveryState, MailKind

# The tables and not their mapped classes, for which SQLAlchemy would also keep objects up to date; there are none here.
DELIVERIES, SUBSCRIBERS = cast("Table", DeliveryRow.__table__), cast("Table", SubscriberRow.__table__)
_CONTROLS = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\ud800-\\udfff]+")


@lru_cache(maxsize=256)
def _claim(without: tuple[str, ...]) -> Executable:
    # A SELECT for each state, because the index gives its rows in order; one for both would sort all that wait.
    firsts = [_first_due(state, without) for state in OPEN]
    both = union_all(*(select(first.c.id, first.c.priority, first.c.due_at) for first in firsts)).subquery()
    due = select(both.c.id).order_by(both.c.priority, both.c.due_at, both.c.id).limit(bindparam("most", type_=Integer))
    taken = {"state": DeliveryState.SENDING, "stage": "claimed", "attempts": DeliveryRow.attempts + 1}
    return (
        update(DELIVERIES)
        .where(DeliveryRow.id.in_(due.scalar_subquery()), is_open())
        .values(taken | {"lease": bindparam("new_lease"), "lease_until": bindparam("until")})
        .returning(DeliveryRow.id)
    )


def _first_due(state: DeliveryState, without: tuple[str, ...]) -> Subquery:
    """The first due rows of ``state``, locked; rows locked by others are skipped.

    Ordered by the columns of the index only: all rows of a morning are due at once, and with the id PostgreSQL would sort them.
    """
    return (
        select(DeliveryRow.id, DeliveryRow.priority, DeliveryRow.due_at)
        .join(SubscriberRow, SubscriberRow.id == DeliveryRow.subscriber_id)
        .where(DeliveryRow.state == state, DeliveryRow.due_at <= bindparam("now"), DeliveryRow.waits_until.is_(None), eligible())
        .where(*(~at_domain(domain) for domain in without))
        .order_by(DeliveryRow.priority, DeliveryRow.due_at)
        .limit(bindparam("most", type_=Integer))
        .with_for_update(of=DeliveryRow, skip_locked=True)
        .subquery()
    )


@lru_cache(maxsize=1)
def _claimed() -> Executable:
    return with_subscriber().where(among(DeliveryRow.id, "ids")).order_by(DeliveryRow.priority, DeliveryRow.id)


def claim(
    session: Session, *, lease: str, until: dt.datetime, limit: int, now: dt.datetime, without: Collection[str] = ()
) -> list[Delivery]:
    """Claims up to ``limit`` due rows under ``lease``, first those that a person waits for; commit before the first SMTP byte.

    Mails to the domains ``without`` stay where they are.
    """
    given = {"now": now, "most": limit, "new_lease": lease, "until": until}
    ids = session.connection().execute(_claim(tuple(sorted(without))), given).scalars().all()
    return list(map(as_delivery, session.connection().execute(_claimed(), {"ids": ids}).all())) if ids else []


def renew(session: Session, *, lease: str, until: dt.datetime) -> int:
    """Keeps the rows of a living worker: called by its heartbeat; gives how many are still its own."""
    condition = and_(DeliveryRow.lease == lease, DeliveryRow.state == DeliveryState.SENDING)
    return len(session.execute(update(DeliveryRow).where(condition).values(lease_until=until).returning(DeliveryRow.id)).all())


@lru_cache(maxsize=1)
def _mark() -> ReturningUpdate[Any]:
    wanted = exists().where(SubscriberRow.id == DeliveryRow.subscriber_id, eligible())
    # Hidden as in `_moving`: SQLite would look through all that are being sent.
    mine = and_(DeliveryRow.lease == bindparam("mine"), DeliveryRow.state.concat("") == DeliveryState.SENDING)
    held = and_(mine, DeliveryRow.lease_until > bindparam("now"))
    marked = update(DELIVERIES).where(among(DELIVERIES.c.id, "ids"), held, wanted, ~state.sending_is_paused())
    return marked.values(stage=FINAL_DOT).returning(DeliveryRow.id)


def mark_final_dot(session: Session, ids: Sequence[int], *, lease: str, now: dt.datetime) -> set[int]:
    """Marks rows whose final dot comes next; gives those still held, of people who have not left meanwhile.

    Only for these may the dot be sent, after the commit. None are marked while all sending is paused.
    """
    return set(session.connection().execute(_mark(), {"ids": list(ids), "mine": lease, "now": now}).scalars())


def _told(given: Callable[[str], Any]) -> dict[str, Any]:
    """The columns of a row that is settled; ``given`` is what the outcome says for one of them."""
    kept = {name: func.coalesce(given(name), DELIVERIES.c[name]) for name in _KEPT}
    return {name: given(name) for name in _SAID} | kept | {"lease": "", "lease_until": None}


_SAID = ("state", "stage", "reply", "reason", "settled_at")
# What an outcome changes only where it names it.
_KEPT = ("due_at", "envelope_from")


def _mine() -> ColumnElement[bool]:
    return and_(DELIVERIES.c.lease == bindparam("mine"), DELIVERIES.c.state == DeliveryState.SENDING)


@lru_cache(maxsize=1)
def _settle() -> Executable:
    def given(name: str) -> Any:
        return bindparam(f"new_{name}", type_=DELIVERIES.c[name].type)

    return update(DELIVERIES).where(DELIVERIES.c.id == bindparam("new_id"), _mine()).values(_told(given))


def _settled_together() -> tuple[CTE, CTE]:
    """For PostgreSQL: settles all rows of a group, and moves their cursors, in one statement.

    The rows come as one JSON value: few of them, and the driver takes longer to read a list of values.
    """
    names = ("id", *_SAID, *_KEPT)
    columns = [column(f"new_{name}", DELIVERIES.c[name].type) for name in names]
    rows = func.jsonb_to_recordset(cast_to(bindparam("rows", type_=Text), JSONB)).table_valued(*columns)
    given = rows.render_derived(name="given", with_types=True)
    update_rows = update(DELIVERIES).where(DELIVERIES.c.id == given.c.new_id, _mine())
    returned = ("subscriber_id", "kind", "state", "covers_to")
    told = update_rows.values(_told(lambda name: given.c[f"new_{name}"]))
    settled = told.returning(*(DELIVERIES.c[name] for name in returned)).cte("settled")
    of_papers = and_(settled.c.kind == MailKind.DIGEST, settled.c.state.in_(words(_MOVING)))
    move = _move(select(*_farthest(settled.c)).where(of_papers).group_by(settled.c.subscriber_id))
    return settled, move.returning(SUBSCRIBERS.c.id).cte("moved")


@lru_cache(maxsize=1)
def _settle_together() -> Executable:
    settled, moved = _settled_together()
    return select(func.count()).select_from(settled).add_cte(moved)


@lru_cache(maxsize=1)
def _settle_and_mark() -> Executable:
    settled, moved = _settled_together()
    marked = _mark().cte("marked")
    count = select(func.count()).select_from(settled).scalar_subquery()
    ids = select(func.array_agg(marked.c.id)).scalar_subquery()
    return select(count.label("settled"), ids.label("marked")).add_cte(moved)


def settle(session: Session, outcomes: Sequence[Outcome], *, lease: str, now: dt.datetime) -> int:
    """Writes what became of claimed rows and moves the cursors of those sent or in doubt; gives how many were still held."""
    if not outcomes:
        return 0
    rows = [_row_of(outcome, now=now) for outcome in outcomes]
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        together: int = connection.execute(_settle_together(), {"rows": _as_json(rows), "mine": lease, "at": now}).scalar_one()
        return together
    settled: int = connection.execute(_settle(), [row | {"mine": lease} for row in rows]).rowcount
    # For rows that another worker has taken over meanwhile this changes nothing: `move_cursors` looks at their state.
    move_cursors(session, [outcome.delivery_id for outcome in outcomes], now=now)
    return settled


def settle_and_mark(
    session: Session, outcomes: Sequence[Outcome], ids: Sequence[int], *, lease: str, now: dt.datetime
) -> tuple[int, set[int]]:
    """What `settle` does and gives for ``outcomes``, and `mark_final_dot` for ``ids``, other rows; neither is empty.

    By one statement on PostgreSQL, so that it may be a transaction by itself.
    """
    connection = session.connection()
    if connection.dialect.name != "postgresql":
        return settle(session, outcomes, lease=lease, now=now), mark_final_dot(session, ids, lease=lease, now=now)
    rows = _as_json([_row_of(outcome, now=now) for outcome in outcomes])
    given = {"rows": rows, "ids": list(ids), "mine": lease, "at": now, "now": now}
    settled, marked = connection.execute(_settle_and_mark(), given).one()
    return settled, set(marked or ())


# Made once: `json.dumps` makes one at each call that names either.
_as_json = json.JSONEncoder(default=dt.datetime.isoformat, separators=(",", ":")).encode


def _row_of(outcome: Outcome, *, now: dt.datetime) -> dict[str, Any]:
    return {
        "new_id": outcome.delivery_id,
        "new_state": outcome.state,
        "new_stage": outcome.stage,
        "new_reply": _plain(outcome.reply)[:500],
        "new_reason": _plain(outcome.reason),
        "new_settled_at": now if outcome.state in SETTLED else None,
        "new_due_at": outcome.due_at,
        "new_envelope_from": outcome.envelope_from or None,
    }


def _plain(text: str) -> str:
    """``text`` of a mail server without control characters: PostgreSQL refuses a NUL, and with it the whole group."""
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
    move_cursors(session, ids, now=now)
    return Swept(len(retried), len(ids))


@lru_cache(maxsize=1)
def _moving() -> Executable:
    row = DELIVERIES
    # The concatenation hides the columns from SQLite's planner, which by old statistics would scan all sent rows and not look up
    # the ids.
    of_papers = and_(row.c.kind.concat("") == MailKind.DIGEST, row.c.state.concat("").in_(words(_MOVING)))
    return _move(select(*_farthest(row.c)).where(among(row.c.id, "ids"), of_papers).group_by(row.c.subscriber_id))


# In which states a digest moves its reader's cursor.
_MOVING = (DeliveryState.SENT, DeliveryState.UNKNOWN)


def _farthest(columns: Any) -> tuple[ColumnElement[Any], ...]:
    """The subscriber, and how far their digests reach: there may be two of one in a group."""
    return columns.subscriber_id, func.max(columns.covers_to).label("covers_to")


def _move(readers: Select[Any]) -> Update:
    """Moves the cursors of ``readers``, rows of `_farthest`; none goes back."""
    row, reader = SUBSCRIBERS.c, readers.subquery("readers").c
    farther = func.coalesce(row.cursor, 0) < reader.covers_to
    cursor = case((farther, reader.covers_to), else_=row.cursor)
    return update(SUBSCRIBERS).where(row.id == reader.subscriber_id).values(cursor=cursor, mailed_at=bindparam("at"))


def move_cursors(session: Session, ids: Sequence[int], *, now: dt.datetime) -> None:
    """Moves the cursors of the subscribers of those digests ``ids`` that were sent or are in doubt."""
    for some in batches(ids):
        session.connection().execute(_moving(), {"ids": some, "at": now})
