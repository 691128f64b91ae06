"""How a day's digests went, hour by hour, and what mail servers said of them. By indexes, however long the ledger."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, cast, extract, func, literal_column, select
from sqlalchemy.orm import Session

from newsletter.tables.deliveries import DeliveryRow
from newsletter.values.mail import DeliveryState, MailKind

# Replies differ by their ends, where servers name the mail: those of one code, such as "550 5.1.1", are one.
ALIKE = 9


@dataclass(frozen=True, slots=True)
class InHour:
    """So many digests in a state, which were settled, or are due, in the hour that begins at ``hour``."""

    hour: dt.datetime
    state: DeliveryState
    count: int


@dataclass(frozen=True, slots=True)
class Said:
    """What a mail server said of ``count`` digests, which are in ``state`` since."""

    state: DeliveryState
    reply: str
    count: int


def by_hour(session: Session, date: dt.date) -> list[InHour]:
    """The digests of ``date`` by hour and state, in order of time."""
    time = func.coalesce(DeliveryRow.settled_at, DeliveryRow.due_at)
    hour: ColumnElement[Any] = cast(extract("epoch", time), BigInteger) // 3600
    if session.get_bind().dialect.name == "postgresql":
        # It thinks that a day's rows lie apart, and would rather read the whole ledger than them by their index.
        session.execute(select(func.set_config("enable_seqscan", "off", literal_column("true"))))
        # Seconds are decimal numbers there: to divide those of 100,000 mails takes longer than to read them.
        hour = func.date_bin(literal_column("interval '1 hour'"), time, literal_column("timestamptz 'epoch'"))
    statement = select(hour.label("hour"), DeliveryRow.state, func.count()).where(_of(date)).group_by("hour", DeliveryRow.state)
    rows = session.connection().execute(statement.order_by("hour"))
    return [InHour(_begin(at), DeliveryState(state), count) for at, state, count in rows]


def _begin(hour: int | dt.datetime) -> dt.datetime:
    """When an hour begins, as SQLite counts them or PostgreSQL dates them."""
    return dt.datetime.fromtimestamp(hour * 3600, dt.UTC) if isinstance(hour, int) else hour.astimezone(dt.UTC)


def said(session: Session, date: dt.date, *, most: int) -> list[Said]:
    """What was said most often of the digests of ``date`` that were refused or put off, each with one whole reply of its kind."""
    # The words of the partial index, which a parameter would hide from SQLite.
    refused = and_(DeliveryRow.state != literal_column("'sent'"), DeliveryRow.reply != literal_column("''"))
    alike, count = func.substr(DeliveryRow.reply, 1, ALIKE), func.count()
    statement = select(DeliveryRow.state, func.max(DeliveryRow.reply), count).where(_of(date), refused)
    rows = session.execute(statement.group_by(DeliveryRow.state, alike).order_by(count.desc(), alike).limit(most))
    return [Said(DeliveryState(state), reply, number) for state, reply, number in rows]


def _of(date: dt.date) -> ColumnElement[bool]:
    return and_(DeliveryRow.kind == MailKind.DIGEST, DeliveryRow.period == date.isoformat())
