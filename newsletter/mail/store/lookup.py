"""The ledger as an operator asks of it: who got what, when, and why not. Reads rows as they come and keeps none.

Each question is asked so that an index answers it, however long the ledger: nothing here may read it whole unless that is asked.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, and_, case, func, literal_column, or_, select, union_all
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
    case, with ``refused`` only where it did not take the mail. Of more than ``limit`` rows the newest come.
    """

    date: dt.date | None = None
    state: DeliveryState | None = None
    kind: MailKind | None = None
    email_key: str = ""
    reply: str = ""
    refused: bool = False
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
    for part, order in _parts(question):
        wanted = part if before is None else part.where(DeliveryRow.id < before)
        firsts.append(select(wanted.order_by(order.desc()).limit(most).subquery().c.id))
    found = union_all(*firsts).subquery()
    ids = select(found.c.id).order_by(found.c.id.desc()).limit(most)
    statement = with_subscriber().where(DeliveryRow.id.in_(ids.subquery().select())).order_by(DeliveryRow.id.desc())
    return [as_delivery(row) for row in session.execute(statement)]


# No index has it in order: else PostgreSQL turns the whole ledger by its primary key, and hopes to meet a few rows soon.
SORTED = DeliveryRow.id + 0


def _parts(question: Question) -> list[tuple[Select[Any], SQLColumnExpression[int]]]:
    """SELECTs of the ids that together answer ``question``, each with what they are sorted by.

    A day is turned state by state, as its index has it in order. What narrows it more has it read once, from end to end, but by
    that index alone, which is what a page takes at most, however rare what is looked for.
    """
    date, kind = question.date, question.kind
    narrowing = _chosen(replace(question, date=None, kind=None, state=None))
    if date is None:
        alone = question in (Question(), Question(kind=kind), Question(state=question.state))
        return [(ids_of(question), DeliveryRow.id if alone else SORTED)]
    states = [_in_state(question.state, keep_index=False)] if question.state else []
    parts: list[tuple[Select[Any], SQLColumnExpression[int]]] = []
    if kind in (None, MailKind.DIGEST):
        digests = select(DeliveryRow.id).where(_digests_of(date), *narrowing)
        if narrowing:
            parts.append((digests.where(*states), SORTED))
        else:
            wanted = [question.state] if question.state else list(DeliveryState)
            parts += [(digests.where(DeliveryRow.state == state), DeliveryRow.id) for state in wanted]
    if kind is not MailKind.DIGEST:
        kinds = [DeliveryRow.kind == kind] if kind else []
        parts.append((select(DeliveryRow.id).where(_others_of(date), *kinds, *states, *narrowing), SORTED))
    return parts


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
        chosen.append(_in_state(question.state, keep_index=question != Question(state=question.state, limit=question.limit)))
    if question.email_key:
        chosen.append(_to(question.email_key))
    if question.date is not None:
        chosen.append(_of_day(question.date))
    if question.reply:
        chosen.append(_answered(question.reply, refused=question.refused))
    if question.id is not None:
        chosen.append(DeliveryRow.id == question.id)
    if question.domain:
        chosen.append(DeliveryRow.subscriber_id.in_(_readers_at(question.domain)))
    return chosen


def _readers_at(domain: str) -> Select[Any]:
    # Read once, and the rows are looked up among them: a domain may have half of all readers, or none of those with mails.
    theirs = select(SubscriberRow.id).where(at_domain(domain)).cte("theirs").prefix_with("MATERIALIZED", dialect="postgresql")
    return select(theirs.c.id)


def _in_state(state: DeliveryState, *, keep_index: bool) -> ColumnElement[bool]:
    """The condition of the state; without ``keep_index`` one of the usual states keeps its index out of the way."""
    if state in USUAL and not keep_index:
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


def _answered(reply: str, *, refused: bool) -> ColumnElement[bool]:
    holds = DeliveryRow.reply.icontains(reply, autoescape=True)
    # Of the index SQLite wants a range, though it is the whole of it.
    return and_(REFUSED, DeliveryRow.reply > "", holds) if refused or A_REFUSAL.fullmatch(reply) else holds
