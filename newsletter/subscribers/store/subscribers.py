"""The SQL of subscribers: one person read, written and erased; one-time links; suppressions; undo. Who reads: `reading`.

Rows stay in here. What is written is locked first, so that two requests about one person come one after the other.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import ColumnElement, Table, and_, delete, exists, func, insert, select, update
from sqlalchemy.orm import Session

from newsletter.db import dialect_insert
from newsletter.subscribers.choices import EVERY_DAY, MAX_PAPERS
from newsletter.subscribers.store import suppressions
from newsletter.subscribers.store.saved_queries import own_of
from newsletter.subscribers.subscriber import State
from newsletter.subscribers.subscriber import Subscriber as Subscriber  # noqa: PLC0414 - callers know it by this module
from newsletter.tables.deliveries import DeliveryRow
from newsletter.tables.subscribers import (
    ConsentRow,
    OneTimeLinkRow,
    ReplacedChoicesRow,
    SubscriberRow,
    SubscriptionRow,
    SuppressionRow,
)
from newsletter.values.readers import Layout

# Written without their objects: somebody who signs up costs less so.
PEOPLE = cast("Table", SubscriberRow.__table__)
SUBSCRIPTIONS = cast("Table", SubscriptionRow.__table__)
CONSENTS = cast("Table", ConsentRow.__table__)


@dataclass(frozen=True, slots=True)
class OneTime:
    """A one-time link as it is stored."""

    subscriber_id: int
    purpose: str
    expires_at: dt.datetime
    used_at: dt.datetime | None
    delivery_id: int | None = None


# ---------------------------------------------------------------- one person


def subscriber(session: Session, subscriber_id: int, *, lock: bool = False) -> Subscriber | None:
    """The person with this id; with ``lock``, held until the transaction ends. None where there is none."""
    return _one(session, SubscriberRow.id == subscriber_id, lock=lock)


def subscriber_by_key(session: Session, email_key: str, *, lock: bool = False) -> Subscriber | None:
    """The person with this `Address.key`, None where there is none."""
    return _one(session, SubscriberRow.email_key == email_key, lock=lock)


def subscriber_by_link_key(session: Session, link_key: int) -> Subscriber | None:
    """The person that links in mails name by this key, None where there is none."""
    return _one(session, SubscriberRow.link_key == link_key, lock=False)


def subscriber_by_old_link(session: Session, old_link_id: int) -> Subscriber | None:
    """The person that links named by this id before there were keys, None where there is none."""
    return _one(session, SubscriberRow.old_link_id == old_link_id, lock=False)


def _one(session: Session, condition: ColumnElement[bool], *, lock: bool) -> Subscriber | None:
    statement = select(SubscriberRow).where(condition).execution_options(populate_existing=True)
    row = session.scalar(statement.with_for_update() if lock else statement)
    if row is None:
        return None
    topics = session.scalars(select(SubscriptionRow.topic).where(SubscriptionRow.subscriber_id == row.id))
    return Subscriber(
        id=row.id,
        email=row.email,
        address_key=row.address_key,
        state=State(row.state),
        language=row.language,
        timezone=row.timezone,
        hour=row.hour,
        weekdays=tuple(row.weekdays),
        max_papers=row.max_papers,
        topics=tuple(sorted(topics)),
        own=tuple(own_of(session, row.id)),
        updates=row.updates,
        token_version=row.token_version,
        link_key=row.link_key,
        layout=Layout(row.layout),
        choosy=row.choosy,
        paused_until=row.paused_until,
        weekly=row.weekly,
        reading_mail=row.reading_mail,
        cursor=row.cursor,
        created_at=row.created_at,
        confirmed_at=row.confirmed_at,
        left_at=row.left_at,
    )


def add_subscriber(session: Session, values: Mapping[str, Any], topics: Iterable[str]) -> int | None:
    """Stores a new person and gives the id; None where somebody with this email_key is there already."""
    statement = dialect_insert(session, PEOPLE).on_conflict_do_nothing().returning(PEOPLE.c.id)
    new = session.execute(statement, {**defaults(), **values}).scalar_one_or_none()
    if new is not None:
        _add_topics(session, new, topics)
    return new


def defaults() -> dict[str, Any]:
    """The columns that nobody chooses at sign-up."""
    return {"weekdays": list(EVERY_DAY), "max_papers": MAX_PAPERS, "token_version": 0}


def change_subscriber(session: Session, subscriber_id: int, **columns: Any) -> None:
    """Writes columns of one person."""
    session.execute(update(SubscriberRow).where(SubscriberRow.id == subscriber_id).values(columns))


def replace_topics(session: Session, subscriber_id: int, topics: Iterable[str]) -> None:
    """Makes ``topics`` the person's topics."""
    session.execute(delete(SubscriptionRow).where(SubscriptionRow.subscriber_id == subscriber_id))
    _add_topics(session, subscriber_id, topics)


def _add_topics(session: Session, subscriber_id: int, topics: Iterable[str]) -> None:
    rows = [{"subscriber_id": subscriber_id, "topic": topic} for topic in dict.fromkeys(topics)]
    if rows:
        session.execute(insert(SUBSCRIPTIONS), rows)


# ---------------------------------------------------------------- consent, suppression


def add_consent(
    session: Session, subscriber_id: int, action: str, *, words: str, origin: str, now: dt.datetime, network: str = ""
) -> None:
    """Keeps the evidence of what a person agreed to or took back; ``network`` is where the request came from."""
    values = {
        "subscriber_id": subscriber_id,
        "at": now,
        "action": action,
        "words": words,
        "origin": origin[:64],
        "network": network[:64],
    }
    session.execute(insert(CONSENTS), values)


