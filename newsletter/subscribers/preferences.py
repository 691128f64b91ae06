"""What a subscriber chose, changed by the link in each mail; pauses; and that link, mailed anew to whoever asks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Set
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from newsletter.errors import InputError
from newsletter.mail.store import ledger
from newsletter.settings import Settings
from newsletter.subscribers import notices
from newsletter.subscribers.addresses import address_key, normalise
from newsletter.subscribers.choices import Choices, checked, choices_of, fewer_papers, pause_fault
from newsletter.subscribers.faults import FieldError
from newsletter.subscribers.store import subscribers as subscribers_store
from newsletter.subscribers.store.form_requests import FormRequest
from newsletter.subscribers.store.saved_queries import replace_own
from newsletter.subscribers.subscriber import SUBSCRIBED, State, Subscriber
from newsletter.subscribers.undo import forget, replaced, undoable
from newsletter.subscribers.unsubscribe import may_return
from newsletter.topics.saved_queries import read_line
from newsletter.values.saved_queries import Kind

if TYPE_CHECKING:
    from newsletter.bootstrap import Services

NOT_HERE = "This subscription has ended: come back or sign up again first."


def change(
    services: Services,
    subscriber_id: int,
    chosen: Choices,
    *,
    pause_until: dt.date | None,
    now: dt.datetime,
    known: Set[str] | None = None,
) -> None:
    """Keeps ``chosen``, and a pause until the day ``pause_until`` or none; what it replaces can be undone for a day.

    A pause without an end stands in no field: it stays until `resume`, or until a day is given.
    ``known`` are the catalogue's slugs (None: any). Raises ChoicesError by field, FieldError (``pause_until``), and InputError
    where the person has left.
    """
    with services.database.transaction() as session, undoable(session, subscriber_id, now=now):
        _replace(session, subscriber_id, checked(chosen, known=known), now=now)
        if pause_until:
            _pause(session, subscriber_id, until=pause_until, now=now)
        elif _subscribed(session, subscriber_id).state is not State.PAUSED:
            _resume(session, subscriber_id)


def change_choices(
    services: Services, subscriber_id: int, chosen: Choices, *, now: dt.datetime, known: Set[str] | None = None
) -> None:
    """Keeps ``chosen`` as `change` does, and leaves a pause as it is."""
    with services.database.transaction() as session, undoable(session, subscriber_id, now=now):
        _replace(session, subscriber_id, checked(chosen, known=known), now=now)


def resume(services: Services, subscriber_id: int, *, now: dt.datetime) -> None:
    """Ends a pause, undoable for a day. Raises InputError where the person has left."""
    with services.database.transaction() as session, undoable(session, subscriber_id, now=now):
        _subscribed(session, subscriber_id)
        _resume(session, subscriber_id)


def halve_papers(services: Services, subscriber_id: int, *, now: dt.datetime) -> None:
    """Halves how many papers a mail holds at most, undoable for a day. Raises InputError where the person has left."""
    with services.database.transaction() as session, undoable(session, subscriber_id, now=now):
        chosen = choices_of(_subscribed(session, subscriber_id))
        _replace(session, subscriber_id, replace(chosen, max_papers=fewer_papers(chosen.max_papers)), now=now)


def follow(services: Services, subscriber_id: int, name: str, *, now: dt.datetime) -> None:
    """Follows the author ``name``, as on a paper; undoable for a day.

    Raises InputError where it is no name, ChoicesError where they follow as many as they may, InputError where they have left.
    """
    with services.database.transaction() as session, undoable(session, subscriber_id, now=now):
        chosen = choices_of(_subscribed(session, subscriber_id))
        own = dict.fromkeys((*chosen.own, read_line(Kind.AUTHOR, name)))
        _replace(session, subscriber_id, checked(replace(chosen, own=tuple(own)), known=None), now=now)


def pause(services: Services, subscriber_id: int, *, until: dt.date | None, now: dt.datetime) -> None:
    """Stops digests until ``until``, the first day with mail again (at most 366 days on), or for as long as they like (None).

    Digests that have not left are skipped. Undoable for a day. Raises FieldError (``pause_until``), InputError where the person
    has left.
    """
    with services.database.transaction() as session, undoable(session, subscriber_id, now=now):
        _pause(session, subscriber_id, until=until, now=now)


def undo(services: Services, subscriber_id: int, *, now: dt.datetime) -> bool:
    """Takes the last change back; False where there is none of the last day, or the person has left meanwhile."""
    with services.database.transaction() as session:
        found = subscribers_store.subscriber(session, subscriber_id, lock=True)
        before = replaced(session, subscriber_id, now=now)
        if before is None or found is None or found.state not in SUBSCRIBED:
            return False
        _replace(session, subscriber_id, checked(before.preferences, known=None), now=now)
        if before.endless or (before.paused_until and before.paused_until > now.date()):
            _pause(session, subscriber_id, until=None if before.endless else before.paused_until, now=now)
        else:
            _resume(session, subscriber_id)
        forget(session, subscriber_id)
        return True


def mail_link(session: Session, asked: FormRequest, settings: Settings) -> None:
    """Plans the mail with the link to their choices to whoever reads under an address, and the way back to whoever left.

    Once a day; to all others nothing is mailed.
    """
    address, now = normalise(asked.email, international=True), asked.asked_at
    if subscribers_store.is_suppressed(session, address_key(address.email, settings.suppression_key)):
        return
    found = subscribers_store.subscriber_by_key(session, address.key, lock=True)
    if found is not None and found.state in SUBSCRIBED:
        notices.plan_preferences(session, found.id, settings=settings, now=now)
    elif found is not None and may_return(session, found, now=now):
        notices.plan_goodbye(session, found.id, settings=settings, now=now)


def _replace(session: Session, subscriber_id: int, chosen: Choices, *, now: dt.datetime) -> None:
    _subscribed(session, subscriber_id)
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
        weekly=chosen.weekly,
        reading_mail=chosen.reading_mail,
    )
    subscribers_store.replace_topics(session, subscriber_id, chosen.topics)
    replace_own(session, subscriber_id, chosen.own, now=now)


def _pause(session: Session, subscriber_id: int, *, until: dt.date | None, now: dt.datetime) -> None:
    fault = pause_fault(until, today=now.date()) if until else None
    if fault:
        raise FieldError("pause_until", fault)
    _subscribed(session, subscriber_id)
    # A pause with an end needs nobody to end it: the state stays, and `store.readers` looks at the day.
    state = State.PAUSED if until is None else State.CONFIRMED
    subscribers_store.change_subscriber(session, subscriber_id, state=state, paused_until=until)
    ledger.skip_queued(session, subscriber_id, reason="paused", now=now)


def _resume(session: Session, subscriber_id: int) -> None:
    subscribers_store.change_subscriber(session, subscriber_id, state=State.CONFIRMED, paused_until=None)


def _subscribed(session: Session, subscriber_id: int) -> Subscriber:
    found = subscribers_store.subscriber(session, subscriber_id, lock=True)
    if found is None or found.state not in SUBSCRIBED:
        raise InputError(NOT_HERE)
    return found
