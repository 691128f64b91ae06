"""What everybody may ask of their own data: to see it, to have it erased, to move to another address.

Each takes a fresh one-time link, because a link in a forwarded mail must not be enough.
"""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy.orm import Session

from newsletter.errors import InputError
from newsletter.mail import inbox
from newsletter.mail.signed_links import LinkError, LinkFault
from newsletter.mail.store import ledger
from newsletter.ranking.store import examples as examples_store
from newsletter.ranking.store import opinions as opinions_store
from newsletter.settings import Settings
from newsletter.subscribers import consent, links, notices
from newsletter.subscribers.addresses import Address, address_key, masked, normalise
from newsletter.subscribers.choices import LONGEST_PAUSE
from newsletter.subscribers.links import Purpose
from newsletter.subscribers.store import bounces as bounces_store
from newsletter.subscribers.store import personal_data
from newsletter.subscribers.store import subscribers as subscribers_store
from newsletter.subscribers.subscriber import SUBSCRIBED, State, Subscriber
from newsletter.values.mail import MailKind

if TYPE_CHECKING:
    from newsletter.bootstrap import Services

log = structlog.get_logger(__name__)

NEVER_AGAIN = "never again"


def erase(services: Services, subscriber_id: int, *, now: dt.datetime, never_again: bool = False) -> None:
    """Deletes the person with all that hangs on them; nothing happens where there is none.

    A keyed hash of the address stays only where its mail bounced, its owner complained, or wants no mail ever (``never_again``).
    No copy of the address stays in the files of the database, nor a mail to it in the local inbox.
    """
    with services.database.transaction() as session:
        address = _erase(session, subscriber_id, now=now, never_again=never_again)
    _erase_copies(services, address)


def erase_by_link(services: Services, raw: str, *, now: dt.datetime, never_again: bool = False) -> None:
    """Erases whoever the one-time link belongs to, as `erase` does. Raises LinkError."""
    with services.database.transaction() as session:
        subscriber_id = links.use(session, raw, Purpose.ERASE, now=now).subscriber_id
        address = _erase(session, subscriber_id, now=now, never_again=never_again)
    _erase_copies(services, address)


def erase_address(services: Services, email: str, *, now: dt.datetime, never_again: bool = False) -> bool:
    """Erases all that is known of an address, whether or not somebody subscribes with it; False where nothing was.

    Raises FieldError where ``email`` is none.
    """
    address = normalise(email, international=True)
    with services.database.transaction() as session:
        found = subscribers_store.subscriber_by_key(session, address.key)
        known = found is not None
        if found is not None:
            _erase(session, found.id, now=now, never_again=never_again)
        elif never_again:
            key = address_key(address.email, services.settings.suppression_key)
            subscribers_store.suppress(session, key, reason=NEVER_AGAIN, now=now)
        known = bool(personal_data.erase_mentions(session, address.email)) or known
    return bool(_erase_copies(services, address.email)) or known


def _erase_copies(services: Services, address: str) -> int:
    """Removes what may be left of an erased address outside of rows; gives how many mails of the local inbox that were."""
    if not address:
        return 0
    mails = inbox.forget(inbox.inbox_folder(services.settings.data_dir), address)
    if not services.database.forget_old_pages(address):
        log.warning("an erased address may stand in the files of the database still: the next erasure empties them")
    return mails


def _erase(session: Session, subscriber_id: int, *, now: dt.datetime, never_again: bool) -> str:
    """Erases the person's rows, and gives the address; "" where there is nobody."""
    found = subscribers_store.subscriber(session, subscriber_id, lock=True)
    if found is None:
        return ""
    if never_again or found.state in (State.BOUNCED, State.COMPLAINED):
        reason = found.state if found.state in (State.BOUNCED, State.COMPLAINED) else NEVER_AGAIN
        subscribers_store.suppress(session, found.address_key, reason=reason, now=now)
    personal_data.erase_subscriber(session, subscriber_id)
    personal_data.erase_mentions(session, found.email)
    log.info("erased", subscriber=subscriber_id)
    return found.email


