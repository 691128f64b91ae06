"""The SQL of retention, by what the tables say of themselves: which rows have been kept long enough, and their end.

Rows are looked for in a read transaction, and a few at a time: nobody who writes waits for it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, delete, exists, func, or_, select, true, tuple_, update
from sqlalchemy.orm import Session

from newsletter.db import dialect_insert
from newsletter.mail.deliveries import OPEN
from newsletter.tables.about import NOTHING_SAID, About, Expiry
from newsletter.tables.base import Base
from newsletter.tables.deliveries import DeliveryRow
from newsletter.tables.subscribers import FormerSubscriberRow, OneTimeLinkRow, SubscriberRow
from newsletter.values.mail import DeliveryState

# The oldest rows have the lowest ids: so many are looked at, and the next where some of these have expired.
LOOKED_AT = 5000


def expiries() -> Iterator[tuple[Table, Expiry]]:
    """Each rule of each table but the subscribers themselves, whose end is more than that of a row."""
    for table in Base.metadata.sorted_tables:
        about: About = table.info.get("about", NOTHING_SAID)
        for expiry in about.expires:
            if table.name != SubscriberRow.__tablename__:
                yield table, expiry


def expired(session: Session, table: Table, expiry: Expiry, *, before: dt.datetime, most: int) -> list[tuple[Any, ...]]:
    """The keys of up to ``most`` rows whose time is up."""
    key = list(table.primary_key)
    old, wanted = _is_old(table, expiry, before), _is_wanted(table, expiry)
    if [column.name for column in key] != ["id"]:
        return [tuple(row) for row in session.execute(select(*key).where(old, wanted).limit(most))]
    # No index on the time is needed, which each row written would pay for: who is old has a low id.
    oldest = select(table.c.id).where(wanted).order_by(table.c.id).limit(LOOKED_AT).scalar_subquery()
    found = session.execute(select(table.c.id).where(table.c.id.in_(oldest), old).order_by(table.c.id).limit(most))
    return [tuple(row) for row in found]


def _is_expired(table: Table, expiry: Expiry, before: dt.datetime) -> ColumnElement[bool]:
    return and_(_is_old(table, expiry, before), _is_wanted(table, expiry))


def _is_old(table: Table, expiry: Expiry, before: dt.datetime) -> ColumnElement[bool]:
    since: ColumnElement[dt.datetime] = table.c[expiry.since]
    return since < before


def _is_wanted(table: Table, expiry: Expiry) -> ColumnElement[bool]:
    conditions: list[ColumnElement[bool]] = [true()]
    for name, values in expiry.only.items():
        conditions.append(table.c[name].in_(values) if values else table.c[name].is_(None))
    if expiry.empties:
        conditions.append(table.c[expiry.empties] != "")
    return and_(*conditions)


def end_rows(session: Session, table: Table, expiry: Expiry, keys: Sequence[tuple[Any, ...]], *, before: dt.datetime) -> int:
    """Deletes these rows, or empties their column, where their time is still up; gives how many."""
    key = list(table.primary_key)
    wanted = key[0].in_([one for (one,) in keys]) if len(key) == 1 else tuple_(*key).in_(keys)
    condition = and_(wanted, _is_expired(table, expiry, before))
    statement = update(table).values({expiry.empties: ""}) if expiry.empties else delete(table)
    return len(session.execute(statement.where(condition).returning(*key)).all())


def people_unconfirmed(session: Session, expiry: Expiry, *, before: dt.datetime, now: dt.datetime, most: int) -> list[int]:
    """People (ids) who signed up and never confirmed, and cannot any more: no link is alive, and no mail on its way."""
    subscriber_id = SubscriberRow.id
    alive = exists().where(
        OneTimeLinkRow.subscriber_id == subscriber_id, OneTimeLinkRow.used_at.is_(None), OneTimeLinkRow.expires_at > now
    )
    under_way = exists().where(
        DeliveryRow.subscriber_id == subscriber_id, or_(DeliveryRow.state.in_(OPEN), DeliveryRow.state == DeliveryState.SENDING)
    )
    condition = and_(_is_expired(_subscribers(), expiry, before), ~alive, ~under_way)
    return list(session.scalars(select(subscriber_id).where(condition).order_by(subscriber_id).limit(most)))


def people_who_left(session: Session, expiry: Expiry, *, before: dt.datetime, most: int) -> list[int]:
    """People (ids) who left long enough ago."""
    condition = _is_expired(_subscribers(), expiry, before)
    return list(session.scalars(select(SubscriberRow.id).where(condition).order_by(SubscriberRow.id).limit(most)))


def keep_hashes(session: Session, ids: Sequence[int]) -> None:
    """Keeps the keyed hashes of these people's addresses, so that no import brings them back."""
    left = func.coalesce(SubscriberRow.left_at, SubscriberRow.created_at)
    chosen = select(SubscriberRow.address_key, left).where(SubscriberRow.id.in_(ids))
    statement = dialect_insert(session, FormerSubscriberRow).from_select(["address_key", "left_at"], chosen)
    session.execute(statement.on_conflict_do_nothing())


def _subscribers() -> Table:
    return Base.metadata.tables[SubscriberRow.__tablename__]
