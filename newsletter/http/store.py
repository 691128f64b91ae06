"""The SQL of the slots in which polite requests leave. It sends nothing itself."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from newsletter.db import dialect_insert
from newsletter.tables.operating import RequestSlotRow

# A slot further ahead than this comes from a clock that was wrong once, not from a queue of requests.
SLOT_HORIZON = dt.timedelta(minutes=15)


def reserve_slot(session: Session, service: str, *, delay: float, now: dt.datetime) -> dt.datetime:
    """Takes the next free slot of ``service`` and says when that request may leave; slots lie ``delay`` seconds apart.

    The slot is taken once the transaction commits: commit before sleeping. A slot too far ahead (a clock that was wrong) is
    forgotten.
    """
    first = dialect_insert(session, RequestSlotRow).values(service=service, next_at=now).on_conflict_do_nothing()
    session.execute(first)
    mine = RequestSlotRow.service == service
    free = session.execute(select(RequestSlotRow.next_at).where(mine).with_for_update()).scalar_one()
    slot = free if now <= free <= now + SLOT_HORIZON else now
    session.execute(update(RequestSlotRow).where(mine).values(next_at=slot + dt.timedelta(seconds=delay)))
    return slot
