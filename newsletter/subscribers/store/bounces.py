"""The SQL of what came back of mails: counted once, matched to a delivery, and what it did to its reader."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import and_, delete, exists, func, select, update
from sqlalchemy.orm import Session

from newsletter.db import dialect_insert
from newsletter.mail.smtp.same_replies import Refusal
from newsletter.mail.store.rows import at_domain
from newsletter.subscribers.consent import Action
from newsletter.subscribers.subscriber import State
from newsletter.tables.deliveries import BounceRow, DeliveryRow
from newsletter.tables.subscribers import ConsentRow, SubscriberRow, SuppressionRow
from newsletter.values.batches import batches
from newsletter.values.mail import DeliveryState, MailKind

# What could not be matched is kept for a while, and the newest so many: strangers can write to the address too.
KEPT_UNMATCHED, MOST_UNMATCHED = dt.timedelta(days=90), 1000


@dataclass(frozen=True, slots=True)
class Mail:
    """The mail that something came back of, as the ledger has it; ``probe_at`` is its reader's."""

    id: int
    subscriber_id: int
    email: str = field(repr=False)
    address_key: str
    state: State
    kind: MailKind
    planned_at: dt.datetime
    elsewhere: bool
    probe_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Bounce:
    """One thing that came back; ``email`` is "" where it could not be matched, ``domain`` that of its recipient."""

    id: int
    at: dt.datetime
    kind: str
    origin: str
    status: str
    words: str
    followed: str
    domain: str
    delivery_id: int | None
    email: str = field(default="", repr=False)
    raw: str = field(default="", repr=False)


def mail(session: Session, *, delivery_id: int = 0, message_id: str = "") -> Mail | None:
    """The mail of this id or Message-ID with its reader, locked; None where there is none."""
    wanted = DeliveryRow.id == delivery_id if delivery_id else DeliveryRow.message_id == message_id
    columns = (DeliveryRow.id, DeliveryRow.subscriber_id, DeliveryRow.kind, DeliveryRow.planned_at, DeliveryRow.contents)
    theirs = (SubscriberRow.email, SubscriberRow.address_key, SubscriberRow.state, SubscriberRow.probe_at)
    joined = select(*columns, *theirs).join(SubscriberRow, SubscriberRow.id == DeliveryRow.subscriber_id).where(wanted)
    row = session.execute(joined.with_for_update(of=SubscriberRow)).one_or_none()
    if row is None:
        return None
    moved = exists().where(
        ConsentRow.subscriber_id == row.subscriber_id, ConsentRow.action == Action.MOVED, ConsentRow.at >= row.planned_at
    )
    return Mail(
        id=row.id,
        subscriber_id=row.subscriber_id,
        email=row.contents.get("to", row.email),
        address_key=row.address_key,
        state=State(row.state),
        kind=MailKind(row.kind),
        planned_at=row.planned_at,
        # It went to an address that the reader has left since, or was about to leave.
        elsewhere="to" in row.contents or bool(session.scalar(select(moved))),
        probe_at=row.probe_at,
    )


def keep(session: Session, **values: Any) -> bool:
    """Keeps what came back; False where it is there already, told another time."""
    statement = dialect_insert(session, BounceRow).values(values).on_conflict_do_nothing().returning(BounceRow.id)
    return session.execute(statement).scalar_one_or_none() is not None


def know(session: Session, source_key: str) -> bool:
    """True where this was told before."""
    return bool(session.scalar(select(exists().where(BounceRow.source_key == source_key))))


def soft_in_a_row(session: Session, subscriber_id: int, *, since: dt.datetime) -> int:
    """How many mails came back for now after ``since``, with none taken between them; each mail counts once.

    A mail later than the newest of them may come back yet, so it does not count as taken.
    """
    mine = and_(BounceRow.subscriber_id == subscriber_id, BounceRow.kind == "soft", BounceRow.followed == COUNTED)
    came_back = select(BounceRow.delivery_id).where(mine, BounceRow.at > since, BounceRow.delivery_id.is_not(None))
    planned = select(DeliveryRow.id, DeliveryRow.planned_at).where(DeliveryRow.id.in_(came_back))
    mails = sorted(session.execute(planned).all(), key=lambda row: (row.planned_at, row.id))
    if not mails:
        return 0
    any_back = exists().where(BounceRow.delivery_id == DeliveryRow.id, BounceRow.kind.in_(("soft", "hard", "ours")))
    sent = and_(DeliveryRow.subscriber_id == subscriber_id, DeliveryRow.state == DeliveryState.SENT, ~any_back)
    newest = mails[-1].planned_at
    taken = session.scalar(select(func.max(DeliveryRow.planned_at)).where(sent, DeliveryRow.planned_at < newest))
    return sum(taken is None or row.planned_at > taken for row in mails)


# What followed a soft one that counts.
COUNTED = "counted"


def write_state(session: Session, subscriber_id: int, state: State, *, probe_at: dt.datetime | None) -> None:
    """Puts the reader into ``state``, to be written to once more at ``probe_at``."""
    session.execute(update(SubscriberRow).where(SubscriberRow.id == subscriber_id).values(state=state, probe_at=probe_at))


