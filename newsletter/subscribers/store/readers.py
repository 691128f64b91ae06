"""The SQL of everybody who reads: a hundred thousand come in three queries, and no object for a row but the reader."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from sys import intern
from typing import Any

from sqlalchemy import ColumnElement, String, and_, cast, exists, func, or_, select
from sqlalchemy.orm import Session

from newsletter.subscribers.store.saved_queries import slugs_of_readers
from newsletter.subscribers.subscriber import State
from newsletter.tables.subscribers import SubscriberRow, SubscriptionRow, SuppressionRow
from newsletter.values.batches import MOST_IDS
from newsletter.values.readers import Layout, Reader
from newsletter.values.saved_queries import Kind

_LAYOUTS = {layout.value: layout for layout in Layout}
_COLUMNS = (
    SubscriberRow.id,
    SubscriberRow.language,
    SubscriberRow.timezone,
    SubscriberRow.hour,
    SubscriberRow.updates,
    SubscriberRow.cursor,
    SubscriberRow.max_papers,
    # As text: there are few different ones, and reading each as JSON took longer than the rest of its row.
    cast(SubscriberRow.weekdays, String),
    SubscriberRow.confirmed_at,
    SubscriberRow.mailed_at,
    SubscriberRow.paused_until,
    SubscriberRow.layout,
    SubscriberRow.choosy,
    SubscriberRow.weekly,
    SubscriberRow.reading_mail,
)


def readers(session: Session, *, on: dt.date, ids: Collection[int] | None = None) -> list[Reader]:
    """Everybody who may get a digest on ``on``, by id; narrowed to ``ids`` where given."""
    if ids is not None and len(ids) > MOST_IDS:
        wanted = set(ids)
        return [reader for reader in readers(session, on=on) if reader.id in wanted]
    condition = _reads_on(on) if ids is None else and_(_reads_on(on), SubscriberRow.id.in_(ids))
    topics = _topics_of_readers(session, ids)
    own = slugs_of_readers(session, condition)
    rows = session.connection().execute(select(*_COLUMNS).where(condition).order_by(SubscriberRow.id)).all()
    return [_reader(row, topics.get(row[0], ()), own.get(row[0])) for row in rows]


def topics_chosen(session: Session, *, among: Collection[str]) -> set[str]:
    """Which of the topics ``among`` somebody has who has confirmed, also during a pause."""
    statement = select(SubscriptionRow.topic).join(SubscriberRow, SubscriberRow.id == SubscriptionRow.subscriber_id)
    reads = SubscriberRow.state.in_([State.CONFIRMED, State.PAUSED])
    return set(session.scalars(statement.where(SubscriptionRow.topic.in_(among), reads).distinct())) if among else set()


def _reader(row: Any, topics: tuple[str, ...], own: Mapping[Kind, Sequence[str]] | None) -> Reader:
    number, language, timezone, hour, updates, cursor, most, weekdays, confirmed_at, mailed_at, paused_until, layout, *extra = row
    return Reader(
        id=number,
        language=language,
        timezone=timezone,
        hour=hour,
        topics=topics,
        queries=tuple(_bringing(own)) if own else (),
        excluded=tuple(own.get(Kind.EXCLUDE, ())) if own else (),
        updates=updates,
        cursor=cursor,
        max_papers=most,
        weekdays=_weekdays(weekdays),
        confirmed_at=confirmed_at,
        mailed_at=mailed_at,
        paused_until=paused_until,
        layout=_LAYOUTS[layout],
        choosy=extra[0],
        weekly=extra[1],
        reading_mail=extra[2],
    )


@lru_cache(maxsize=512)
def _weekdays(text: str) -> tuple[int, ...]:
    return tuple(json.loads(text))


def _topics_of_readers(session: Session, ids: Collection[int] | None) -> dict[int, tuple[str, ...]]:
    """The topics of everybody, or of the few ``ids``, in alphabetical order, a row a person: joined by what stands in no slug.

    Also of those who do not read now: looking for each topic whose it is took longer than all else.
    """
    joined = func.aggregate_strings(SubscriptionRow.topic, ";")
    chosen = select(SubscriptionRow.subscriber_id, joined).group_by(SubscriptionRow.subscriber_id)
    if ids is not None:
        chosen = chosen.where(SubscriptionRow.subscriber_id.in_(ids))
    rows = session.connection().execute(chosen).all()
    # Each slug stands in memory once, not once a reader: a fifth of what planning takes up.
    return {subscriber_id: tuple(sorted(map(intern, text.split(";")))) for subscriber_id, text in rows}


def _bringing(own: Mapping[Kind, Sequence[str]]) -> Iterable[str]:
    return (*own.get(Kind.QUERY, ()), *own.get(Kind.AUTHOR, ()))


def _reads() -> ColumnElement[bool]:
    return and_(SubscriberRow.state == State.CONFIRMED, ~exists().where(SuppressionRow.address_key == SubscriberRow.address_key))


def _reads_on(day: dt.date) -> ColumnElement[bool]:
    return and_(_reads(), or_(SubscriberRow.paused_until.is_(None), SubscriberRow.paused_until <= day))


def ids_with_extra_mails(session: Session) -> list[int]:
    """The readers who asked for the mail of the week or of their list."""
    asked = or_(SubscriberRow.weekly.is_(True), SubscriberRow.reading_mail.is_(True))
    return list(session.scalars(select(SubscriberRow.id).where(_reads(), asked).order_by(SubscriberRow.id)))


def languages_in_use(session: Session) -> list[str]:
    """The languages that confirmed subscribers read, in alphabetical order."""
    return list(session.scalars(select(SubscriberRow.language).where(_reads()).distinct().order_by(SubscriberRow.language)))
