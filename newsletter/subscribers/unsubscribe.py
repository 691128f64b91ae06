"""Leaving, at once and for good; and the way back, which the browser that left has for a day and the goodbye mail for a month."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.orm import Session

from newsletter.errors import InputError
from newsletter.mail.signed_links import LinkError, LinkFault
from newsletter.mail.store import ledger
from newsletter.settings import Settings
from newsletter.subscribers import consent, links, notices
from newsletter.subscribers.store import subscribers as subscribers_store
from newsletter.subscribers.subscriber import ENDLESS, SUBSCRIBED, State, Subscriber

if TYPE_CHECKING:
    from newsletter.bootstrap import Services

log = structlog.get_logger(__name__)

# An undo, not a second sign-up: links in forwarded mails must not bring somebody back months after they left.
BACK_WITHIN = dt.timedelta(days=30)
NOT_HERE = "Only the browser that left can take it back: use the link in the goodbye mail, or have one mailed."
TOO_LATE = "This subscription ended too long ago to be taken up again: please sign up anew."


def leave(services: Services, subscriber_id: int, *, now: dt.datetime, origin: str) -> bool:
    """Ends the subscription and plans one goodbye mail; False, and no change, where it has ended before.

    Digests that have not left are skipped, and every one-time link of the person is used up. Links in mails already sent keep
    working, because leaving twice must be answered kindly.
    """
    with services.database.transaction() as session:
        left = _leave(session, subscriber_id, settings=services.settings, now=now, origin=origin)
    services.queues.wake_senders()
    return left


def _leave(session: Session, subscriber_id: int, *, settings: Settings, now: dt.datetime, origin: str) -> bool:
    found = subscribers_store.subscriber(session, subscriber_id, lock=True)
    if found is None or found.state is State.UNSUBSCRIBED:
        return False
    if found.state in (State.BOUNCED, State.COMPLAINED):
        subscribers_store.suppress(session, found.address_key, reason=found.state, now=now)
    paused_until = ENDLESS if found.state is State.PAUSED else found.paused_until
    subscribers_store.change_subscriber(session, subscriber_id, state=State.UNSUBSCRIBED, left_at=now, paused_until=paused_until)
    subscribers_store.use_up(session, subscriber_id, now=now)
    subscribers_store.add_consent(session, subscriber_id, consent.Action.LEFT, words=consent.LEFT, origin=origin, now=now)
    ledger.skip_queued(session, subscriber_id, reason="unsubscribed", now=now)
    if found.state in SUBSCRIBED:
        notices.plan_goodbye(session, subscriber_id, settings=settings, now=now)
    log.info("left", subscriber=subscriber_id)
    return True


def come_back(services: Services, subscriber_id: int, *, now: dt.datetime, origin: str, network: str = "") -> Subscriber:
    """Undoes the leaving, with the same choices and the same pause; no change for somebody who is subscribed.

    Raises InputError where the person never confirmed, left more than 30 days ago, or must not be mailed.
    """
    with services.database.transaction() as session:
        return _come_back(session, subscriber_id, now=now, origin=origin, network=network)


def who_left(session: Session, raw: str, *, now: dt.datetime) -> Subscriber:
    """Whom the goodbye mail's link was mailed to, for the page; changes nothing. Raises LinkError."""
    found = subscribers_store.subscriber(session, links.look(session, raw, links.Purpose.RETURN, now=now).subscriber_id)
    if found is None:
        raise LinkError(LinkFault.BROKEN)
    return found


def come_back_by_link(services: Services, raw: str, *, now: dt.datetime, origin: str, network: str = "") -> Subscriber:
    """Undoes the leaving of whom the one-time link was mailed to. Raises LinkError, and InputError as `come_back` does."""
    with services.database.transaction() as session:
        link = links.use(session, raw, links.Purpose.RETURN, now=now)
        return _come_back(session, link.subscriber_id, now=now, origin=origin, network=network)


def _come_back(session: Session, subscriber_id: int, *, now: dt.datetime, origin: str, network: str) -> Subscriber:
    found = subscribers_store.subscriber(session, subscriber_id, lock=True)
    if found is None or not may_return(session, found, now=now):
        raise InputError(TOO_LATE)
    if found.state in SUBSCRIBED:
        return found
    state, until = (State.PAUSED, None) if found.paused_until == ENDLESS else (State.CONFIRMED, found.paused_until)
    subscribers_store.change_subscriber(session, subscriber_id, state=state, paused_until=until, left_at=None)
    subscribers_store.add_consent(
        session, subscriber_id, consent.Action.RETURNED, words=consent.RETURNED, origin=origin, now=now, network=network
    )
    log.info("came back", subscriber=subscriber_id)
    return subscribers_store.subscriber(session, subscriber_id) or found


def may_return(session: Session, found: Subscriber, *, now: dt.datetime) -> bool:
    """Whether their leaving can still be undone, with the choices that they had."""
    if found.state in SUBSCRIBED:
        return True
    if found.state is not State.UNSUBSCRIBED or found.confirmed_at is None or found.left_at is None:
        return False
    return now - found.left_at <= BACK_WITHIN and not subscribers_store.is_suppressed(session, found.address_key)
