"""Signing up. Nobody learns from the answer, its status or its time whether an address is known here.

Whatever becomes of a sign-up, about the same is read and written: where there is nothing to keep, a new subscriber is written
into a savepoint and taken back.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy.orm import Session

from newsletter.db import take_numbers
from newsletter.mail.store import ledger
from newsletter.settings import Settings
from newsletter.subscribers import consent, notices
from newsletter.subscribers.addresses import Address, address_key, normalise
from newsletter.subscribers.choices import Choices, checked, columns_of, faults_of
from newsletter.subscribers.faults import ChoicesError, FieldError
from newsletter.subscribers.store import subscribers as subscribers_store
from newsletter.subscribers.subscriber import SUBSCRIBED, State, Subscriber
from newsletter.values.mail import MailKind

if TYPE_CHECKING:
    from newsletter.bootstrap import Services

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SignUpRequest:
    """What somebody typed into the form."""

    email: str
    choices: Choices


def checked_request(request: SignUpRequest, *, known: Set[str] | None) -> SignUpRequest:
    """The wish with its address normalised and its choices checked. ``known`` are the catalogue's slugs (None: any).

    Raises ChoicesError with everything that is wrong, by field.
    """
    faults = faults_of(request.choices, known=known)
    try:
        email = normalise(request.email).email
    except FieldError as error:
        raise ChoicesError({error.field: error.fault, **faults}) from None
    return SignUpRequest(email, checked(request.choices, known=known))


def sign_up(services: Services, request: SignUpRequest, *, now: dt.datetime, origin: str, known: Set[str] | None = None) -> None:
    """Takes a sign-up and wakes who mails; the visitor is told to look into their inbox, always.

    A new or pending address gets the wish and a confirmation mail within the limits of `notices`. To somebody who reads, the
    link to their choices is mailed and nothing is changed. Of somebody who left, the wish waits beside the confirmation
    mail and counts once they confirm. To a bounced, complained or suppressed address nothing happens. Raises ChoicesError.
    """
    request = checked_request(request, known=known)
    with services.database.transaction() as session:
        _take(session, request, settings=services.settings, now=now, origin=origin)
    services.queues.wake_senders()


def _take(session: Session, request: SignUpRequest, *, settings: Settings, now: dt.datetime, origin: str) -> None:
    address = normalise(request.email)
    key = address_key(address.email, settings.suppression_key)
    # A counter is written whatever comes, so that each sign-up ends in a commit of its own.
    take_numbers(session, "sign_ups", 1)
    suppressed = subscribers_store.is_suppressed(session, key)
    found = subscribers_store.subscriber_by_key(session, address.key, lock=True)
    if suppressed:
        _rehearse(session, request, settings=settings, now=now)
    elif found is None:
        _welcome(session, request, address, key=key, settings=settings, now=now, origin=origin)
    elif found.state is State.PENDING:
        _change_mind(session, found, request, settings=settings, now=now, origin=origin)
    else:
        _rehearse(session, request, settings=settings, now=now)
        if found.state in SUBSCRIBED:
            notices.plan_preferences(session, found.id, settings=settings, now=now)
        elif found.state is State.UNSUBSCRIBED:
            _ask_again(session, found, request, settings=settings, now=now, origin=origin)


def _welcome(
    session: Session, request: SignUpRequest, address: Address, *, key: str, settings: Settings, now: dt.datetime, origin: str
) -> None:
    values = {**columns_of(request.choices), "email": address.email, "email_key": address.key, "address_key": key}
    new = subscribers_store.add_subscriber(session, {**values, "state": State.PENDING, "created_at": now}, request.choices.topics)
    if new is None:
        return  # another request stored this very address a moment ago, and plans its mail
    log.info("signed up", subscriber=new)
    _ask(session, new, settings=settings, now=now, origin=origin)


def _change_mind(
    session: Session, found: Subscriber, request: SignUpRequest, *, settings: Settings, now: dt.datetime, origin: str
) -> None:
    subscribers_store.change_subscriber(session, found.id, **columns_of(request.choices))
    subscribers_store.replace_topics(session, found.id, request.choices.topics)
    _ask(session, found.id, settings=settings, now=now, origin=origin)


def _ask_again(
    session: Session, found: Subscriber, request: SignUpRequest, *, settings: Settings, now: dt.datetime, origin: str
) -> None:
    # The choices that the goodbye mail's way back restores stay as they are until its owner has confirmed the new ones.
    kept = {**columns_of(request.choices), "topics": list(request.choices.topics)}
    if not _ask(session, found.id, settings=settings, now=now, origin=origin, contents={"wish": kept}):
        earlier = ledger.deliveries(session, subscriber_id=found.id, kind=MailKind.CONFIRM)
        if earlier and earlier[-1].contents.get("wish"):
            subscribers_store.keep_waiting_choices(session, earlier[-1].id, kept)


def _ask(
    session: Session,
    subscriber_id: int,
    *,
    settings: Settings,
    now: dt.datetime,
    origin: str,
    contents: Mapping[str, Any] | None = None,
) -> bool:
    planned = notices.plan_confirmation(session, subscriber_id, settings=settings, now=now, contents=contents)
    if planned:
        subscribers_store.add_consent(session, subscriber_id, consent.Action.ASKED, words=consent.ASKED, origin=origin, now=now)
    return planned


def _rehearse(session: Session, request: SignUpRequest, *, settings: Settings, now: dt.datetime) -> None:
    """Does the work of a new sign-up and takes it back, so that the time taken does not tell who is known."""
    decoy = secrets.token_hex(16)
    savepoint = session.begin_nested()
    _welcome(session, request, Address(decoy, decoy), key=decoy, settings=settings, now=now, origin="")
    savepoint.rollback()