def consents(session: Session, subscriber_id: int) -> list[dict[str, Any]]:
    """The evidence about one person, oldest first."""
    columns = (ConsentRow.at, ConsentRow.action, ConsentRow.words, ConsentRow.origin, ConsentRow.network)
    rows = session.execute(select(*columns).where(ConsentRow.subscriber_id == subscriber_id).order_by(ConsentRow.id))
    return [dict(row) for row in rows.mappings()]


def is_suppressed(session: Session, address_key: str) -> bool:
    """True where this address must get no mail again."""
    return bool(session.scalar(select(exists().where(SuppressionRow.address_key == address_key))))


def suppress(session: Session, address_key: str, *, reason: str, now: dt.datetime, over: bool = False) -> None:
    """Keeps the keyed hash of an address that must get no mail again; this reason stands with ``over``, else see `insertion`."""
    row = {"address_key": address_key, "reason": reason, "at": now}
    if over:
        made = dialect_insert(session, SuppressionRow).values(row)
        session.execute(made.on_conflict_do_update(index_elements=[SuppressionRow.address_key], set_={"reason": reason}))
    else:
        session.execute(suppressions.insertion(session), row)


# ---------------------------------------------------------------- undo


def keep_replaced(session: Session, subscriber_id: int, choices: Mapping[str, Any], *, now: dt.datetime) -> None:
    """Keeps ``choices`` as what the last change of this person replaced."""
    row = {"subscriber_id": subscriber_id, "choices": dict(choices), "at": now}
    changed = {"choices": row["choices"], "at": now}
    statement = dialect_insert(session, ReplacedChoicesRow).values(row)
    session.execute(statement.on_conflict_do_update(index_elements=["subscriber_id"], set_=changed))


def replaced(session: Session, subscriber_id: int, *, since: dt.datetime | None = None) -> Mapping[str, Any] | None:
    """What the last change of this person replaced; with ``since``, only where that was later."""
    query = select(ReplacedChoicesRow.choices).where(ReplacedChoicesRow.subscriber_id == subscriber_id)
    found: Mapping[str, Any] | None = session.scalar(query if since is None else query.where(ReplacedChoicesRow.at > since))
    return found


def forget_replaced(session: Session, *, subscriber_id: int | None = None, before: dt.datetime | None = None) -> None:
    """Forgets what one person's change replaced, or everybody's up to ``before``."""
    if subscriber_id is not None:
        session.execute(delete(ReplacedChoicesRow).where(ReplacedChoicesRow.subscriber_id == subscriber_id))
    if before is not None:
        session.execute(delete(ReplacedChoicesRow).where(ReplacedChoicesRow.at <= before))


# ---------------------------------------------------------------- one-time links


def add_one_time(
    session: Session, link_hash: str, subscriber_id: int, *, purpose: str, expires_at: dt.datetime, delivery_id: int | None
) -> None:
    """Stores the hash of a new one-time link, and the mail that it stands in."""
    values = {"hash": link_hash, "subscriber_id": subscriber_id, "purpose": purpose, "expires_at": expires_at}
    session.execute(insert(OneTimeLinkRow).values(values | {"delivery_id": delivery_id}))


def one_time(session: Session, link_hash: str, purpose: str) -> OneTime | None:
    """The one-time link of this hash and purpose, None where there is none."""
    times = (OneTimeLinkRow.expires_at, OneTimeLinkRow.used_at)
    columns = (OneTimeLinkRow.subscriber_id, OneTimeLinkRow.purpose, *times, OneTimeLinkRow.delivery_id)
    condition = and_(OneTimeLinkRow.hash == link_hash, OneTimeLinkRow.purpose == purpose)
    row = session.execute(select(*columns).where(condition)).one_or_none()
    return None if row is None else OneTime(*row)


def use_one_time(session: Session, link_hash: str, *, now: dt.datetime) -> bool:
    """Marks the link as used; False where another request was first."""
    condition = and_(OneTimeLinkRow.hash == link_hash, OneTimeLinkRow.used_at.is_(None))
    statement = update(OneTimeLinkRow).where(condition).values(used_at=now).returning(OneTimeLinkRow.hash)
    return session.execute(statement).scalar_one_or_none() is not None


def use_up(session: Session, subscriber_id: int, *, now: dt.datetime) -> None:
    """Marks all one-time links of a person as used, so that none of an earlier will can act on a later one."""
    condition = and_(OneTimeLinkRow.subscriber_id == subscriber_id, OneTimeLinkRow.used_at.is_(None))
    session.execute(update(OneTimeLinkRow).where(condition).values(used_at=now))


def keep_waiting_choices(session: Session, delivery_id: int, choices: Mapping[str, Any], *, asked_at: dt.datetime) -> None:
    """Puts another wish beside the confirmation mail whose link confirms it."""
    contents = {"wish": dict(choices), "asked_at": asked_at.isoformat()}
    session.execute(update(DeliveryRow).where(DeliveryRow.id == delivery_id).values(contents=contents))


def counts_by_state(session: Session) -> dict[str, int]:
    """How many people are in each state; states without anybody are left out."""
    rows = session.execute(select(SubscriberRow.state, func.count()).group_by(SubscriberRow.state))
    return {state: count for state, count in rows}  # noqa: C416 - dict() does not see that a row is a pair


def forget_cursors(session: Session) -> None:
    """Lets every reader begin anew: what they were sent was the sample, and its papers are gone."""
    session.execute(update(SubscriberRow).values(cursor=None))
