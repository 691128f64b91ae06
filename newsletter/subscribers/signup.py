"""Signing up. Nobody learns from the answer, its status or its time whether an address is known here.

What is typed is kept and answered; what becomes of it is decided afterwards (`form_requests`).
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Set
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy.orm import Session

from newsletter.mail.store import ledger
from newsletter.settings import Settings
from newsletter.subscribers import consent, form_requests, notices
from newsletter.subscribers.addresses import Address, address_key, normalise
from newsletter.subscribers.choices import Choices, checked, columns_of, faults_of
from newsletter.subscribers.faults import ChoicesError, FieldError
from newsletter.subscribers.store import subscribers as subscribers_store
from newsletter.subscribers.store import suppressions
from newsletter.subscribers.store.form_requests import Form, FormRequest
from newsletter.subscribers.subscriber import LEFT_ELSEWHERE, SUBSCRIBED, State
from newsletter.topics.saved_queries import written
from newsletter.values.mail import MailKind
from newsletter.values.saved_queries import Kind

if TYPE_CHECKING:
    from newsletter.bootstrap import Services

log = structlog.get_logger(__name__)

CORRECTED_WITHIN = dt.timedelta(days=1)
ORIGIN, OPERATOR = "web", "operator"


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
        email = normalise(request.email, international=True).email
    except FieldError as error:
        raise ChoicesError({error.field: error.fault, **faults}) from None
    return SignUpRequest(email, checked(request.choices, known=known))


def ask_to_sign_up(
    services: Services,
    request: SignUpRequest,
    *,
    network: str,
    now: dt.datetime,
    known: Set[str] | None = None,
    browser: str = "",
    weight: int = 1,
) -> None:
    """Keeps a sign-up from ``network``, to be done after the answer; the visitor is told to look into their inbox, always.

    ``browser`` is a random text that the browser keeps, "" for none. Raises ChoicesError, TooManyUses.
    """
    request = checked_request(request, known=known)
    contents = {"wish": _wish(request.choices, browser_mark(browser)), "network": network}
    form_requests.ask(services, Form.SIGN_UP, request.email, network=network, now=now, contents=contents, weight=weight)


def browser_mark(browser: str) -> str:
    """What is kept of a browser beside the wish typed in it; "" for none."""
    return hashlib.sha256(browser.encode("utf-8", "surrogatepass")).hexdigest()[:32] if browser else ""


def sign_up_by_operator(session: Session, email: str, choices: Choices, settings: Settings, *, now: dt.datetime) -> None:
    """What `sign_up` does, for somebody whom an operator enters: a confirmation is mailed, and only that subscribes them."""
    contents = {"wish": _wish(choices, ""), "network": "", "origin": OPERATOR}
    sign_up(session, FormRequest(Form.SIGN_UP, email, contents, now), settings)


def _wish(choices: Choices, mark: str) -> dict[str, Any]:
    return {
        **columns_of(choices),
        "topics": list(choices.topics),
        "queries": [own.text for own in choices.own if own.kind is Kind.QUERY],
        "authors": _authors(choices),
        "by": mark,
    }


def _authors(choices: Choices) -> list[str]:
    return [written(own) for own in choices.own if own.kind is Kind.AUTHOR]


def sign_up(session: Session, asked: FormRequest, settings: Settings) -> None:
    """Does what somebody asked by the form of sign-up.

    A new, pending or departed address gets a confirmation mail within the limits of `notices`, and what its link confirms is the
    wish typed here, which waits beside the mail. Where the limits allow none, the wish changes the waiting one only where the
    same browser typed that within the day. To somebody who reads, the link to their choices is mailed, which offers to follow the
    authors, and nothing is changed.
    To a bounced, complained or suppressed address nothing happens, unless all that is known of it is that it left elsewhere.
    """
    address = normalise(asked.email, international=True)
    key = address_key(address.email, settings.suppression_key)
    reason = suppressions.reason_of(session, key)
    if reason and reason not in LEFT_ELSEWHERE:
        return
    found = subscribers_store.subscriber_by_key(session, address.key, lock=True)
    if found is None:
        _welcome(session, address, asked, settings, key=key)
    elif found.state in SUBSCRIBED:
        follow = asked.contents["wish"].get("authors", ())
        notices.plan_preferences(session, found.id, settings=settings, now=asked.asked_at, follow=follow)
    elif found.state in (State.PENDING, State.UNSUBSCRIBED) and not _mail(session, found.id, asked, settings):
        _correct(session, found.id, asked)


def _welcome(session: Session, address: Address, asked: FormRequest, settings: Settings, *, key: str) -> None:
    """Stores somebody new with their mail.

    Nobody is stored whose mailbox must get no mail now: who spells it in many ways fills no table.
    """
    later = ("topics", "queries", "authors", "by")
    choices = {name: value for name, value in asked.contents["wish"].items() if name not in later}
    columns = {**choices, "email": address.email, "email_key": address.key, "address_key": key}
    columns |= {"state": State.PENDING, "created_at": asked.asked_at}
    savepoint = session.begin_nested()
    new = subscribers_store.add_subscriber(session, columns, asked.contents["wish"]["topics"])
    # None: another process stored this very address a moment ago, and plans its mail.
    if new is None or not _mail(session, new, asked, settings):
        savepoint.rollback()
        return
    savepoint.commit()
    log.info("signed up", subscriber=new)


def _mail(session: Session, subscriber_id: int, asked: FormRequest, settings: Settings) -> bool:
    now = asked.asked_at
    contents = {"wish": asked.contents["wish"], "asked_at": now.isoformat()}
    planned = notices.plan_confirmation(session, subscriber_id, asked.email, settings=settings, now=now, contents=contents)
    if planned:
        suppressions.let_return(session, address_key(asked.email, settings.suppression_key))
        network, origin = asked.contents["network"], asked.contents.get("origin", ORIGIN)
        subscribers_store.add_consent(
            session, subscriber_id, consent.Action.ASKED, words=consent.ASKED, origin=origin, now=now, network=network
        )
    return planned


def _correct(session: Session, subscriber_id: int, asked: FormRequest) -> None:
    """Puts the wish in the place of the waiting one, where the same browser typed that within the day."""
    earlier, wish = ledger.deliveries(session, subscriber_id=subscriber_id, kind=MailKind.CONFIRM), asked.contents["wish"]
    contents = earlier[-1].contents if earlier else {}
    waiting = contents.get("wish")
    same = waiting and wish["by"] and waiting.get("by") == wish["by"]
    # What is asked may be done in another order, by another process.
    overtaken = asked.asked_at.isoformat() < contents.get("asked_at", "")
    if same and not overtaken and asked.asked_at - earlier[-1].planned_at < CORRECTED_WITHIN:
        subscribers_store.keep_waiting_choices(session, earlier[-1].id, wish, asked_at=asked.asked_at)
