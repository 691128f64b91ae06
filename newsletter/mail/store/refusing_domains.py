"""The SQL of domains that refuse us: how often in a row, and until when nothing is sent to them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from sqlalchemy import and_, delete, func, select
from sqlalchemy.orm import Session

from newsletter.db import dialect_insert
from newsletter.mail.deliveries import RefusingDomain
from newsletter.mail.store.rows import at_domain
from newsletter.tables.deliveries import DeliveryRow, RefusingDomainRow
from newsletter.tables.subscribers import SubscriberRow
from newsletter.values.batches import batches
from newsletter.values.mail import DeliveryState


def refusing(session: Session) -> dict[str, RefusingDomain]:
    """All domains that refused us and have accepted nothing since, by name."""
    rows = session.scalars(select(RefusingDomainRow).order_by(RefusingDomainRow.domain))
    return {row.domain: RefusingDomain(row.domain, row.refusals, row.holds, row.held_until, row.reply) for row in rows}


def held(session: Session, *, now: dt.datetime) -> list[RefusingDomain]:
    """The domains to which nothing is sent now, by name."""
    return [one for one in refusing(session).values() if one.is_held(now)]


def keep(session: Session, found: Collection[RefusingDomain], *, now: dt.datetime) -> None:
    """Writes how these domains stand; of two workers the last one counts."""
    for one in found:
        row = {"refusals": one.refusals, "holds": one.holds, "held_until": one.held_until, "reply": one.reply, "changed_at": now}
        statement = dialect_insert(session, RefusingDomainRow).values(domain=one.domain, **row)
        session.execute(statement.on_conflict_do_update(index_elements=[RefusingDomainRow.domain], set_=row))


def forget(session: Session, domains: Collection[str] | None = None) -> None:
    """Forgets that ``domains`` (None: any) refused us: they accepted a mail, or an operator says so."""
    if domains is None:
        session.execute(delete(RefusingDomainRow))
        return
    for some in batches(sorted(domains)):
        session.execute(delete(RefusingDomainRow).where(RefusingDomainRow.domain.in_(some)))


def held_count(session: Session, *, domain: str, now: dt.datetime) -> int:
    """How many due mails have not been tried because ``domain`` is held."""
    held = and_(DeliveryRow.state == DeliveryState.QUEUED, DeliveryRow.due_at <= now, at_domain(domain))
    statement = select(func.count()).select_from(DeliveryRow).join(SubscriberRow, SubscriberRow.id == DeliveryRow.subscriber_id)
    return session.scalar(statement.where(held)) or 0
