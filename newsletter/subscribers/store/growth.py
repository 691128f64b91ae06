"""How many began to read, and how many stopped, week by week."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import BigInteger, ColumnElement, cast, extract, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from newsletter.tables.subscribers import SubscriberRow

WEEK = 7 * 24 * 3600
# Monday, January 5, 1970: the first from which weeks are counted.
FIRST_MONDAY = 4 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Week:
    """The week (UTC) from ``monday`` on: how many confirmed, and how many left. Whoever is erased is not counted."""

    monday: dt.date
    confirmed: int
    left: int


def by_week(session: Session, *, since: dt.date) -> list[Week]:
    """Each week from that of ``since`` on in which somebody came or left, in order, and those between."""
    begin = since - dt.timedelta(days=since.weekday())
    came, left = (_counts(session, column, begin) for column in (SubscriberRow.confirmed_at, SubscriberRow.left_at))
    last = max((*came, *left), default=None)
    if last is None:
        return []
    mondays = [begin + dt.timedelta(weeks=number) for number in range((last - begin).days // 7 + 1)]
    return [Week(monday, came.get(monday, 0), left.get(monday, 0)) for monday in mondays]


def _counts(session: Session, column: InstrumentedAttribute[dt.datetime | None], begin: dt.date) -> dict[dt.date, int]:
    since = dt.datetime.combine(begin, dt.time(), dt.UTC)
    week: ColumnElement[int] = (cast(extract("epoch", column), BigInteger) - FIRST_MONDAY) // WEEK
    statement = select(week.label("week"), func.count()).where(column >= since).group_by("week")
    first = dt.date(1970, 1, 5)
    return {first + dt.timedelta(weeks=number): count for number, count in session.connection().execute(statement)}
