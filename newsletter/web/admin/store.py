"""The SQL of the operators' pages: who may log in, and whose mail of a day did not leave."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter.mail.deliveries import Delivery
from newsletter.mail.store.rows import as_delivery, with_subscriber
from newsletter.tables.deliveries import DeliveryRow
from newsletter.tables.operating import AdminRow
from newsletter.values.mail import DeliveryState


@dataclass(frozen=True, slots=True)
class Operator:
    """Somebody who may log in."""

    id: int
    name: str
    password_hash: str = field(repr=False)


def operator_by_name(session: Session, name: str) -> Operator | None:
    """The operator ``name``; None where there is none."""
    return _operator(session.scalar(select(AdminRow).where(AdminRow.name == name)))


def operator_by_id(session: Session, operator_id: int) -> Operator | None:
    """The operator with this id; None where there is none."""
    return _operator(session.get(AdminRow, operator_id))


def not_sent(session: Session, period: str, *, most: int) -> list[Delivery]:
    """Up to ``most`` rows of ``period`` (a date for digests) that were not sent, oldest first."""
    statement = with_subscriber().where(DeliveryRow.period == period, DeliveryRow.state != DeliveryState.SENT)
    return [as_delivery(row) for row in session.execute(statement.order_by(DeliveryRow.id).limit(most))]


def _operator(row: AdminRow | None) -> Operator | None:
    return None if row is None else Operator(row.id, row.name, row.password_hash)
