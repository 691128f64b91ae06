"""The SQL of suppressions: addresses that get no mail again, as keyed hashes, and those that an operator lifted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import and_, delete, insert, or_, select, update
from sqlalchemy.orm import Session

from newsletter.db import dialect_insert
from newsletter.subscribers.consent import Action
from newsletter.subscribers.subscriber import LEFT_ELSEWHERE, State
from newsletter.tables.subscribers import (
    ConsentRow,
    FormerSubscriberRow,
    LiftedSuppressionRow,
    OneTimeLinkRow,
    SubscriberRow,
    SuppressionRow,
)
from newsletter.values.batches import batches

MAILED = (State.PENDING, State.CONFIRMED, State.PAUSED)


@dataclass(frozen=True, slots=True)
class Suppression:
    """An address that gets no mail; ``email`` is known where somebody of it is here yet, else ""."""

    address_key: str
    reason: str
    at: dt.datetime
    email: str = field(default="", repr=False)


def suppressions(session: Session, *, most: int | None = None) -> Iterator[Suppression]:
    """The suppressions, the newest first."""
    columns = (SuppressionRow.address_key, SuppressionRow.reason, SuppressionRow.at, SubscriberRow.email)
    statement = select(*columns).outerjoin(SubscriberRow, SubscriberRow.address_key == SuppressionRow.address_key)
    for row in session.execute(statement.order_by(SuppressionRow.at.desc(), SuppressionRow.address_key).limit(most)):
        yield Suppression(row.address_key, row.reason, row.at, row.email or "")


def reason_of(session: Session, address_key: str) -> str:
    """Why this address gets no mail, "" where it may."""
    return session.scalar(select(SuppressionRow.reason).where(SuppressionRow.address_key == address_key)) or ""


def suppression_of(session: Session, address_key: str) -> Suppression | None:
    """Since when, and why, this address gets no mail; None where it may."""
    columns = (SuppressionRow.address_key, SuppressionRow.reason, SuppressionRow.at)
    row = session.execute(select(*columns).where(SuppressionRow.address_key == address_key)).one_or_none()
    return None if row is None else Suppression(*row)


def left_long_ago(session: Session, address_key: str) -> dt.datetime | None:
    """When whoever read at this address left, where that alone is kept of them."""
    found: dt.datetime | None = session.scalar(
        select(FormerSubscriberRow.left_at).where(FormerSubscriberRow.address_key == address_key)
    )
    return found


def insertion(session: Session) -> Any:
    """The INSERT of suppressions. The first reason stands; that somebody only left elsewhere gives way to any that says more."""
    made = dialect_insert(session, SuppressionRow)
    # Not IN, which no statement of many rows takes.
    weaker = or_(*(SuppressionRow.reason == one for one in LEFT_ELSEWHERE))
    weaker &= and_(*(made.excluded.reason != one for one in LEFT_ELSEWHERE))
    new = {"reason": made.excluded.reason, "at": made.excluded.at}
    return made.on_conflict_do_update(index_elements=[SuppressionRow.address_key], set_=new, where=weaker)


def add(session: Session, found: Sequence[Suppression]) -> int:
    """Adds those that are not there yet, or for less (`insertion`); gives how many."""
    added = 0
    for some in batches(found):
        rows = [{"address_key": one.address_key, "reason": one.reason, "at": one.at} for one in some]
        added += len(session.execute(insertion(session).returning(SuppressionRow.address_key), rows).all())
    return added


def end_subscriptions(session: Session, address_keys: Sequence[str], *, words: str, now: dt.datetime) -> int:
    """Lets those who read at these addresses leave, with the evidence why; gives how many."""
    left = 0
    for some in batches(address_keys):
        theirs = SubscriberRow.address_key.in_(some), SubscriberRow.state.in_(MAILED)
        values = {"state": State.UNSUBSCRIBED, "left_at": now, "paused_until": None}
        statement = update(SubscriberRow).where(*theirs).values(values).returning(SubscriberRow.id)
        ids = list(session.scalars(statement.execution_options(synchronize_session=False)))
        if ids:
            alive = OneTimeLinkRow.used_at.is_(None)
            session.execute(update(OneTimeLinkRow).where(OneTimeLinkRow.subscriber_id.in_(ids), alive).values(used_at=now))
            evidence = {"at": now, "action": Action.LEFT, "words": words, "origin": "operator"}
            session.execute(insert(ConsentRow), [{"subscriber_id": one, **evidence} for one in ids])
        left += len(ids)
    return left


def lift(session: Session, address_key: str, *, words: str, now: dt.datetime) -> str:
    """Takes a suppression away and keeps that it was there, and why it is no more; gives its reason, "" where there is none."""
    theirs = SuppressionRow.address_key == address_key
    row = session.execute(delete(SuppressionRow).where(theirs).returning(SuppressionRow.reason, SuppressionRow.at)).one_or_none()
    if row is None:
        return ""
    kept = {"address_key": address_key, "reason": row.reason, "at": row.at, "lifted_at": now, "words": words}
    session.execute(insert(LiftedSuppressionRow).values(kept))
    return str(row.reason)


def let_return(session: Session, address_key: str) -> bool:
    """Lets an address that only left elsewhere sign up again, by a confirmation of its own; False where more stands against it.

    It stays known as one that left: no import brings it back.
    """
    theirs = SuppressionRow.address_key == address_key, SuppressionRow.reason.in_(LEFT_ELSEWHERE)
    left_at = session.scalar(delete(SuppressionRow).where(*theirs).returning(SuppressionRow.at))
    if left_at is None:
        return False
    row = {"address_key": address_key, "left_at": left_at}
    session.execute(dialect_insert(session, FormerSubscriberRow).values(row).on_conflict_do_nothing())
    return True


def lifted(session: Session, address_key: str) -> list[tuple[dt.datetime, str]]:
    """When, and with which words, a suppression of this address was lifted, oldest first."""
    rows = select(LiftedSuppressionRow.lifted_at, LiftedSuppressionRow.words)
    found = session.execute(rows.where(LiftedSuppressionRow.address_key == address_key).order_by(LiftedSuppressionRow.id))
    return [(row.lifted_at, row.words) for row in found]
