"""Conditions over rows of the ledger, and rows as values. Runs no statement itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, cast, exists, func, or_, select
from sqlalchemy.orm import aliased

from newsletter.mail.deliveries import LIVE, OPEN, Delivery
from newsletter.models import DeliveryRow, SubscriberRow, SuppressionRow
from newsletter.values import DeliveryState, MailKind

# In which states of the subscriber a mail of a kind may leave.
ALLOWED: Mapping[MailKind, tuple[str, ...]] = {
    MailKind.CONFIRM: ("pending", "unsubscribed"),
    MailKind.DIGEST: ("confirmed",),
    MailKind.PREFERENCES: ("confirmed", "paused"),
    MailKind.GOODBYE: ("unsubscribed",),
    MailKind.ADDRESS: ("confirmed", "paused"),
    MailKind.MOVED: ("pending", "confirmed", "paused"),
}


def with_subscriber() -> Select[DeliveryRow, str, str, int]:
    """A SELECT of rows with what `as_delivery` needs of their subscribers."""
    statement: Select[DeliveryRow, str, str, int] = select(
        DeliveryRow, SubscriberRow.email, SubscriberRow.language, SubscriberRow.token_version
    )
    return statement.join(SubscriberRow, SubscriberRow.id == DeliveryRow.subscriber_id)


def as_delivery(row: Any) -> Delivery:
    """A row of `with_subscriber` as a value; the note about a move goes to the address that was left (``contents["to"]``)."""
    delivery, email, language, token_version = row
    return Delivery(
        id=delivery.id,
        subscriber_id=delivery.subscriber_id,
        email=delivery.contents.get("to", email),
        language=language,
        token_version=token_version,
        kind=MailKind(delivery.kind),
        period=delivery.period,
        state=DeliveryState(delivery.state),
        reason=delivery.reason,
        attempts=delivery.attempts,
        stage=delivery.stage,
        message_id=delivery.message_id,
        reply=delivery.reply,
        contents=delivery.contents,
        covers_to=delivery.covers_to,
        planned_at=delivery.planned_at,
        due_at=delivery.due_at,
        retry_until=delivery.retry_until,
        envelope_from=delivery.envelope_from or "",
    )


def is_open() -> ColumnElement[bool]:
    """The condition that a row waits to be sent."""
    return DeliveryRow.state.in_(OPEN)


def eligible() -> ColumnElement[bool]:
    """The condition that the joined subscriber may get a mail of the row's kind now."""
    by_kind = or_(*(and_(DeliveryRow.kind == kind, SubscriberRow.state.in_(states)) for kind, states in ALLOWED.items()))
    here = or_(DeliveryRow.kind != MailKind.DIGEST, ~away())
    return and_(by_kind, here, ~exists().where(SuppressionRow.address_key == SubscriberRow.address_key))


def away() -> ColumnElement[bool]:
    """The condition that the joined subscriber wants no digest of the row's date: it lies before the end of a pause."""
    return and_(SubscriberRow.paused_until.is_not(None), cast(SubscriberRow.paused_until, String) > DeliveryRow.period)


def at_domain(domain: str) -> ColumnElement[bool]:
    """The condition that the joined subscriber's address is at ``domain``."""
    return func.lower(SubscriberRow.email).endswith(f"@{domain}", autoescape=True)


def uncovered() -> ColumnElement[bool]:
    """The condition that the cursor of the row's subscriber has not passed its papers."""
    passed = and_(SubscriberRow.id == DeliveryRow.subscriber_id, SubscriberRow.cursor >= DeliveryRow.covers_to)
    return ~exists().where(passed)


def followed() -> ColumnElement[bool]:
    """The condition that a later digest of the row's subscriber may still leave, or has left."""
    later = aliased(DeliveryRow)
    mine = and_(later.subscriber_id == DeliveryRow.subscriber_id, later.kind == MailKind.DIGEST)
    return exists().where(mine, later.period > DeliveryRow.period, later.state.in_(LIVE))


def chunks(ids: Sequence[int], size: int = 500) -> Iterable[Sequence[int]]:
    """``ids`` in pieces that fit into one statement's parameters."""
    return (ids[start : start + size] for start in range(0, len(ids), size))
