"""The SQL of import and export: many people at a time, no query for a single row."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from sqlalchemy import Table, delete, select, update
from sqlalchemy.orm import Session

from newsletter.subscribers.choices import columns_of
from newsletter.subscribers.consent import Action
from newsletter.subscribers.import_export.decisions import Decision, Deed, Known
from newsletter.subscribers.store import suppressions
from newsletter.subscribers.store.bulk import insert_rows
from newsletter.subscribers.store.subscribers import defaults
from newsletter.subscribers.subscriber import SUBSCRIBED, State
from newsletter.tables.subscribers import (
    ConsentRow,
    FormerSubscriberRow,
    OneTimeLinkRow,
    SubscriberRow,
    SubscriptionRow,
    SuppressionRow,
)
from newsletter.values.batches import batches

ORIGIN = "import"
SUBSCRIBERS, SUBSCRIPTIONS, CONSENTS = (cast("Table", row.__table__) for row in (SubscriberRow, SubscriptionRow, ConsentRow))


@dataclass(frozen=True, slots=True)
class Exported:
    """One person as the export shows them; ``topics`` in alphabetical order."""

    email: str = field(repr=False)
    topics: tuple[str, ...]
    language: str
    timezone: str
    hour: int
    state: State
    paused_until: dt.date | None


def people(session: Session, keys: Sequence[str]) -> dict[str, Known]:
    """Those of ``keys`` (`Address.key`) that are here already, held until the transaction ends."""
    found: dict[str, Known] = {}
    for chunk in batches(keys):
        columns = (
            SubscriberRow.email_key,
            SubscriberRow.id,
            SubscriberRow.state,
            SubscriberRow.language,
            SubscriberRow.timezone,
            SubscriberRow.hour,
            SubscriberRow.paused_until,
            SubscriberRow.confirmed_at,
        )
        condition = SubscriberRow.email_key.in_(chunk)
        # In the order of ids, so that two imports at once wait for each other instead of locking each other out.
        rows = session.execute(select(*columns).where(condition).order_by(SubscriberRow.id).with_for_update()).all()
        topics = _topics(session, [row.id for row in rows])
        for row in rows:
            found[row.email_key] = Known(
                id=row.id,
                state=State(row.state),
                language=row.language,
                timezone=row.timezone,
                hour=row.hour,
                topics=tuple(sorted(topics[row.id])),
                paused_until=row.paused_until,
                confirmed_at=row.confirmed_at,
            )
    return found


def _topics(session: Session, ids: Sequence[int]) -> dict[int, list[str]]:
    topics: dict[int, list[str]] = defaultdict(list)
    chosen = select(SubscriptionRow.subscriber_id, SubscriptionRow.topic).where(SubscriptionRow.subscriber_id.in_(ids))
    for subscriber_id, topic in session.execute(chosen):
        topics[subscriber_id].append(topic)
    return topics


def suppressed(session: Session, address_keys: Sequence[str]) -> dict[str, str]:
    """Those of ``address_keys`` that must get no mail again, with the reason of each."""
    found: dict[str, str] = {}
    columns = select(SuppressionRow.address_key, SuppressionRow.reason)
    for chunk in batches(address_keys):
        rows = session.execute(columns.where(SuppressionRow.address_key.in_(chunk)))
        found |= {row.address_key: row.reason for row in rows}
    return found


def former(session: Session, address_keys: Sequence[str]) -> set[str]:
    """Those of ``address_keys`` that left so long ago that only this is kept of them."""
    found: set[str] = set()
    for chunk in batches(address_keys):
        found.update(session.scalars(select(FormerSubscriberRow.address_key).where(FormerSubscriberRow.address_key.in_(chunk))))
    return found


def apply(
    session: Session, decisions: Sequence[Decision], *, address_keys: Mapping[str, str], consent: str, now: dt.datetime
) -> None:
    """Writes what was decided, with the evidence for each person that changes."""
    by_deed: dict[Deed, list[Decision]] = defaultdict(list)
    for decision in decisions:
        by_deed[decision.deed].append(decision)
    _suppress(session, by_deed[Deed.SUPPRESS], address_keys=address_keys, now=now)
    ids = _add(session, by_deed[Deed.ADD], address_keys=address_keys, now=now)
    changed = [(decision, decision.known.id) for decision in by_deed[Deed.UPDATE] if decision.known]
    left = [(decision, decision.known.id) for decision in by_deed[Deed.LEAVE] if decision.known]
    _update(session, changed, now=now)
    _leave(session, [subscriber_id for _, subscriber_id in left], now=now)
    added = [(decision, ids[decision.row.key]) for decision in by_deed[Deed.ADD] if decision.row.key in ids]
    _put_topics(session, [*added, *changed])
    _put_consents(session, [*added, *changed, *left], consent=consent, now=now)


def _suppress(session: Session, decisions: Sequence[Decision], *, address_keys: Mapping[str, str], now: dt.datetime) -> None:
    """Keeps of people who left elsewhere the keyed hash of their address alone."""
    rows = [{"address_key": address_keys[one.row.key], "reason": one.row.reason, "at": now} for one in decisions]
    if rows:
        session.execute(suppressions.insertion(session), rows)


def _add(session: Session, decisions: Sequence[Decision], *, address_keys: Mapping[str, str], now: dt.datetime) -> dict[str, int]:
    rows = [
        {
            **defaults(),
            "email": decision.row.email,
            "email_key": decision.row.key,
            "address_key": address_keys[decision.row.key],
            "state": decision.state,
            **columns_of(decision.row.choices),
            "created_at": now,
            "confirmed_at": now if decision.state in SUBSCRIBED else None,
            "left_at": now if decision.state is State.UNSUBSCRIBED else None,
        }
        for decision in decisions
    ]
    # Somebody who signs up in this very moment keeps what they typed.
    written = insert_rows(session, SUBSCRIBERS, rows, unless_there=True)
    found: dict[str, int] = {}
    for keys in batches(decision.row.key for decision in decisions):
        columns = select(SubscriberRow.email_key, SubscriberRow.id).where(SubscriberRow.email_key.in_(keys))
        found |= dict(session.execute(columns).all())
    ours = set(found.values()) if written is None else {subscriber_id for (subscriber_id,) in written}
    return {email_key: subscriber_id for email_key, subscriber_id in found.items() if subscriber_id in ours}


def _update(session: Session, changed: Sequence[tuple[Decision, int]], *, now: dt.datetime) -> None:
    rows = [
        {
            "id": subscriber_id,
            "state": decision.state,
            **columns_of(decision.row.choices),
            "confirmed_at": decision.known.confirmed_at or (now if decision.state in SUBSCRIBED else None),
        }
        for decision, subscriber_id in changed
        if decision.known
    ]
    if rows:
        session.execute(update(SubscriberRow), rows)


def _leave(session: Session, ids: Sequence[int], *, now: dt.datetime) -> None:
    """Digests that wait are skipped when a worker comes to them: a claim looks at the state again."""
    for chunk in batches(ids):
        values: dict[str, Any] = {"state": State.UNSUBSCRIBED, "left_at": now, "paused_until": None}
        session.execute(update(SubscriberRow).where(SubscriberRow.id.in_(chunk)).values(values))
        alive = OneTimeLinkRow.used_at.is_(None)
        session.execute(update(OneTimeLinkRow).where(OneTimeLinkRow.subscriber_id.in_(chunk), alive).values(used_at=now))


def _put_topics(session: Session, written: Sequence[tuple[Decision, int]]) -> None:
    for chunk in batches([subscriber_id for decision, subscriber_id in written if decision.deed is Deed.UPDATE]):
        session.execute(delete(SubscriptionRow).where(SubscriptionRow.subscriber_id.in_(chunk)))
    rows = [
        {"subscriber_id": subscriber_id, "topic": topic}
        for decision, subscriber_id in written
        for topic in decision.row.choices.topics
    ]
    insert_rows(session, SUBSCRIPTIONS, rows)


def _put_consents(session: Session, written: Sequence[tuple[Decision, int]], *, consent: str, now: dt.datetime) -> None:
    rows = [
        {
            "subscriber_id": subscriber_id,
            "at": now,
            "action": Action.LEFT if decision.deed is Deed.LEAVE else Action.IMPORTED,
            "words": consent,
            "origin": ORIGIN,
        }
        for decision, subscriber_id in written
    ]
    insert_rows(session, CONSENTS, rows)


def exported(session: Session) -> Iterator[Exported]:
    """Everybody, by id."""
    topics: dict[int, list[str]] = defaultdict(list)
    for subscriber_id, topic in session.execute(select(SubscriptionRow.subscriber_id, SubscriptionRow.topic)):
        topics[subscriber_id].append(topic)
    columns = (
        SubscriberRow.id,
        SubscriberRow.email,
        SubscriberRow.language,
        SubscriberRow.timezone,
        SubscriberRow.hour,
        SubscriberRow.state,
        SubscriberRow.paused_until,
    )
    for row in session.execute(select(*columns).order_by(SubscriberRow.id)):
        yield Exported(
            email=row.email,
            topics=tuple(sorted(topics[row.id])),
            language=row.language,
            timezone=row.timezone,
            hour=row.hour,
            state=State(row.state),
            paused_until=row.paused_until,
        )
