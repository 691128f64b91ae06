"""The small mails about a subscription: who may get how many of them. Planned in the ledger, never sent from here.

List bombing: at most one confirmation in 24 hours and three in 30 days to a mailbox, however its address is spelt and whatever
became of who asked; one mail with the link to the choices a day. What never left counts for nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from email.utils import parseaddr
from typing import Any

from sqlalchemy.orm import Session

from newsletter.mail.deliveries import SETTLED
from newsletter.mail.store import ledger
from newsletter.papers.store.authors import author_of
from newsletter.settings import Settings
from newsletter.subscribers.addresses import mailbox_key
from newsletter.subscribers.store import confirmations
from newsletter.text.author_names import author_key
from newsletter.values.mail import MailKind

MOST_CONFIRMATIONS = 3
CONFIRMATIONS_WITHIN = dt.timedelta(days=30)
BETWEEN_CONFIRMATIONS = dt.timedelta(hours=24)
# A confirmation that a relay holds up is worth sending as long as somebody who signed up is waited for.
CONFIRMATION_TRIED_FOR = dt.timedelta(days=7)
# A person waits for these mails.
PRIORITY = 0


def plan_confirmation(
    session: Session,
    subscriber_id: int,
    email: str,
    *,
    settings: Settings,
    now: dt.datetime,
    contents: Mapping[str, Any] | None = None,
) -> bool:
    """Plans a confirmation mail to ``email`` unless one is on its way, one left within 24 hours, or three did in 30 days.

    True where it is new.
    """
    key, since = mailbox_key(email, settings.suppression_key), now - CONFIRMATIONS_WITHIN
    earlier = ledger.deliveries(session, subscriber_id=subscriber_id, kind=MailKind.CONFIRM)
    seen = confirmations.mails_of(session, key, since=since)
    if seen.waiting or any(mail.state not in SETTLED for mail in earlier[-1:]):
        return False
    if len(seen.left_at) >= MOST_CONFIRMATIONS or any(now - at < BETWEEN_CONFIRMATIONS for at in seen.left_at):
        return False
    planned = _plan(
        session,
        subscriber_id,
        MailKind.CONFIRM,
        period=str(1 + max((int(mail.period) for mail in earlier), default=0)),
        settings=settings,
        now=now,
        contents=contents,
        retry_until=now + CONFIRMATION_TRIED_FOR,
    )
    if planned is not None:
        confirmations.keep_mail(session, key, planned, now=now, since=since)
    return planned is not None


def plan_preferences(
    session: Session, subscriber_id: int, *, settings: Settings, now: dt.datetime, follow: Sequence[str] = ()
) -> bool:
    """Plans the mail with the link to the choices, once a day (UTC) however often it is asked for.

    One more a day where the link offers to ``follow`` authors, by their names. The mail names those whom papers here name, and as
    these write them: whoever asks may be somebody else, whose words go into nobody's mail.
    """
    known = [author.name for name in follow if (author := author_of(session, author_key(name)))]
    period, contents = now.date().isoformat(), {"follow": list(follow), "authors": known} if follow else None
    planned = _plan(
        session,
        subscriber_id,
        MailKind.PREFERENCES,
        period=f"{period} follow" if follow else period,
        settings=settings,
        now=now,
        contents=contents,
    )
    return planned is not None


def plan_goodbye(session: Session, subscriber_id: int, *, settings: Settings, now: dt.datetime) -> bool:
    """Plans the mail that says goodbye, once a day (UTC): whoever holds a forwarded link cannot make it rain."""
    period = now.date().isoformat()
    return _plan(session, subscriber_id, MailKind.GOODBYE, period=period, settings=settings, now=now) is not None


def plan_address(session: Session, subscriber_id: int, *, settings: Settings, now: dt.datetime) -> bool:
    """Plans the mail with the link that changes the address, once a day (UTC); True where it is new."""
    period = now.date().isoformat()
    return _plan(session, subscriber_id, MailKind.ADDRESS, period=period, settings=settings, now=now) is not None


def plan_right(session: Session, subscriber_id: int, kind: MailKind, *, settings: Settings, now: dt.datetime) -> bool:
    """Plans the mail with the link to one's data, or to its end (``kind``), once a day (UTC); True where it is new."""
    period = now.date().isoformat()
    return _plan(session, subscriber_id, kind, period=period, settings=settings, now=now) is not None


def plan_moved(
    session: Session, subscriber_id: int, *, period: str, left: str, moved_to: str, settings: Settings, now: dt.datetime
) -> bool:
    """Plans the note to the address ``left`` that mails go to another one from now on; ``moved_to`` is that one, masked."""
    contents = {"to": left, "moved_to": moved_to}
    planned = _plan(session, subscriber_id, MailKind.MOVED, period=period, settings=settings, now=now, contents=contents)
    return planned is not None


def _plan(
    session: Session,
    subscriber_id: int,
    kind: MailKind,
    *,
    period: str,
    settings: Settings,
    now: dt.datetime,
    contents: Mapping[str, Any] | None = None,
    retry_until: dt.datetime | None = None,
) -> int | None:
    return ledger.plan_mail(
        session,
        subscriber_id=subscriber_id,
        kind=kind,
        period=period,
        priority=PRIORITY,
        due_at=now,
        domain=parseaddr(settings.mail_from)[1].rpartition("@")[2],
        contents=contents or {},
        now=now,
        retry_until=retry_until,
    )
