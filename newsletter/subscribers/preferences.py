"""What a subscriber chose, changed by the link in each mail; pauses; and that link, mailed anew to whoever asks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Set

from sqlalchemy.orm import Session

from newsletter.db import take_numbers
from newsletter.errors import InputError
from newsletter.mail.store import ledger
from newsletter.settings import Settings
from newsletter.subscribers import notices
from newsletter.subscribers.addresses import address_key, normalise
from newsletter.subscribers.choices import Choices, checked, pause_fault
from newsletter.subscribers.faults import FieldError
from newsletter.subscribers.store import subscribers as subscribers_store
from newsletter.subscribers.store.saved_queries import replace_own
from newsletter.subscribers.subscriber import SUBSCRIBED, State, Subscriber

NOT_HERE = "This subscription has ended: come back or sign up again first."


def change(
    session: Session,
    subscriber_id: int,
    chosen: Choices,
    *,
    now: dt.datetime,
    known: Set[str] | None = None,
) -> Choices:
    """Keeps ``chosen`` and gives what it replaces, which undoes the change when it is kept again.

    ``known`` are the catalogue's slugs (None: any). Raises WishError by field, InputError where the person has left.
    """
    found = _subscribed(session, subscriber_id)
    chosen = checked(chosen, known=known)
    subscribers_store.change_subscriber(
        session,
        subscriber_id,
        language=chosen.language,
        timezone=chosen.timezone,
        hour=chosen.hour,
        max_papers=chosen.max_papers,
        updates=chosen.updates,
        weekdays=list(chosen.weekdays),
        layout=chosen.layout,
    )
    subscribers_store.replace_topics(session, subscriber_id, chosen.topics)
    replace_own(session, subscriber_id, chosen.own, now=now)
    return choices_of(found)


def choices_of(subscriber: Subscriber) -> Choices:
    """What this subscriber has chosen."""
    return Choices(
        topics=subscriber.topics,
        language=subscriber.language,
        timezone=subscriber.timezone,
        hour=subscriber.hour,
        max_papers=subscriber.max_papers,
        own=subscriber.own,
        updates=subscriber.updates,
        weekdays=subscriber.weekdays,
        layout=subscriber.layout,
    )


def pause(session: Session, subscriber_id: int, *, until: dt.date | None, now: dt.datetime) -> None:
    """Stops digests until ``until``, the first day with mail again (at most 366 days on), or for as long as they like (None).

    Digests that have not left are skipped. Raises FieldError (``pause_until``), InputError where the person has left.
    """
    fault = pause_fault(until, today=now.date()) if until else None
    if fault:
        raise FieldError("pause_until", fault)
    _subscribed(session, subscriber_id)
    # A pause with an end needs nobody to end it: the state stays, and `store.readers` looks at the day.
    state = State.PAUSED if until is None else State.CONFIRMED
    subscribers_store.change_subscriber(session, subscriber_id, state=state, paused_until=until)
    ledger.skip_queued(session, subscriber_id, reason="paused", now=now)


def resume(session: Session, subscriber_id: int, *, now: dt.datetime) -> None:  # noqa: ARG001 - as all use-cases here
    """Ends a pause; nothing changes where there is none. Raises InputError where the person has left."""
    _subscribed(session, subscriber_id)
    subscribers_store.change_subscriber(session, subscriber_id, state=State.CONFIRMED, paused_until=None)


def request_link(session: Session, email: str, *, settings: Settings, now: dt.datetime) -> None:
    """Mails the link to their choices to whoever reads under ``email``, once a day; the answer is the same for all others.

    Raises FieldError (``email``) where it is no address at all.
    """
    address = normalise(email)
    take_numbers(session, "link_requests", 1)
    suppressed = subscribers_store.is_suppressed(session, address_key(address.email, settings.suppression_key))
    found = subscribers_store.subscriber_by_key(session, address.key, lock=True)
    if found is not None and found.state in SUBSCRIBED and not suppressed:
        notices.plan_preferences(session, found.id, settings=settings, now=now)


def _subscribed(session: Session, subscriber_id: int) -> Subscriber:
    found = subscribers_store.subscriber(session, subscriber_id, lock=True)
    if found is None or found.state not in SUBSCRIBED:
        raise InputError(NOT_HERE)
    return found
