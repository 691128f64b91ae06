"""Confirming: the link of the confirmation mail makes somebody a subscriber. Looking at it changes nothing.

The use-case is `daily.welcome.confirm_and_welcome`, which plans the first digest in the same transaction.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import structlog
from sqlalchemy.orm import Session

from newsletter.mail.signed_links import LinkError, LinkFault
from newsletter.mail.store import ledger
from newsletter.subscribers import consent, links
from newsletter.subscribers.store import saved_queries as saved_query_store
from newsletter.subscribers.store import subscribers as subscribers_store
from newsletter.subscribers.store.subscribers import OneTime
from newsletter.subscribers.subscriber import SUBSCRIBED, State, Subscriber
from newsletter.topics.saved_queries import author_called
from newsletter.values.mail import MailKind
from newsletter.values.saved_queries import Kind, SavedQuery

log = structlog.get_logger(__name__)


class Outcome(StrEnum):
    """``already``: the link was used before, or another one was, and its owner is subscribed: nothing is wrong."""

    CONFIRMED = "confirmed"
    ALREADY = "already"


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What following the link came to; ``subscriber`` is as it stands afterwards.

    ``moved``: a reader who confirms another address of theirs, and is no newcomer. ``by`` is the mark of the browser in which the
    wish was typed that this very link confirms, "" where none is known.
    """

    subscriber: Subscriber
    outcome: Outcome
    moved: bool = False
    by: str = ""


def look(session: Session, raw: str, *, now: dt.datetime) -> Confirmation:
    """What the link would do, for the page; changes nothing. Raises LinkError (broken, expired, void, used)."""
    return _judged(session, links.find(session, raw, links.Purpose.CONFIRM), now=now, lock=False)


def confirm(session: Session, raw: str, *, now: dt.datetime, origin: str = "link", network: str = "") -> Confirmation:
    """Confirms the subscriber, with what was typed where this link was asked for. Raises LinkError as `look` does.

    A newly confirmed subscriber has no cursor and no pause; who only moved keeps both. All other confirmation links of theirs
    are used up.
    """
    link = links.find(session, raw, links.Purpose.CONFIRM)
    judged = _judged(session, link, now=now, lock=True)
    subscriber = judged.subscriber
    if judged.outcome is Outcome.ALREADY:
        return judged
    links.use(session, raw, links.Purpose.CONFIRM, now=now)
    subscribers_store.use_up(session, subscriber.id, now=now)
    if link is not None and not judged.moved:
        _take_wish(session, subscriber.id, _wish_of(session, link, subscriber), now=now)
    # Who only moved goes on where they were: with their pause, and with what it held back.
    anew = {} if judged.moved else {"paused_until": None, "cursor": None}
    subscribers_store.change_subscriber(session, subscriber.id, state=State.CONFIRMED, confirmed_at=now, left_at=None, **anew)
    words = f"{consent.ASKED} {consent.CONFIRMED}"
    subscribers_store.add_consent(
        session, subscriber.id, consent.Action.CONFIRMED, words=words, origin=origin, now=now, network=network
    )
    log.info("confirmed", subscriber=subscriber.id)
    confirmed = subscribers_store.subscriber(session, subscriber.id) or subscriber
    return Confirmation(confirmed, Outcome.CONFIRMED, judged.moved, judged.by)


def _judged(session: Session, link: OneTime | None, *, now: dt.datetime, lock: bool) -> Confirmation:
    found = None if link is None else subscribers_store.subscriber(session, link.subscriber_id, lock=lock)
    if link is None or found is None:
        raise LinkError(LinkFault.BROKEN)
    if found.state in SUBSCRIBED:
        return Confirmation(found, Outcome.ALREADY)
    if link.used_at is not None:
        raise LinkError(LinkFault.USED)
    if link.expires_at <= now:
        raise LinkError(LinkFault.EXPIRED)
    if found.state not in (State.PENDING, State.UNSUBSCRIBED) or subscribers_store.is_suppressed(session, found.address_key):
        raise LinkError(LinkFault.VOID)
    moved = found.state is State.PENDING and found.confirmed_at is not None
    return Confirmation(found, Outcome.CONFIRMED, moved=moved, by=_wish_of(session, link, found).get("by", ""))


def _wish_of(session: Session, link: OneTime, subscriber: Subscriber) -> Mapping[str, Any]:
    """What was typed with the mail that the link stands in; {} where nothing waits. Links of before knew no mail."""
    if link.delivery_id is None:
        mails = ledger.deliveries(session, subscriber_id=subscriber.id, kind=MailKind.CONFIRM)
        mail = mails[-1] if mails and subscriber.state is State.UNSUBSCRIBED else None
    else:
        mail = ledger.delivery(session, link.delivery_id)
    if mail is None or mail.subscriber_id != subscriber.id:
        return {}
    return mail.contents.get("wish") or {}


def _take_wish(session: Session, subscriber_id: int, wish: Mapping[str, Any], *, now: dt.datetime) -> None:
    if wish:
        columns = {name: wish[name] for name in ("language", "timezone", "hour")}
        subscribers_store.change_subscriber(session, subscriber_id, **columns)
        subscribers_store.replace_topics(session, subscriber_id, wish["topics"])
        # Wishes of before knew neither; who comes back keeps their own.
        searches = [SavedQuery(Kind.QUERY, text) for text in wish.get("queries", ())]
        if new := [*searches, *filter(None, map(author_called, wish.get("authors", ())))]:
            own = saved_query_store.own_of(session, subscriber_id)
            saved_query_store.replace_own(session, subscriber_id, [*dict.fromkeys((*own, *new))], now=now)
