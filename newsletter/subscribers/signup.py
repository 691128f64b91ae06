"""Signing up. Nobody learns from the answer, its status or its time whether an address is known here.

Whatever becomes of a sign-up, about the same is read and written: where there is nothing to keep, a new subscriber is written
into a savepoint and taken back.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Set
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

CORRECTED_WITHIN = dt.timedelta(days=1)


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


def sign_up(
    services: Services,
    request: SignUpRequest,
    *,
    now: dt.datetime,
    origin: str,
    known: Set[str] | None = None,
    browser: str = "",
    network: str = "",
) -> None:
    """Takes a sign-up and wakes who mails; the visitor is told to look into their inbox, always.

    A new, pending or departed address gets a confirmation mail within the limits of `notices`, and what its link confirms is the
    wish typed here, which waits beside the mail. Where the limits allow none, the wish changes the waiting one only where the
    same ``browser`` (a random text that it keeps; "" for none) typed that within the day. To somebody who reads, the link to
    their choices is mailed and nothing is changed. To a bounced, complained or suppressed address nothing happens. ``network`` is
    where the request came from. Raises ChoicesError.
    """
    request = checked_request(request, known=known)
    ask = _Ask(services.settings, now, origin, browser_mark(browser), network)
    with services.database.transaction() as session:
        _take(session, request, ask)
    services.queues.wake_senders()


def browser_mark(browser: str) -> str:
    """What is kept of a browser beside the wish typed in it; "" for none."""
    return hashlib.sha256(browser.encode("utf-8", "surrogatepass")).hexdigest()[:32] if browser else ""


@dataclass(frozen=True, slots=True)
class _Ask:
    """What one sign-up is done with; ``mark`` is that of its browser."""

    settings: Settings
    now: dt.datetime
    origin: str
    mark: str
    network: str


def _take(session: Session, request: SignUpRequest, ask: _Ask) -> None:
    address = normalise(request.email)
    key = address_key(address.email, ask.settings.suppression_key)
    # A counter is written whatever comes, so that each sign-up ends in a commit of its own.
    take_numbers(session, "sign_ups", 1)
    suppressed = subscribers_store.is_suppressed(session, key)
    found = subscribers_store.subscriber_by_key(session, address.key, lock=True)
    if found is None and not suppressed:
        new = _welcome(session, request, address, ask, key=key)
        if new is None:
            _rehearse(session, request, ask, notice=True)
        else:
            _rehearse_notice(session, new, ask)
        return
    planned = found is not None and not suppressed and _answer(session, found, address, request, ask)
    _rehearse(session, request, ask, notice=not planned)


def _answer(session: Session, found: Subscriber, address: Address, request: SignUpRequest, ask: _Ask) -> bool:
    """Mails what somebody who is known here gets; whether there was anything to mail."""
    if found.state in SUBSCRIBED:
        return notices.plan_preferences(session, found.id, settings=ask.settings, now=ask.now)
    if found.state not in (State.PENDING, State.UNSUBSCRIBED):
        return False
    planned = _mail(session, found.id, address.email, request, ask)
    if not planned:
        _correct(session, found.id, request, ask)
    return planned


def _welcome(session: Session, request: SignUpRequest, address: Address, ask: _Ask, *, key: str) -> int | None:
    """Stores somebody new with their mail, and gives their id.

    Nobody is stored whose mailbox must get no mail now: who spells it in many ways fills no table.
    """
    values = {**columns_of(request.choices), "email": address.email, "email_key": address.key, "address_key": key}
    savepoint = session.begin_nested()
    columns = {**values, "state": State.PENDING, "created_at": ask.now}
    new = subscribers_store.add_subscriber(session, columns, request.choices.topics)
    # None: another request stored this very address a moment ago, and plans its mail.
    if new is None or not _mail(session, new, address.email, request, ask):
        savepoint.rollback()
        return None
    savepoint.commit()
    log.info("signed up", subscriber=new)
    return new


def _mail(session: Session, subscriber_id: int, email: str, request: SignUpRequest, ask: _Ask) -> bool:
    contents = {"wish": _wish(request, ask)}
    planned = notices.plan_confirmation(session, subscriber_id, email, settings=ask.settings, now=ask.now, contents=contents)
    if planned:
        subscribers_store.add_consent(
            session, subscriber_id, consent.Action.ASKED, words=consent.ASKED, origin=ask.origin, now=ask.now, network=ask.network
        )
    return planned


def _wish(request: SignUpRequest, ask: _Ask) -> dict[str, Any]:
    return {**columns_of(request.choices), "topics": list(request.choices.topics), "by": ask.mark}


def _correct(session: Session, subscriber_id: int, request: SignUpRequest, ask: _Ask) -> None:
    """Puts the wish in the place of the waiting one, where the same browser typed that within the day."""
    earlier = ledger.deliveries(session, subscriber_id=subscriber_id, kind=MailKind.CONFIRM)
    waiting = earlier[-1].contents.get("wish") if earlier else None
    if waiting and ask.mark and waiting.get("by") == ask.mark and ask.now - earlier[-1].planned_at < CORRECTED_WITHIN:
        subscribers_store.keep_waiting_choices(session, earlier[-1].id, _wish(request, ask))


def _rehearse(session: Session, request: SignUpRequest, ask: _Ask, *, notice: bool) -> None:
    """Does the work of a new sign-up and takes it back, so that the time taken does not tell who is known."""
    decoy = secrets.token_hex(16)
    savepoint = session.begin_nested()
    new = _welcome(session, request, Address(f"{decoy}@example.org", decoy), ask, key=decoy)
    if notice and new is not None:
        _rehearse_notice(session, new, ask)
    savepoint.rollback()


def _rehearse_notice(session: Session, subscriber_id: int, ask: _Ask) -> None:
    """Does the work of the mail that a reader gets, and takes it back."""
    savepoint = session.begin_nested()
    notices.plan_preferences(session, subscriber_id, settings=ask.settings, now=ask.now)
    savepoint.rollback()
