"""What a subscriber chose, changed by the link in each mail; pauses; and that link, mailed anew to whoever asks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Set
from dataclasses import dataclass

from sqlalchemy.orm import Session

from newsletter.db import take_numbers
from newsletter.errors import InputError
from newsletter.mail.store import ledger as mail_store
from newsletter.settings import Settings
from newsletter.subscribers import notices
from newsletter.subscribers.addresses import address_key, normalise
from newsletter.subscribers.choices import EVERY_DAY, LEAST_PAPERS, MOST_PAPERS, faults_of, once, zone_or_utc
from newsletter.subscribers.faults import FieldError, WishError
from newsletter.subscribers.store import subscribers as subscribers_store
from newsletter.subscribers.store.saved_queries import replace_own
from newsletter.subscribers.subscriber import SUBSCRIBED, State, Subscriber
from newsletter.values.readers import Layout
from newsletter.values.saved_queries import OwnQuery

LONGEST_PAUSE = dt.timedelta(days=366)
TOO_EARLY = "Choose a day after today, or leave the field empty."
TOO_LATE = "Choose a day within the next twelve months."
NOT_HERE = "This subscription has ended: come back or sign up again first."


@dataclass(frozen=True, slots=True)
class Preferences:
    """All that can be changed.

    ``hour`` is 0-23 in ``timezone``, ``max_papers`` how many papers a digest holds at most, ``own`` are queries of their own,
    ``updates`` asks to be told of new versions of papers received; ``weekdays`` are the days with mail, 0 = Monday, a single one
    for one mail a week.
    """

    topics: tuple[str, ...]
    language: str
    timezone: str
    hour: int
    max_papers: int = subscribers_store.MAX_PAPERS
    own: tuple[OwnQuery, ...] = ()
    updates: bool = False
    weekdays: tuple[int, ...] = EVERY_DAY
    layout: Layout = Layout.STANDARD


def change(
    session: Session,
    subscriber_id: int,
    chosen: Preferences,
    *,
    now: dt.datetime,
    known: Set[str] | None = None,
) -> Preferences:
    """Keeps ``chosen`` and gives what it replaces, which undoes the change when it is kept again.

    ``known`` are the catalogue's slugs (None: any). Raises WishError by field, InputError where the person has left.
    """
    found = _subscribed(session, subscriber_id)
    faults = faults_of(
        topics=chosen.topics,
        language=chosen.language,
        timezone=chosen.timezone,
        hour=chosen.hour,
        max_papers=chosen.max_papers,
        weekdays=chosen.weekdays,
        own=chosen.own,
        known=known,
    )
    if faults:
        raise WishError(faults)
    subscribers_store.change_subscriber(
        session,
        subscriber_id,
        language=chosen.language,
        timezone=zone_or_utc(chosen.timezone),
        hour=chosen.hour,
        max_papers=chosen.max_papers,
        updates=chosen.updates,
        weekdays=sorted(set(chosen.weekdays)),
        layout=chosen.layout,
    )
    subscribers_store.replace_topics(session, subscriber_id, once(chosen.topics))
    replace_own(session, subscriber_id, chosen.own, now=now)
    return preferences_of(found)


def preferences_of(subscriber: Subscriber) -> Preferences:
    """What this subscriber has chosen."""
    return Preferences(
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
    if until is not None and until <= now.date():
        raise FieldError("pause_until", TOO_EARLY)
    if until is not None and until > now.date() + LONGEST_PAUSE:
        raise FieldError("pause_until", TOO_LATE)
    _subscribed(session, subscriber_id)
    # A pause with an end needs nobody to end it: the state stays, and `store.readers` looks at the day.
    state = State.PAUSED if until is None else State.CONFIRMED
    subscribers_store.change_subscriber(session, subscriber_id, state=state, paused_until=until)
    mail_store.skip_queued(session, subscriber_id, reason="paused", now=now)


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


__all__ = [
    "LEAST_PAPERS",
    "MOST_PAPERS",
    "Preferences",
    "change",
    "pause",
    "preferences_of",
    "request_link",
    "resume",
]