def own_data(session: Session, subscriber_id: int) -> dict[str, Any]:
    """All that is kept about the person, ready for JSON (times in ISO form); empty where there is nobody."""
    found = subscribers_store.subscriber(session, subscriber_id)
    if found is None:
        return {}
    return {
        "email": found.email,
        "state": found.state,
        "choices": choices_told(found),
        "choices_before_the_last_change": subscribers_store.replaced(session, subscriber_id),
        "signed_up_at": found.created_at.isoformat(),
        "confirmed_at": _iso(found.confirmed_at),
        "left_at": _iso(found.left_at),
        "consents": [{**row, "at": _iso(row["at"])} for row in subscribers_store.consents(session, subscriber_id)],
        "feedback": [
            {"paper": one.ref, "title": one.title, "said": f"{one.say} like this", "at": one.at.isoformat()}
            for one in opinions_store.opinions(session, subscriber_id)
        ],
        "examples": [
            {"title": one.title, "abstract": one.abstract} for _, one in examples_store.examples(session, subscriber_id)
        ],
        "came_back": came_back(session, subscriber_id),
        "mails": [
            {"kind": mail.kind, "date": mail.period, "state": mail.state, "planned_at": mail.planned_at.isoformat()}
            for mail in ledger.deliveries(session, subscriber_id=subscriber_id)
        ],
        "records": personal_data.records(
            session, subscriber_id=subscriber_id, address_key=found.address_key, address=found.email
        ),
    }


def came_back(session: Session, subscriber_id: int) -> list[dict[str, Any]]:
    """What came back of the person's mails, the newest first: when, what, the server's words, and what followed."""
    return [
        {"at": one.at.isoformat(), "kind": one.kind, "status": one.status, "words": one.words, "followed": one.followed}
        for one in bounces_store.bounces(session, subscriber_id=subscriber_id)
    ]


def data_of_address(services: Services, email: str) -> dict[str, Any]:
    """All that is kept about an address, as `own_data`; what else is known where nobody subscribes with it. Raises FieldError."""
    address = normalise(email, international=True)
    key = address_key(address.email, services.settings.suppression_key)
    with services.database.reading() as session:
        found = subscribers_store.subscriber_by_key(session, address.key)
        if found is not None:
            return own_data(session, found.id)
        rows = personal_data.records(session, subscriber_id=None, address_key=key, address=address.email)
    return {"email": address.email, "records": rows} if rows else {}


def own_data_by_link(services: Services, raw: str, *, now: dt.datetime) -> dict[str, Any]:
    """The data of whoever the one-time link belongs to; uses it up. Raises LinkError."""
    with services.database.transaction() as session:
        return own_data(session, links.use(session, raw, Purpose.EXPORT, now=now).subscriber_id)


def request_right(services: Services, subscriber_id: int, kind: MailKind, *, now: dt.datetime) -> None:
    """Mails the one-time link to somebody's data (``MailKind.DATA``), or to its end (``ERASE``); once a day each."""
    with services.database.transaction() as session:
        notices.plan_right(session, subscriber_id, kind, settings=services.settings, now=now)
    services.queues.wake_senders()


def whose_link(session: Session, raw: str, purpose: Purpose, *, now: dt.datetime) -> Subscriber:
    """Whose link to their rights it is, for the page; changes nothing. Raises LinkError (broken, used, expired)."""
    found = subscribers_store.subscriber(session, links.look(session, raw, purpose, now=now).subscriber_id)
    if found is None:
        raise LinkError(LinkFault.BROKEN)
    return found


def request_move(services: Services, subscriber_id: int, *, now: dt.datetime) -> None:
    """Mails the one-time link that changes the address, to the present one; once a day. Nothing where they are not subscribed."""
    with services.database.transaction() as session:
        found = subscribers_store.subscriber(session, subscriber_id, lock=True)
        if found is not None and found.state in SUBSCRIBED:
            notices.plan_address(session, found.id, settings=services.settings, now=now)
    services.queues.wake_senders()


def subscriber_to_move(session: Session, raw: str, *, now: dt.datetime) -> Subscriber:
    """Whose link it is, for the page; changes nothing. Raises LinkError (broken, used, expired, void)."""
    found = subscribers_store.subscriber(session, links.look(session, raw, Purpose.ADDRESS, now=now).subscriber_id)
    if found is None:
        raise LinkError(LinkFault.BROKEN)
    if found.state not in SUBSCRIBED:
        raise LinkError(LinkFault.VOID)
    return found


