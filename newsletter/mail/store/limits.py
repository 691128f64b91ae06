"""What all processes keep count of together: the slots of the rate limits, and who holds how many connections.

Both stand in the database: nothing of them is lost with Redis, and their locks bring the processes into an order.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from newsletter.db import dialect_insert, take_numbers
from newsletter.mail.rate_limits.slots import Allotment, Bucket, allot
from newsletter.tables.deliveries import ConnectionShareRow
from newsletter.tables.operating import RequestSlotRow

LONGEST = 64


def take_slots(session: Session, wanted: Sequence[Mapping[str, float]], *, now: dt.datetime) -> Allotment:
    """Slots for mails that name their buckets with the rates, taken for good when the transaction commits."""
    rates = {name: rate for names in wanted for name, rate in names.items()}
    keys = {_key(name): name for name in rates}
    if keys:
        # In one order, so that two processes never wait for each other.
        first = [{"service": key, "next_at": now} for key in sorted(keys)]
        session.execute(dialect_insert(session, RequestSlotRow).on_conflict_do_nothing(), first)
    columns = (RequestSlotRow.service, RequestSlotRow.next_at)
    locked = select(*columns).where(RequestSlotRow.service.in_(keys)).order_by(RequestSlotRow.service).with_for_update()
    buckets = {keys[key]: Bucket(rates[keys[key]], next_at) for key, next_at in session.execute(locked)}
    allotted = allot(buckets, [tuple(names) for names in wanted], now=now)
    for name, bucket in allotted.buckets.items():
        if bucket != buckets[name]:
            mine = RequestSlotRow.service == _key(name)
            session.execute(update(RequestSlotRow).where(mine).values(next_at=bucket.next_at))
    return allotted


def _key(name: str) -> str:
    """``name`` as it fits the column: domains may have 253 characters."""
    return name if len(name) <= LONGEST else hashlib.sha256(name.encode()).hexdigest()


def take_connections(session: Session, lease: str, *, wanted: int, most: int, until: dt.datetime, now: dt.datetime) -> int:
    """How many connections the holder of ``lease`` may have open until ``until``, at most ``wanted``; of ``most`` in all."""
    take_numbers(session, "connection shares", 0)  # the lock: two holders do not take the same ones
    session.execute(delete(ConnectionShareRow).where(ConnectionShareRow.until <= now))
    used = session.scalar(select(func.coalesce(func.sum(ConnectionShareRow.connections), 0))) or 0
    share = max(0, min(wanted, most - int(used)))
    if share:
        session.add(ConnectionShareRow(lease=lease, connections=share, until=until))
        session.flush()
    return share


def keep_connections(session: Session, lease: str, *, until: dt.datetime) -> None:
    """Keeps the share of a living worker."""
    session.execute(update(ConnectionShareRow).where(ConnectionShareRow.lease == lease).values(until=until))


def give_connections_back(session: Session, lease: str) -> None:
    """Frees the share of a worker that has closed its connections."""
    session.execute(delete(ConnectionShareRow).where(ConnectionShareRow.lease == lease))
