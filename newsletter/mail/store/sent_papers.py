"""What the digests of a day held, read from the ledger without a look at whose they are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter.tables.deliveries import DeliveryRow
from newsletter.values.mail import DeliveryState, MailKind

AT_ONCE = 2000


def papers_sent(session: Session, day: dt.date) -> Iterator[list[int]]:
    """The ids of the papers of each digest of ``day`` that was sent, in their order there; they come as they are read."""
    of_day = (
        DeliveryRow.kind == MailKind.DIGEST,
        DeliveryRow.period == day.isoformat(),
        DeliveryRow.state == DeliveryState.SENT,
    )
    statement, last = select(DeliveryRow.id, DeliveryRow.contents).where(*of_day).order_by(DeliveryRow.id).limit(AT_ONCE), 0
    while rows := session.execute(statement.where(DeliveryRow.id > last)).all():
        yield from ([paper_id for paper_id, _topic in contents.get("papers", ())] for _, contents in rows)
        last = rows[-1][0]
