"""Editors by invitation: a mailed link opens a session, no password is ever set, and access can be taken away.

An editor is somebody known by an address, whether they read the newsletter or not: whoever is new stands as somebody who has not
confirmed, and gets no digest.
"""

from __future__ import annotations

import datetime as dt
from email.utils import parseaddr
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.orm import Session

from newsletter.collection.store import editors as editors_store
from newsletter.collection.store.editors import Editor
from newsletter.errors import InputError
from newsletter.languages import BY_CODE
from newsletter.mail.signed_links import LinkError, LinkFault
from newsletter.mail.store import ledger
from newsletter.settings import Settings
from newsletter.subscribers import links
from newsletter.subscribers.addresses import Address, address_key, normalise
from newsletter.subscribers.links import Purpose
from newsletter.subscribers.store import subscribers as subscribers_store
from newsletter.subscribers.store.form_requests import FormRequest
from newsletter.subscribers.subscriber import State
from newsletter.values.mail import MailKind

if TYPE_CHECKING:
    from newsletter.bootstrap import Services

log = structlog.get_logger(__name__)

LONGEST_NAME = 60
PRIORITY = 0
HOUR = 7


def invite(services: Services, email: str, *, name: str, now: dt.datetime, by: str = "operator", language: str = "en") -> None:
    """Makes somebody an editor under ``name`` and mails them a link; again for one whose access was taken away.

    Raises InputError for an address or name that cannot be used, and for an address that must get no mail.
    """
    address, name = normalise(email), " ".join(name.split())
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise InputError(f"the editor's name has {len(name)} characters: give 1 to {LONGEST_NAME} that can be read")
    if language not in BY_CODE:
        raise InputError(f"{language[:20]!r} is no language of the mails: choose among {', '.join(sorted(BY_CODE))}")
    with services.database.transaction() as session:
        who = _known_or_new(session, address, language, settings=services.settings, now=now)
        if who is None or any(one.id != who for one in editors_store.editors_like(session, name)):
            raise InputError(f"another editor is called {name!r}: give a name that tells them apart")
        editors_store.keep(session, who, name, by=by, now=now)
        _plan(session, who, name, period=now.isoformat(timespec="seconds"), settings=services.settings, now=now)
    log.info("editor invited", editor=who)
    services.queues.wake_senders()


def _known_or_new(session: Session, address: Address, language: str, *, settings: Settings, now: dt.datetime) -> int | None:
    """The id of whoever has this address, who is added where nobody has. Raises InputError for one that must get no mail."""
    key = address_key(address.email, settings.suppression_key)
    found = subscribers_store.subscriber_by_key(session, address.key, lock=True)
    if subscribers_store.is_suppressed(session, key) or (found and found.state in (State.BOUNCED, State.COMPLAINED)):
        raise InputError("this address gets no mail any more (it bounced, complained or asked for none): give another one")
    if found:
        return found.id
    columns = {
        **{"email": address.email, "email_key": address.key, "address_key": key},
        **{"state": State.PENDING, "created_at": now, "language": language, "timezone": "UTC", "hour": HOUR},
    }
    return subscribers_store.add_subscriber(session, columns, ())


def mail_link(session: Session, asked: FormRequest, settings: Settings) -> None:
    """Plans the mail with a fresh link where the address is an editor's, once an hour; to all others nothing is mailed."""
    found = subscribers_store.subscriber_by_key(session, normalise(asked.email, international=True).key, lock=True)
    editor = editors_store.editor(session, found.id) if found else None
    if editor is not None and editor.revoked_at is None:
        now = asked.asked_at
        _plan(session, editor.id, editor.name, period=f"{now:%Y-%m-%dT%H}", settings=settings, now=now)


def editor_by_link(session: Session, raw: str, *, now: dt.datetime) -> Editor:
    """Whose link this is, for the page; changes nothing. Raises LinkError (broken, used, expired, void)."""
    link = links.find(session, raw, Purpose.EDITOR)
    if link is None:
        raise LinkError(LinkFault.BROKEN)
    if link.used_at is not None or link.expires_at <= now:
        raise LinkError(LinkFault.EXPIRED if link.used_at is None else LinkFault.USED)
    return _standing(session, link.subscriber_id)


def open_session(services: Services, raw: str, *, now: dt.datetime) -> Editor:
    """Uses the link up and gives the editor whose session it opens. Raises LinkError."""
    with services.database.transaction() as session:
        return _standing(session, links.use(session, raw, Purpose.EDITOR, now=now).subscriber_id)


def revoke(services: Services, editor_id: int, *, now: dt.datetime) -> None:
    """Takes an editor's access away and ends their sessions; nothing happens where they have none."""
    with services.database.transaction() as session:
        editors_store.revoke(session, editor_id, now=now)
    log.info("editor's access taken away", editor=editor_id)


def revoke_by_name(services: Services, name: str, *, now: dt.datetime) -> Editor:
    """Takes the access of the editor ``name`` away, and ends their sessions. Raises InputError where nobody of it may edit."""
    with services.database.transaction() as session:
        found = editors_store.editor_named(session, name)
        if found is None or not editors_store.revoke(session, found.id, now=now):
            raise InputError(f"no editor is called {name!r}: `newsletter collection editors` shows them")
    log.info("editor's access taken away", editor=found.id)
    return found


def editor_of(session: Session, editor_id: int, version: int) -> Editor | None:
    """The editor of a session, None where access was taken away since it was opened."""
    found = editors_store.editor(session, editor_id)
    return found if found and found.version == version and found.revoked_at is None else None


def _standing(session: Session, editor_id: int) -> Editor:
    found = editors_store.editor(session, editor_id)
    if found is None or found.revoked_at is not None:
        raise LinkError(LinkFault.VOID)
    return found


def _plan(session: Session, who: int, name: str, *, period: str, settings: Settings, now: dt.datetime) -> None:
    ledger.plan_mail(
        session,
        subscriber_id=who,
        kind=MailKind.EDITOR,
        period=period,
        priority=PRIORITY,
        due_at=now,
        domain=parseaddr(settings.mail_from)[1].rpartition("@")[2],
        contents={"editor": name},
        now=now,
    )
