"""Conditions over rows of the ledger, and rows as values. Runs no statement itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, cast, exists, literal_column, or_, select
from sqlalchemy.orm import aliased

from newsletter.mail.deliveries import LIVE, OPEN, WELCOME_PRIORITY, Delivery
from newsletter.tables.deliveries import DeliveryRow
from newsletter.tables.domain_of import domain_of
from newsletter.tables.subscribers import SubscriberRow, SuppressionRow
from newsletter.values.mail import OF_PAPERS, DeliveryState, MailKind

# In which states of the subscriber a mail of a kind may leave.
ALLOWED: Mapping[MailKind, tuple[str, ...]] = {
    MailKind.CONFIRM: ("pending", "unsubscribed"),
    **dict.fromkeys(OF_PAPERS, ("confirmed",)),
    MailKind.PREFERENCES: ("confirmed", "paused"),
    MailKind.GOODBYE: ("unsubscribed",),
    MailKind.ADDRESS: ("confirmed", "paused"),
    MailKind.MOVED: ("pending", "confirmed", "paused"),
    MailKind.DATA: ("pending", "confirmed", "paused", "unsubscribed"),
    MailKind.ERASE: ("pending", "confirmed", "paused", "unsubscribed"),
    # An editor need read nothing: whoever invites them asked them.
    MailKind.EDITOR: ("pending", "confirmed", "paused", "unsubscribed"),
}


# What a `Delivery` has of its row under the same name; columns and no mapped rows, whose making costs more than the query.
_OWN = ("id", "subscriber_id", "period", "reason", "attempts", "stage", "message_id", "reply", "covers_to")
_OWN_TIMES = ("planned_at", "due_at", "retry_until", "waits_until")


def with_subscriber() -> Select[Any]:
    """A SELECT of rows with what `as_delivery` needs of their subscribers."""
    own = (DeliveryRow.kind, DeliveryRow.state, DeliveryRow.contents, DeliveryRow.envelope_from)
    columns = [*own, *(getattr(DeliveryRow, name) for name in (*_OWN, *_OWN_TIMES))]
    theirs = (SubscriberRow.email, SubscriberRow.language, SubscriberRow.token_version, SubscriberRow.link_key)
    return select(*columns, *theirs).join(SubscriberRow, SubscriberRow.id == DeliveryRow.subscriber_id)


def as_delivery(row: Any) -> Delivery:
    """A row of `with_subscriber` as a value; the note about a move goes to the address that was left (``contents["to"]``)."""
    return Delivery(
        id=row.id,
        subscriber_id=row.subscriber_id,
        email=row.contents.get("to", row.email),
        language=row.language,
        token_version=row.token_version,
        link_key=row.link_key,
        kind=MailKind(row.kind),
        period=row.period,
        state=DeliveryState(row.state),
        reason=row.reason,
        attempts=row.attempts,
        stage=row.stage,
        message_id=row.message_id,
        reply=row.reply,
        contents=row.contents,
        covers_to=row.covers_to,
        planned_at=row.planned_at,
        due_at=row.due_at,
        retry_until=row.retry_until,
        envelope_from=row.envelope_from or "",
        waits_until=row.waits_until,
    )


def words(of_ours: Iterable[str]) -> list[ColumnElement[str]]:
    """States and kinds as they stand in a statement: as parameters they made it longer than psycopg keeps, and slow to fill."""
    return [literal_column(f"'{word}'", String) for word in of_ours]


def is_open() -> ColumnElement[bool]:
    """The condition that a row waits to be sent."""
    return DeliveryRow.state.in_(words(OPEN))


def eligible() -> ColumnElement[bool]:
    """The condition that the joined subscriber may get a mail of the row's kind now."""
    kinds = {states: [kind for kind in ALLOWED if ALLOWED[kind] == states] for states in ALLOWED.values()}
    allowed = (and_(DeliveryRow.kind.in_(words(some)), SubscriberRow.state.in_(words(states))) for states, some in kinds.items())
    by_kind = or_(*allowed)
    here = or_(DeliveryRow.kind.not_in(words(OF_PAPERS)), ~away())
    return and_(by_kind, here, ~exists().where(SuppressionRow.address_key == SubscriberRow.address_key))


def away() -> ColumnElement[bool]:
    """The condition that the joined subscriber wants no mail of papers on the row's date: it lies before the end of a pause."""
    return and_(SubscriberRow.paused_until.is_not(None), cast(SubscriberRow.paused_until, String) > DeliveryRow.period)


def waits() -> ColumnElement[bool]:
    """The condition that a row is a first digest whose papers are not chosen yet, because a fetch is under way."""
    # The priority too, as the index has it: this is asked at each tick, beside a morning's digests.
    return and_(is_open(), DeliveryRow.priority == WELCOME_PRIORITY, DeliveryRow.waits_until.is_not(None))


def at_domain(domain: str) -> ColumnElement[bool]:
    """The condition that the joined subscriber's address is at ``domain``, which is in lower case."""
    return domain_of(SubscriberRow.email_key) == domain


def uncovered() -> ColumnElement[bool]:
    """The condition that the cursor of the row's subscriber has not passed its papers."""
    passed = and_(SubscriberRow.id == DeliveryRow.subscriber_id, SubscriberRow.cursor >= DeliveryRow.covers_to)
    return ~exists().where(passed)


def followed() -> ColumnElement[bool]:
    """The condition that a later digest of the row's subscriber may still leave, or has left."""
    later = aliased(DeliveryRow)
    mine = and_(later.subscriber_id == DeliveryRow.subscriber_id, later.kind == MailKind.DIGEST)
    return exists().where(mine, later.period > DeliveryRow.period, later.state.in_(LIVE))