def start_probes(session: Session, *, now: dt.datetime) -> int:
    """Lets those be written to again whose time has come; gives how many."""
    waiting = and_(SubscriberRow.state == State.BOUNCED, SubscriberRow.probe_at <= now)
    free = ~exists().where(SuppressionRow.address_key == SubscriberRow.address_key)
    statement = update(SubscriberRow).where(waiting, free).values(state=State.CONFIRMED).returning(SubscriberRow.id)
    return len(session.execute(statement.execution_options(synchronize_session=False)).all())


def probe_at(session: Session, subscriber_id: int) -> dt.datetime | None:
    """When the reader is, or was, written to again after soft bounces; None where they never had to be."""
    found: dt.datetime | None = session.scalar(select(SubscriberRow.probe_at).where(SubscriberRow.id == subscriber_id))
    return found


def refused(session: Session, domains: Collection[str], *, since: dt.datetime) -> list[Refusal]:
    """What mailboxes of ``domains`` were refused at once ``since`` then, where their domain has accepted nothing after it."""
    columns = (BounceRow.delivery_id, SubscriberRow.email, BounceRow.words, BounceRow.at)
    joined = select(*columns).join(SubscriberRow, SubscriberRow.id == BounceRow.subscriber_id)
    found: list[Refusal] = []
    for domain in sorted(domains):
        at_once = and_(BounceRow.origin == "smtp", BounceRow.domain == domain, BounceRow.at > since)
        if rows := session.execute(joined.where(at_once, BounceRow.words.startswith("5"))).all():
            accepted = _last_accepted(session, domain, since=since)
            found += [Refusal(row.delivery_id, row.email, row.words) for row in rows if accepted is None or row.at > accepted]
    return found


def _last_accepted(session: Session, domain: str, *, since: dt.datetime) -> dt.datetime | None:
    # What was due in the last day stands side by side in the index.
    due = and_(DeliveryRow.priority.in_((0, 1, 2)), DeliveryRow.due_at > since - dt.timedelta(days=1))
    sent = and_(DeliveryRow.state == DeliveryState.SENT, due, DeliveryRow.settled_at > since, at_domain(domain))
    newest = select(func.max(DeliveryRow.settled_at)).join(SubscriberRow, SubscriberRow.id == DeliveryRow.subscriber_id)
    found: dt.datetime | None = session.scalar(newest.where(sent))
    return found


def take_back(session: Session, delivery_ids: Collection[int]) -> int:
    """Undoes what refusals of these mails did, which turned out to be about us; gives to how many readers they did something."""
    undone = 0
    for some in batches(sorted(delivery_ids)):
        at_once = and_(BounceRow.delivery_id.in_(some), BounceRow.origin == "smtp")
        rows = session.execute(select(BounceRow.subscriber_id, BounceRow.state_before).where(at_once)).all()
        for row in rows:
            undone += bool(row.state_before) and _revive(session, row.subscriber_id, State(row.state_before))
        session.execute(delete(BounceRow).where(at_once))
    return undone


def _revive(session: Session, subscriber_id: int, state: State) -> bool:
    bounced = and_(SubscriberRow.id == subscriber_id, SubscriberRow.state == State.BOUNCED)
    statement = update(SubscriberRow).where(bounced).values(state=state, probe_at=None).returning(SubscriberRow.address_key)
    key = session.execute(statement).scalar_one_or_none()
    if key is not None:
        theirs = and_(SuppressionRow.address_key == key, SuppressionRow.reason == State.BOUNCED)
        session.execute(delete(SuppressionRow).where(theirs))
    return key is not None


def prune_unmatched(session: Session, *, now: dt.datetime) -> None:
    """Forgets what could not be matched and is old, or beyond the newest thousand."""
    unmatched = BounceRow.subscriber_id.is_(None)
    session.execute(delete(BounceRow).where(unmatched, BounceRow.at < now - KEPT_UNMATCHED))
    oldest_kept = select(BounceRow.id).where(unmatched).order_by(BounceRow.id.desc()).offset(MOST_UNMATCHED).limit(1)
    if (last := session.scalar(oldest_kept)) is not None:
        session.execute(delete(BounceRow).where(unmatched, BounceRow.id <= last))


def bounces(session: Session, *, subscriber_id: int | None = None, unmatched: bool = False, most: int = 200) -> Sequence[Bounce]:
    """What came back, the newest first: of one reader, or what could not be matched, or all."""
    columns = (
        *(BounceRow.id, BounceRow.at, BounceRow.kind, BounceRow.origin, BounceRow.status, BounceRow.words),
        *(BounceRow.followed, BounceRow.domain, BounceRow.delivery_id, SubscriberRow.email, BounceRow.raw),
    )
    statement = select(*columns).outerjoin(SubscriberRow, SubscriberRow.id == BounceRow.subscriber_id)
    if subscriber_id is not None:
        statement = statement.where(BounceRow.subscriber_id == subscriber_id)
    if unmatched:
        statement = statement.where(BounceRow.subscriber_id.is_(None))
    rows = session.execute(statement.order_by(BounceRow.id.desc()).limit(most))
    return [Bounce(*row[:9], row[9] or "", row[10] or "") for row in rows]
