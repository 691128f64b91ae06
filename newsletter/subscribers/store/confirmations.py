"""The SQL of what limits forms: confirmation mails by mailbox, uses of forms by the hour. It knows no address, only hashes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from sqlalchemy import Table, and_, delete, insert, select
from sqlalchemy.orm import Session

from newsletter.db import dialect_insert
from newsletter.mail.deliveries import SETTLED
from newsletter.tables.deliveries import DeliveryRow
from newsletter.tables.subscribers import ConfirmationMailRow, FormUseRow
from newsletter.values.mail import DeliveryState

_LEFT = (DeliveryState.SENT, DeliveryState.UNKNOWN)
_SAME = and_(DeliveryRow.id == ConfirmationMailRow.delivery_id, DeliveryRow.message_id == ConfirmationMailRow.message_id)
USES = cast("Table", FormUseRow.__table__)


@dataclass(frozen=True, slots=True)
class MailboxMails:
    """The confirmation mails of a mailbox: when those left that did, and whether one is on its way."""

    left_at: Sequence[dt.datetime]
    waiting: bool


def mails_of(session: Session, mailbox_key: str, *, since: dt.datetime) -> MailboxMails:
    """Those planned ``since`` then. One whose person is gone is taken to have left; one that failed or was skipped did not."""
    columns = (DeliveryRow.state, DeliveryRow.settled_at, ConfirmationMailRow.planned_at)
    query = select(*columns).select_from(ConfirmationMailRow).outerjoin(DeliveryRow, _SAME)
    condition = and_(ConfirmationMailRow.mailbox_key == mailbox_key, ConfirmationMailRow.planned_at > since)
    rows = session.execute(query.where(condition)).all()
    left = [settled_at or planned_at for state, settled_at, planned_at in rows if state is None or state in _LEFT]
    return MailboxMails(left, any(state is not None and state not in SETTLED for state, _, _ in rows))


def keep_mail(session: Session, mailbox_key: str, delivery_id: int, *, now: dt.datetime, since: dt.datetime) -> None:
    """Keeps that a confirmation was planned for this mailbox, and forgets all planned before ``since``."""
    session.execute(delete(ConfirmationMailRow).where(ConfirmationMailRow.planned_at <= since))
    message_id = select(DeliveryRow.message_id).where(DeliveryRow.id == delivery_id).scalar_subquery()
    row = {"mailbox_key": mailbox_key, "delivery_id": delivery_id, "message_id": message_id, "planned_at": now}
    session.execute(insert(ConfirmationMailRow).values(row))


def forget_unsent(session: Session, subscriber_id: int) -> None:
    """Forgets the confirmations of a person that never left, before the person is erased: what is left then counts as mailed."""
    unsent = select(ConfirmationMailRow.id).join(DeliveryRow, _SAME).where(DeliveryRow.subscriber_id == subscriber_id)
    unsent = unsent.where(DeliveryRow.state.not_in(_LEFT))
    session.execute(delete(ConfirmationMailRow).where(ConfirmationMailRow.id.in_(unsent)))


def use(session: Session, weights: Mapping[str, int], *, until: dt.datetime) -> dict[str, int]:
    """Counts uses under each key by its weight, in their order, and gives how many there are now under each.

    The rows are held until the transaction ends.
    """
    rows = [{"key": key, "until": until, "count": weight} for key, weight in weights.items()]
    counted = dialect_insert(session, USES)
    more = counted.on_conflict_do_update(index_elements=["key"], set_={"count": USES.c.count + counted.excluded.count})
    return {row[0]: row[1] for row in session.execute(more.returning(USES.c.key, USES.c.count), rows)}


def forget_uses(session: Session, *, now: dt.datetime) -> None:
    """Forgets uses of hours that are over."""
    session.execute(delete(FormUseRow).where(FormUseRow.until <= now))
