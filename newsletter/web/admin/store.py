"""The SQL of the operators' pages: whom acts were about, and whose mail of a day did not leave."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter.mail.deliveries import Delivery
from newsletter.mail.store.rows import as_delivery, with_subscriber
from newsletter.tables.deliveries import DeliveryRow
from newsletter.tables.subscribers import SubscriberRow
from newsletter.values.mail import DeliveryState


def not_sent(session: Session, period: str, *, most: int) -> list[Delivery]:
    """Up to ``most`` rows of ``period`` (a date for digests) that were not sent, oldest first."""
    statement = with_subscriber().where(DeliveryRow.period == period, DeliveryRow.state != DeliveryState.SENT)
    return [as_delivery(row) for row in session.execute(statement.order_by(DeliveryRow.id).limit(most))]


def addresses_of(session: Session, keys: Collection[str]) -> dict[str, str]:
    """The addresses of those whose keyed hashes these are, by the hash; who is gone has none."""
    statement = select(SubscriberRow.address_key, SubscriberRow.email).where(SubscriberRow.address_key.in_(keys))
    return dict(session.execute(statement).all())
