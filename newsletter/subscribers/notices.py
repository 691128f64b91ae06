"""The small mails about a subscription: who may get how many of them. Planned in the ledger, never sent from here.

List bombing: at most one confirmation in 24 hours and three ever to an address, one mail with the link to the choices a day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from email.utils import parseaddr
from typing import Any

from sqlalchemy.orm import Session

from newsletter.mail.deliveries import SETTLED
from newsletter.mail.store import ledger
from newsletter.settings import Settings
from newsletter.values.mail import MailKind

MOST_CONFIRMATIONS = 3
BETWEEN_CONFIRMATIONS = dt.timedelta(hours=24)
# A person waits for these mails.
PRIORITY = 0


def plan_confirmation(
    session: Session, subscriber_id: int, *, settings: Settings, now: dt.datetime, contents: Mapping[str, Any] | None = None
) -> bool:
    """Plans a confirmation mail unless one is on its way, one left within 24 hours, or three did ever; True where it is new."""
    earlier = ledger.deliveries(session, subscriber_id=subscriber_id, kind=MailKind.CONFIRM)
    if len(earlier) >= MOST_CONFIRMATIONS:
        return False
    if earlier and (earlier[-1].state not in SETTLED or now - earlier[-1].planned_at < BETWEEN_CONFIRMATIONS):
        return False
    period = str(len(earlier) + 1)
    return _plan(session, subscriber_id, MailKind.CONFIRM, period=period, settings=settings, now=now, contents=contents)


def plan_preferences(session: Session, subscriber_id: int, *, settings: Settings, now: dt.datetime) -> bool:
    """Plans the mail with the link to the choices, once a day (UTC) however often it is asked for."""
    period = now.date().isoformat()
    return _plan(session, subscriber_id, MailKind.PREFERENCES, period=period, settings=settings, now=now)


def plan_goodbye(session: Session, subscriber_id: int, *, settings: Settings, now: dt.datetime) -> bool:
    """Plans the mail that says goodbye, once a day (UTC): whoever holds a forwarded link cannot make it rain."""
    period = now.date().isoformat()
    return _plan(session, subscriber_id, MailKind.GOODBYE, period=period, settings=settings, now=now)


def plan_address(session: Session, subscriber_id: int, *, settings: Settings, now: dt.datetime) -> bool:
    """Plans the mail with the link that changes the address, once a day (UTC); True where it is new."""
    period = now.date().isoformat()
    return _plan(session, subscriber_id, MailKind.ADDRESS, period=period, settings=settings, now=now)


def plan_moved(
    session: Session, subscriber_id: int, *, period: str, left: str, moved_to: str, settings: Settings, now: dt.datetime
) -> bool:
    """Plans the note to the address ``left`` that mails go to another one from now on; ``moved_to`` is that one, masked."""
    contents = {"to": left, "moved_to": moved_to}
    return _plan(session, subscriber_id, MailKind.MOVED, period=period, settings=settings, now=now, contents=contents)


def _plan(
    session: Session,
    subscriber_id: int,
    kind: MailKind,
    *,
    period: str,
    settings: Settings,
    now: dt.datetime,
    contents: Mapping[str, Any] | None = None,
) -> bool:
    planned = ledger.plan_mail(
        session,
        subscriber_id=subscriber_id,
        kind=kind,
        period=period,
        priority=PRIORITY,
        due_at=now,
        domain=parseaddr(settings.mail_from)[1].rpartition("@")[2],
        contents=contents or {},
        now=now,
    )
    return planned is not None