def move(services: Services, raw: str, email: str, *, now: dt.datetime, origin: str, network: str = "") -> None:
    """Moves the subscription to another address, which has to confirm first; all links in mails to the old one are void.

    Both addresses are written to: the new one is asked to confirm and told where mails went so far, the old one told of the move.
    Where the new address is known here or must not be mailed, nothing moves, and the answer is the same; so it is where its
    mailbox has had all the confirmations that it may have, but then the link can be used again. Raises LinkError, FieldError.
    """
    address = normalise(email, international=True)
    with suppress(_EnoughMails), services.database.transaction() as session:
        _move(session, raw, address, settings=services.settings, now=now, origin=origin, network=network)
    services.queues.wake_senders()


class _EnoughMails(Exception):
    """A mailbox has had its confirmations: what was begun is taken back."""


def move_by_operator(services: Services, subscriber_id: int, email: str, *, now: dt.datetime) -> None:
    """Moves a subscription as `move` does, by an operator's hand; the new address has to confirm all the same.

    Raises FieldError, and InputError where nothing moves: an operator is told why.
    """
    address = normalise(email)
    try:
        with services.database.transaction() as session:
            found = subscribers_store.subscriber(session, subscriber_id, lock=True)
            if found is None or found.state not in SUBSCRIBED:
                raise InputError("they do not read here: nothing moves")
            if not _move_to(session, found, address, settings=services.settings, now=now, origin="operator", network=""):
                raise InputError("the new address is known here already, or gets no mail: nothing was moved")
    except _EnoughMails as error:
        raise InputError("the new address had a confirmation today, or three in 30 days: nothing was moved") from error
    services.queues.wake_senders()


def _move(
    session: Session, raw: str, address: Address, *, settings: Settings, now: dt.datetime, origin: str, network: str
) -> None:
    link = links.use(session, raw, Purpose.ADDRESS, now=now)
    found = subscribers_store.subscriber(session, link.subscriber_id, lock=True)
    if found is None or found.state not in SUBSCRIBED:
        raise LinkError(LinkFault.VOID)
    _move_to(session, found, address, settings=settings, now=now, origin=origin, network=network)


def _move_to(
    session: Session, found: Subscriber, address: Address, *, settings: Settings, now: dt.datetime, origin: str, network: str
) -> bool:
    """Moves ``found``; False, and nothing moved, where the address is known here or must not be mailed. Raises _EnoughMails."""
    # Planned first, so that the limits say the same whoever the new address belongs to.
    told = {"moved_from": masked(found.email)}
    savepoint = session.begin_nested()
    if not notices.plan_confirmation(session, found.id, address.email, settings=settings, now=now, contents=told):
        raise _EnoughMails
    key = address_key(address.email, settings.suppression_key)
    if subscribers_store.subscriber_by_key(session, address.key) is not None or subscribers_store.is_suppressed(session, key):
        # No mail goes there, so none is counted.
        savepoint.rollback()
        return False
    savepoint.commit()
    subscribers_store.change_subscriber(
        session,
        found.id,
        email=address.email,
        email_key=address.key,
        address_key=key,
        state=State.PENDING,
        token_version=found.token_version + 1,
        **_pause_kept(found, now=now),
    )
    subscribers_store.use_up(session, found.id, now=now)
    subscribers_store.add_consent(
        session, found.id, consent.Action.MOVED, words=consent.ASKED, origin=origin, now=now, network=network
    )
    ledger.skip_queued(session, found.id, reason="address changed", now=now)
    moves = str(found.token_version + 1)
    notices.plan_moved(
        session, found.id, period=moves, left=found.email, moved_to=masked(address.email), settings=settings, now=now
    )
    return True


def _pause_kept(found: Subscriber, *, now: dt.datetime) -> dict[str, Any]:
    """A pause without an end is a state, which waiting for the new address takes the place of: it becomes the longest one."""
    return {"paused_until": now.date() + LONGEST_PAUSE} if found.state is State.PAUSED else {}


def choices_told(found: Subscriber) -> dict[str, Any]:
    """All that somebody chose, ready for JSON."""
    return {
        "topics": list(found.topics),
        "own_queries": [{"kind": one.kind.value, "query": one.text} for one in found.own],
        "updates": found.updates,
        "language": found.language,
        "timezone": found.timezone,
        "hour": found.hour,
        "weekdays": list(found.weekdays),
        "layout": found.layout.value,
        "only_what_is_much_like_the_examples": found.choosy,
        "weekly": found.weekly,
        "reading_mail": found.reading_mail,
        "max_papers": found.max_papers,
        "paused_until": None if found.paused_until is None else found.paused_until.isoformat(),
    }


def _iso(time: dt.datetime | None) -> str | None:
    return None if time is None else time.isoformat()
