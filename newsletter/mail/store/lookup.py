"""The ledger as an operator asks of it: who got what, when, and why not. Reads rows as they come and keeps none.

Each question is asked so that an index answers it, however long the ledger: nothing here may read it whole unless that is asked.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal_column, or_, select, union_all
from sqlalchemy.orm import Session

from newsletter.mail.deliveries import Delivery
from newsletter.mail.store.rows import as_delivery, at_domain, with_subscriber
from newsletter.tables.deliveries import DeliveryRow
from newsletter.tables.subscribers import SubscriberRow
from newsletter.values.mail import DeliveryState, MailKind

AT_ONCE = 1000
# A code of RFC 5321 or RFC 3463 that no sent mail can have been answered with: "550", "550 5.1.1", "4.2.2".
A_REFUSAL = re.compile(r"[45]\d\d\b.*|[45]\.\d{1,3}\.\d{1,3}")
# Nearly all rows end in one of these states: they are read in the ledger's own order, for an index would have them sorted.
USUAL = (DeliveryState.SENT, DeliveryState.SKIPPED)
# As the partial indexes have them: SQLite knows such an index by the words of its condition, which a parameter would hide.
NO_DIGEST = DeliveryRow.kind != literal_column("'digest'")
REFUSED = and_(DeliveryRow.state != literal_column("'sent'"), DeliveryRow.reply != literal_column("''"))


@dataclass(frozen=True, slots=True)
class Question:
    """Which rows are wanted; None and "" narrow nothing.

    ``date`` is the local date of a digest, for other mails the day on which they were planned (UTC). ``email_key`` is an address
    in lower case, ``domain`` that of addresses, ``id`` one row; ``reply`` is found anywhere in what a mail server said, in either
    case. Of more than ``limit`` rows the newest come.
    """

    date: dt.date | None = None
    state: DeliveryState | None = None
    kind: MailKind | None = None
    email_key: str = ""
    reply: str = ""
    domain: str = ""
    id: int | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """One row. ``date`` as in `Question`; ``sent_at`` is None for what was not sent, ``settled_at`` for what is still to be."""

    email: str
    kind: str
    date: str
    state: str
    attempts: int
    reply: str
    reason: str
    message_id: str
    planned_at: dt.datetime
    sent_at: dt.datetime | None
    id: int
    stage: str
    due_at: dt.datetime
    settled_at: dt.datetime | None
    waits_until: dt.datetime | None
    lease_until: dt.datetime | None


def found(session: Session, question: Question) -> Iterator[Found]:
    """The rows that ``question`` asks for, oldest first, as the database gives them."""
    for row in session.execute(statement_of(question).execution_options(yield_per=AT_ONCE)):
        date = row.period if row.kind == MailKind.DIGEST else row.planned_at.date().isoformat()
        sent_at = row.settled_at if row.state == DeliveryState.SENT else None
        said = (row.kind, date, row.state, row.attempts, row.reply, row.reason, row.message_id)
        now = (row.id, row.stage, row.due_at, row.settled_at, row.waits_until, row.lease_until)
        yield Found(row.email, *said, row.planned_at, sent_at, *now)


def newest(session: Session, question: Question, *, most: int, before: int | None = None) -> list[Delivery]:
    """Up to ``most`` rows that ``question`` asks for, the newest first, of lower ids than ``before``."""
    firsts = []
    for part in _parts(question):
        wanted = part if before is None else part.where(DeliveryRow.id < before)
        firsts.append(select(wanted.order_by(DeliveryRow.id.desc()).limit(most).subquery().c.id))
    found = union_all(*firsts).subquery()
    ids = select(found.c.id).order_by(found.c.id.desc()).limit(most)
    statement = with_subscriber().where(DeliveryRow.id.in_(ids.subquery().select())).order_by(DeliveryRow.id.desc())
    return [as_delivery(row) for row in session.execute(statement)]


def _parts(question: Question) -> list[Select[Any]]:
    """SELECTs of the ids that together answer ``question``; of a whole day, or of one domain's part of it, one a state, which the
    index has in order.
    """
    # A domain's readers are looked for once, whatever the number of parts.
    theirs = select(_readers_at(question.domain).cte("theirs").c.id)
    date, domain = question.date, [DeliveryRow.subscriber_id.in_(theirs)] if question.domain else []
    if date is None or replace(question, domain="") not in (Question(date=date), Question(date=date, kind=MailKind.DIGEST)):
        return [ids_of(question)]
    digests = [select(DeliveryRow.id).where(_digests_of(date), DeliveryRow.state == state, *domain) for state in DeliveryState]
    return digests if question.kind else [*digests, select(DeliveryRow.id).where(_others_of(date), *domain)]


def ids_of(question: Question) -> Select[Any]:
    """The SELECT of the ids of the rows that ``question`` asks for."""
    return select(DeliveryRow.id).where(*_chosen(question))


def statement_of(question: Question) -> Select[Any]:
    """The SELECT that answers ``question``."""
    chosen = _chosen(question)
    if question.reply:
        # SQLite would rather read the whole ledger in order than sort the few that an index finds.
        chosen = [DeliveryRow.id.in_(select(DeliveryRow.id).where(*chosen))]
    if question.limit is not None:
        newest = select(DeliveryRow.id).where(*chosen).order_by(DeliveryRow.id.desc()).limit(question.limit)
        chosen = [DeliveryRow.id.in_(newest.subquery().select())]
    return _columns().where(*chosen).order_by(DeliveryRow.id)


def _columns() -> Select[Any]:
    """What `Found` needs; of the frozen contents the address only that a note about a move goes to."""
    said = ("id", "kind", "period", "state", "stage", "attempts", "reply", "reason", "message_id")
    times = ("planned_at", "settled_at", "due_at", "waits_until", "lease_until")
    moved = func.coalesce(_left_address(), SubscriberRow.email)
    email = case((DeliveryRow.kind == MailKind.MOVED, moved), else_=SubscriberRow.email).label("email")
    columns = [getattr(DeliveryRow, name) for name in (*said, *times)]
    return select(*columns, email).join(SubscriberRow, SubscriberRow.id == DeliveryRow.subscriber_id)


def _left_address() -> ColumnElement[str]:
    address: ColumnElement[str] = DeliveryRow.contents["to"].as_string()
    return address


def _chosen(question: Question) -> list[ColumnElement[bool]]:
    chosen = []
    if question.kind is not None:
        chosen.append(DeliveryRow.kind == question.kind)
    if question.state is not None:
        chosen.append(_in_state(question.state, alone=question == Question(state=question.state, limit=question.limit)))
    if question.email_key:
        chosen.append(_to(question.email_key))
    if question.date is not None:
        chosen.append(_of_day(question.date))
    if question.reply:
        chosen.append(_answered(question.reply))
    if question.id is not None:
        chosen.append(DeliveryRow.id == question.id)
    if question.domain:
        chosen.append(DeliveryRow.subscriber_id.in_(_readers_at(question.domain)))
    return chosen


def _readers_at(domain: str) -> Select[Any]:
    return select(SubscriberRow.id).where(at_domain(domain))


def _in_state(state: DeliveryState, *, alone: bool) -> ColumnElement[bool]:
    """The condition of the state; where it is ``alone``, one of the usual states keeps its index out of the way."""
    if alone and state in USUAL:
        return DeliveryRow.state.concat("") == state
    return DeliveryRow.state == state


def _to(email_key: str) -> ColumnElement[bool]:
    """The condition that a row is of the reader with this address now, or went to it when they moved."""
    # Two lists of ids and no OR, for which PostgreSQL would read the whole ledger.
    theirs = select(SubscriberRow.id).where(SubscriberRow.email_key == email_key)
    left = and_(NO_DIGEST, DeliveryRow.kind == MailKind.MOVED, func.lower(_left_address()) == email_key)
    either = (DeliveryRow.subscriber_id.in_(theirs), left)
    return DeliveryRow.id.in_(union_all(*(select(DeliveryRow.id).where(condition) for condition in either)))


def _of_day(date: dt.date) -> ColumnElement[bool]:
    return or_(_digests_of(date), _others_of(date))


def _digests_of(date: dt.date) -> ColumnElement[bool]:
    return and_(DeliveryRow.kind == MailKind.DIGEST, DeliveryRow.period == date.isoformat())


def _others_of(date: dt.date) -> ColumnElement[bool]:
    begin = dt.datetime.combine(date, dt.time(), dt.UTC)
    return and_(NO_DIGEST, DeliveryRow.planned_at >= begin, DeliveryRow.planned_at < begin + dt.timedelta(days=1))


def moved_from(session: Session, email_key: str) -> tuple[int, dt.datetime] | None:
    """Who (id) moved away from this address last, and when; None where nobody did."""
    moved = and_(NO_DIGEST, DeliveryRow.kind == MailKind.MOVED, func.lower(_left_address()) == email_key)
    statement = select(DeliveryRow.subscriber_id, DeliveryRow.planned_at).where(moved).order_by(DeliveryRow.id.desc()).limit(1)
    row = session.execute(statement).one_or_none()
    return None if row is None else (row.subscriber_id, row.planned_at)


def _answered(reply: str) -> ColumnElement[bool]:
    holds = DeliveryRow.reply.icontains(reply, autoescape=True)
    # Of the index SQLite wants a range, though it is the whole of it.
    return and_(REFUSED, DeliveryRow.reply > "", holds) if A_REFUSAL.fullmatch(reply) else holds
