"""The SQL of how much came back, by day and by domain; each mail counts once, however often it is told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from sqlalchemy import ColumnElement, Table, and_, func, literal, select
from sqlalchemy.orm import Session

from newsletter.tables.deliveries import BounceRow, DeliveryRow
from newsletter.tables.domain_of import domain_of
from newsletter.tables.subscribers import SubscriberRow
from newsletter.values.mail import DeliveryState, MailKind

DELIVERIES, BOUNCES = cast("Table", DeliveryRow.__table__), cast("Table", BounceRow.__table__)
TRIED = (DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Rate:
    """Of ``tried`` digests so many ``bounced`` (hard or soft) and were ``complained`` about."""

    tried: int = 0
    bounced: int = 0
    complained: int = 0

    @property
    def bounce_share(self) -> float:
        """From 0 to 1; 0 of nothing."""
        return self.bounced / self.tried if self.tried else 0.0

    @property
    def complaint_share(self) -> float:
        """From 0 to 1; 0 of nothing."""
        return self.complained / self.tried if self.tried else 0.0


def in_all(session: Session, *, since: dt.date) -> Rate:
    """The rate of all digests from that date on; nothing is counted where nothing came back."""
    kinds = _told(session, literal(""), since=since)
    if not kinds:
        return Rate()
    tried = session.scalar(select(func.count()).select_from(DeliveryRow).where(_digests(since))) or 0
    return _rate(tried, kinds, "")


def by_day(session: Session, *, since: dt.date) -> dict[str, Rate]:
    """The rate of each date with digests from ``since`` on, the newest first."""
    tried = session.execute(select(DeliveryRow.period, func.count()).where(_digests(since)).group_by(DeliveryRow.period))
    counts = dict(tried.all())
    told = _told(session, DELIVERIES.c.period, since=since)
    return {day: _rate(counts.get(day, 0), told, day) for day in sorted(counts, reverse=True)}


def by_domain(session: Session, *, since: dt.date, most: int) -> dict[str, Rate]:
    """The rates of the domains from which most came back since that date."""
    told = _told(session, BOUNCES.c.domain, since=since)
    domains = sorted({domain for domain, _ in told}, key=lambda one: -sum(told.get((one, kind), 0) for kind in _KINDS))[:most]
    if not domains:
        return {}
    domain = domain_of(SubscriberRow.email_key)
    joined = (
        select(domain, func.count()).select_from(DeliveryRow).join(SubscriberRow, SubscriberRow.id == DeliveryRow.subscriber_id)
    )
    counts = dict(session.execute(joined.where(_digests(since), domain.in_(domains)).group_by(domain)).all())
    return {one: _rate(counts.get(one, 0), told, one) for one in domains}


_KINDS = ("hard", "soft", "complaint")


def _digests(since: dt.date) -> ColumnElement[bool]:
    tried = DeliveryRow.state.in_(TRIED)
    return and_(DeliveryRow.kind == MailKind.DIGEST, DeliveryRow.period >= since.isoformat(), tried)


def _told(session: Session, what: ColumnElement[str], *, since: dt.date) -> dict[tuple[str, str], int]:
    """How many digests of each ``what`` and kind came back."""
    columns = (what, BounceRow.kind, func.count(BounceRow.delivery_id.distinct()))
    joined = select(*columns).select_from(BounceRow).join(DeliveryRow, DeliveryRow.id == BounceRow.delivery_id)
    joined = joined.where(_digests(since), BounceRow.kind.in_(_KINDS), ~BounceRow.followed.startswith("still tried"))
    return {(row[0], row[1]): row[2] for row in session.execute(joined.group_by(what, BounceRow.kind))}


def _rate(tried: int, told: Mapping[tuple[str, str], int], what: str) -> Rate:
    bounced = told.get((what, "hard"), 0) + told.get((what, "soft"), 0)
    return Rate(max(tried, bounced), bounced, told.get((what, "complaint"), 0))
