"""Links of one subscriber: random ones that work once, of which only the hash is stored, and whose signed link one is.

Each is for one purpose. Only the link to the choices, which may do everything, gives others of its own day.

Raw tokens must reach no log and no table.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from enum import StrEnum

from sqlalchemy.orm import Session

from newsletter.mail.signed_links import LinkError, LinkFault, LinkPurpose, Signer
from newsletter.subscribers.store import subscribers as subscribers_store
from newsletter.subscribers.store.subscribers import OneTime, Subscriber


class Purpose(StrEnum):
    """What a one-time link is for; one of another purpose is no such link."""

    CONFIRM = "confirm"
    ERASE = "erase"
    EXPORT = "export"
    ADDRESS = "address"
    EDITOR = "editor"
    RETURN = "return"


LIFETIME = {
    Purpose.CONFIRM: dt.timedelta(days=7),
    Purpose.ERASE: dt.timedelta(days=1),
    Purpose.EXPORT: dt.timedelta(days=1),
    Purpose.ADDRESS: dt.timedelta(days=1),
    Purpose.EDITOR: dt.timedelta(days=7),
    Purpose.RETURN: dt.timedelta(days=30),
}


def subscriber_by_link(session: Session, signer: Signer, token: str, purpose: LinkPurpose, *, now: dt.datetime) -> Subscriber:
    """Whose signed link for ``purpose`` this is. Raises LinkError (broken, expired, void)."""
    claim = signer.read(token, now=now)
    by_name = subscribers_store.subscriber_by_old_link if claim.old else subscribers_store.subscriber_by_link_key
    found = by_name(session, claim.link_key)
    if found is None:
        raise LinkError(LinkFault.BROKEN)
    signer.check(claim, purpose, found.token_version, now=now)
    return found


def signed_link(signer: Signer, subscriber: Subscriber, purpose: LinkPurpose, *, day: dt.date) -> str:
    """The token of a signed link for one purpose, good for a year from ``day``."""
    return signer.link_token(purpose, subscriber.link_key, subscriber.token_version, day=day)


def beside(signer: Signer, token: str, subscriber: Subscriber, purpose: LinkPurpose, *, now: dt.datetime) -> str:
    """A token for another purpose that holds no longer than ``token``, by which the subscriber's choices were opened."""
    day = signer.check(signer.read(token, now=now), LinkPurpose.PREFERENCES, subscriber.token_version, now=now)
    return signed_link(signer, subscriber, purpose, day=day)


def mint(session: Session, subscriber_id: int, purpose: Purpose, *, now: dt.datetime, delivery_id: int | None = None) -> str:
    """A new raw token (32 characters) for one mail, ``delivery_id``; its hash is stored, several may be alive at once."""
    raw, expires_at = secrets.token_urlsafe(24), now + LIFETIME[purpose]
    subscribers_store.add_one_time(
        session, _hash(raw), subscriber_id, purpose=purpose, expires_at=expires_at, delivery_id=delivery_id
    )
    return raw


def find(session: Session, raw: str, purpose: Purpose) -> OneTime | None:
    """The link behind ``raw``, used and expired ones too; None where there is none of that purpose. Changes nothing."""
    return subscribers_store.one_time(session, _hash(raw), purpose)


def look(session: Session, raw: str, purpose: Purpose, *, now: dt.datetime) -> OneTime:
    """The link behind ``raw``, which still works; changes nothing. Raises LinkError as `use` does."""
    found = find(session, raw, purpose)
    if found is None:
        raise LinkError(LinkFault.BROKEN)
    if found.used_at is not None:
        raise LinkError(LinkFault.USED)
    if found.expires_at <= now:
        raise LinkError(LinkFault.EXPIRED)
    return found


def use(session: Session, raw: str, purpose: Purpose, *, now: dt.datetime) -> OneTime:
    """Uses the link up. Raises LinkError where it is unknown (broken), expired or used before."""
    found = look(session, raw, purpose, now=now)
    if not subscribers_store.use_one_time(session, _hash(raw), now=now):
        raise LinkError(LinkFault.USED)
    return found


def _hash(raw: str) -> str:
    return hashlib.sha256(raw.encode("utf-8", "surrogatepass")).hexdigest()
