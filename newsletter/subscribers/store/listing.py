"""The SQL of the list of subscribers: searched, narrowed, and read page by page by its key, however many there are."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from newsletter.subscribers.subscriber import State
from newsletter.tables.subscribers import SubscriberRow, SubscriptionRow, SuppressionRow

PAGE = 50


@dataclass(frozen=True, slots=True)
class Search:
    """Who is looked for; "" and None narrow nothing. ``text`` is any part of an address, in either case.

    The list is in the order of addresses, with ``newest`` by sign-up, the last first. ``after`` is the `Listed.key` of the last
    one seen, "" for the first page.
    """

    text: str = ""
    state: State | None = None
    topic: str = ""
    language: str = ""
    suppressed: bool | None = None
    newest: bool = False
    after: str = ""
    most: int = PAGE


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of the list; ``key`` is what the page after it is asked by. ``topics`` are slugs in alphabetical order."""

    id: int
    email: str = field(repr=False)
    state: State
    suppressed: bool
    language: str
    timezone: str
    hour: int
    topics: tuple[str, ...]
    paused_until: dt.date | None
    created_at: dt.datetime
    confirmed_at: dt.datetime | None
    left_at: dt.datetime | None
    mailed_at: dt.datetime | None
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the list; ``following`` is the key of the next page, "" after the last."""

    listed: tuple[Listed, ...]
    following: str


_NAMES = ("id", "email", "email_key", "state", "language", "timezone", "hour")
_TIMES = ("paused_until", "created_at", "confirmed_at", "left_at", "mailed_at")


def page(session: Session, search: Search) -> Page:
    """One page of those that ``search`` finds."""
    order = SubscriberRow.id.desc() if search.newest else SubscriberRow.email_key
    columns = [getattr(SubscriberRow, name) for name in (*_NAMES, *_TIMES)]
    statement = (
        select(*columns, _is_suppressed().label("suppressed")).where(*_conditions(search), *_after(search)).order_by(order)
    )
    rows = session.execute(statement.limit(search.most + 1)).all()
    topics = _topics(session, [row.id for row in rows])
    listed = tuple(_listed(row, topics[row.id], newest=search.newest) for row in rows[: search.most])
    return Page(listed, listed[-1].key if len(rows) > search.most else "")


def _after(search: Search) -> list[ColumnElement[bool]]:
    if not search.after:
        return []
    if not search.newest:
        return [SubscriberRow.email_key > search.after]
    # A key of the other order, or no key at all, begins anew.
    return (
        [SubscriberRow.id < int(search.after)]
        if search.after.isascii() and search.after.isdecimal() and len(search.after) < 19
        else []
    )


def _listed(row: Any, topics: Iterable[str], *, newest: bool) -> Listed:
    return Listed(
        id=row.id,
        email=row.email,
        state=State(row.state),
        suppressed=bool(row.suppressed),
        language=row.language,
        timezone=row.timezone,
        hour=row.hour,
        topics=tuple(sorted(topics)),
        **{name: getattr(row, name) for name in _TIMES},
        key=str(row.id) if newest else row.email_key,
    )


def count(session: Session, search: Search) -> int:
    """How many ``search`` finds on all its pages."""
    return session.scalar(select(func.count()).select_from(SubscriberRow).where(*_conditions(search))) or 0


def _conditions(search: Search) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if search.text.strip():
        found.append(SubscriberRow.email_key.contains(search.text.strip().lower(), autoescape=True))
    if search.state is not None:
        found.append(SubscriberRow.state == search.state)
    if search.language:
        found.append(SubscriberRow.language == search.language)
    if search.topic:
        theirs = SubscriptionRow.subscriber_id == SubscriberRow.id
        found.append(exists().where(theirs, SubscriptionRow.topic == search.topic))
    if search.suppressed is not None:
        found.append(_is_suppressed() if search.suppressed else ~_is_suppressed())
    return found


def _is_suppressed() -> ColumnElement[bool]:
    return exists().where(SuppressionRow.address_key == SubscriberRow.address_key)


def _topics(session: Session, ids: Iterable[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    columns = (SubscriptionRow.subscriber_id, SubscriptionRow.topic)
    for subscriber_id, topic in session.execute(select(*columns).where(SubscriptionRow.subscriber_id.in_(ids))):
        found[subscriber_id].append(topic)
    return found
