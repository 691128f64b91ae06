"""What an operator does about one person: add, edit, pause, move, mail their link, let leave.

Nobody who left, bounced or complained reads again by an operator's hand alone: they confirm, or the suppression is lifted with a
reason (`subscribers.suppressions.lift`). Erasing, and showing all that is kept, are rights of the person: `subscribers.rights`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Set
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from newsletter.errors import InputError
from newsletter.mail.store import ledger
from newsletter.subscribers import notices, preferences, rights, unsubscribe
from newsletter.subscribers.addresses import address_key, normalise
from newsletter.subscribers.choices import Choices, checked
from newsletter.subscribers.import_export.csv_rows import Row
from newsletter.subscribers.import_export.decisions import GONE, Deed
from newsletter.subscribers.import_export.importing import write_rows
from newsletter.subscribers.signup import OPERATOR, sign_up_by_operator
from newsletter.subscribers.store import subscribers as subscribers_store
from newsletter.subscribers.store import suppressions as suppressions_store
from newsletter.subscribers.subscriber import LEFT_ELSEWHERE, SUBSCRIBED, State, Subscriber
from newsletter.values.mail import MailKind

if TYPE_CHECKING:
    from newsletter.bootstrap import Services

MAILED_TODAY = "they had this mail today: it goes once a day"


def person(session: Session, email: str) -> Subscriber:
    """Who is here under ``email``. Raises FieldError for no address, InputError for nobody."""
    address = normalise(email, international=True)
    found = subscribers_store.subscriber_by_key(session, address.key)
    if found is None:
        raise InputError(f"nobody is here under {address.email}: `newsletter subscribers list` looks for them")
    return found


def add(
    services: Services, email: str, choices: Choices, *, consent: str = "", now: dt.datetime, known: Set[str] | None = None
) -> int:
    """Enters somebody, and gives their id.

    A confirmation is mailed, and they read once they follow its link. With ``consent``, which says what they agreed to, when and
    where, they read at once, and no mail is sent. ``known`` are the catalogue's slugs. Raises FieldError, ChoicesError, and
    InputError for whoever reads already or must not be mailed.
    """
    address, choices = normalise(email), checked(choices, known=known)
    with services.database.transaction() as session:
        if consent.strip():
            row = Row(0, address.email, address.key, choices, State.CONFIRMED)
            _refuse_reader(session, address.key)
            (decision,) = write_rows(services, session, [row], consent=consent.strip(), now=now)
            if decision.deed is Deed.REFUSE:
                raise InputError(f"{decision.remark}; without a consent of yours a confirmation is mailed, where one may be")
        else:
            _ask(services, session, address.email, choices, now=now)
        found = subscribers_store.subscriber_by_key(session, address.key)
    services.queues.wake_senders()
    if found is None:
        raise InputError("this mailbox had a confirmation today, or three in 30 days: nobody was added")
    return found.id


def _refuse_reader(session: Session, key: str) -> Subscriber | None:
    found = subscribers_store.subscriber_by_key(session, key, lock=True)
    if found is not None and found.state in SUBSCRIBED:
        raise InputError(f"{found.email} reads here already: `newsletter subscribers edit` changes what they chose")
    return found


def _ask(services: Services, session: Session, email: str, choices: Choices, *, now: dt.datetime) -> None:
    found = _refuse_reader(session, email.lower())
    if found is not None and found.state in (State.BOUNCED, State.COMPLAINED):
        raise InputError(f"this address {GONE[found.state]}, unless `newsletter suppressions lift` says why it may be")
    reason = suppressions_store.reason_of(session, address_key(email, services.settings.suppression_key))
    if reason and reason not in LEFT_ELSEWHERE:
        raise InputError(f"this address is suppressed ({reason}): `newsletter suppressions lift` asks why it may be mailed")
    before = _confirmations(session, found)
    sign_up_by_operator(session, email, choices, services.settings, now=now)
    if found is not None and _confirmations(session, found) == before:
        raise InputError("this mailbox had a confirmation today, or three in 30 days: none was mailed")


def _confirmations(session: Session, found: Subscriber | None) -> int:
    return len(ledger.deliveries(session, subscriber_id=found.id, kind=MailKind.CONFIRM)) if found else 0


def edit(services: Services, subscriber_id: int, choices: Choices, *, now: dt.datetime, known: Set[str] | None = None) -> None:
    """Keeps ``choices`` of a reader, who can take that back for a day; a pause stays. Raises ChoicesError, InputError."""
    _reader(services, subscriber_id)
    preferences.change_choices(services, subscriber_id, choices, now=now, known=known)


def move(services: Services, subscriber_id: int, email: str, *, now: dt.datetime) -> None:
    """Moves a reader to another address, which has to confirm; the old one is told. Raises FieldError, InputError."""
    _reader(services, subscriber_id)
    rights.move_by_operator(services, subscriber_id, email, now=now)


def pause(services: Services, subscriber_id: int, *, until: dt.date | None, now: dt.datetime) -> None:
    """Stops the mails of a reader until the day ``until``, or until they say otherwise (None). Raises FieldError, InputError."""
    _reader(services, subscriber_id)
    preferences.pause(services, subscriber_id, until=until, now=now)


def resume(services: Services, subscriber_id: int, *, now: dt.datetime) -> None:
    """Ends the pause of a reader. Raises InputError for whoever left, bounced or complained, and never brings them back."""
    _reader(services, subscriber_id)
    preferences.resume(services, subscriber_id, now=now)


def let_leave(services: Services, subscriber_id: int, *, now: dt.datetime) -> bool:
    """Ends a subscription for whoever asks an operator for it; one goodbye is mailed. False where it has ended before."""
    return unsubscribe.leave(services, subscriber_id, now=now, origin=OPERATOR)


def mail_link(services: Services, subscriber_id: int, *, now: dt.datetime) -> None:
    """Mails a reader the link to their choices, once a day; whoever has not confirmed gets that link anew. Raises InputError."""
    with services.database.transaction() as session:
        found = subscribers_store.subscriber(session, subscriber_id, lock=True)
        if found is not None and found.state is State.PENDING:
            _confirm_again(session, found, services, now=now)
        elif found is None or found.state not in SUBSCRIBED:
            raise InputError(_ended(found))
        elif not notices.plan_preferences(session, found.id, settings=services.settings, now=now):
            raise InputError(MAILED_TODAY)
    services.queues.wake_senders()


def _confirm_again(session: Session, found: Subscriber, services: Services, *, now: dt.datetime) -> None:
    earlier = ledger.deliveries(session, subscriber_id=found.id, kind=MailKind.CONFIRM)
    contents = earlier[-1].contents if earlier else {}
    if not notices.plan_confirmation(session, found.id, found.email, settings=services.settings, now=now, contents=contents):
        raise InputError("this mailbox had a confirmation today, or three in 30 days: none was mailed")


def _reader(services: Services, subscriber_id: int) -> Subscriber:
    """A reader of this id. Raises InputError for whoever is none."""
    with services.database.reading() as session:
        found = subscribers_store.subscriber(session, subscriber_id)
    if found is None or found.state not in SUBSCRIBED:
        raise InputError(_ended(found))
    return found


def _ended(found: Subscriber | None) -> str:
    if found is None:
        return "nobody is here any more"
    if found.state is State.PENDING:
        return f"{found.email} has not confirmed yet: `newsletter subscribers link` mails the link once more"
    return f"{found.email} {GONE[found.state]}"
