"""What a ledger out of a backup cannot know: which of its open mails have left since, and which digests were planned since.

Both are ``unknown``, and so never sent by themselves.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import and_, delete, or_, update
from sqlalchemy.orm import Session

from newsletter.mail.deliveries import OPEN, RESENT_IN_DOUBT
from newsletter.mail.store import leases
from newsletter.tables.deliveries import DeliveryRow
from newsletter.values.mail import DeliveryState

IN_DOUBT = "may have left after the backup was made"
LOST_DAY = "a day after the backup was made: may have been sent"


def doubt_open(session: Session, *, stopped: dt.datetime, at: dt.datetime, now: dt.datetime) -> int:
    """Marks the mails that were open in the backup and due before ``stopped``; gives how many.

    The cursors of their readers move, as if they had left ``at`` that time. Confirmations and mailed links are sent again: a
    second copy harms nobody, and the links of the first are not known here. What was in a worker's hand is open no more.
    """
    due = or_(DeliveryRow.state == DeliveryState.SENDING, and_(DeliveryRow.state.in_(OPEN), DeliveryRow.due_at <= stopped))
    free = {"lease": "", "lease_until": None, "waits_until": None}
    doubtful = {"state": DeliveryState.UNKNOWN, "reason": IN_DOUBT, "settled_at": now}
    wanted = and_(due, DeliveryRow.kind.not_in(RESENT_IN_DOUBT))
    marked = session.execute(update(DeliveryRow).where(wanted).values(doubtful | free).returning(DeliveryRow.id))
    ids = list(marked.scalars())
    again = {"state": DeliveryState.RETRY, "stage": "", "lease": "", "lease_until": None, "due_at": now}
    session.execute(update(DeliveryRow).where(DeliveryRow.state == DeliveryState.SENDING).values(again))
    leases.move_cursors(session, ids, now=at)
    return len(ids)


def forget_lost_days(session: Session, *, period: str | None) -> int:
    """Takes away the digests that a backup did not know of, of one ``period`` or all; gives how many.

    A digest of today is then planned anew; earlier ones are covered by the next.
    """
    lost = and_(DeliveryRow.state == DeliveryState.UNKNOWN, DeliveryRow.reason == LOST_DAY)
    wanted = lost if period is None else and_(lost, DeliveryRow.period == period)
    return len(session.execute(delete(DeliveryRow).where(wanted).returning(DeliveryRow.id)).all())
