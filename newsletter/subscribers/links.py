"""Links of one subscriber: random ones that work once, of which only the hash is stored, and whose signed link one is.

Raw tokens must reach no log and no table.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from enum import StrEnum

from sqlalchemy.orm import Session

from newsletter.mail.signed_links import LinkError, LinkFault, Signer
from newsletter.subscribers.store import subscribers as subscribers_store
from newsletter.subscribers.store.subscribers import OneTime, Subscriber


class Purpose(StrEnum):
    """What a one-time link is for; one of another purpose is no such link."""

    CONFIRM = "confirm"
    ERASE = "erase"
    EXPORT = "export"
    ADDRESS = "address"
    EDITOR = "editor"


LIFETIME = {
    Purpose.CONFIRM: dt.timedelta(days=7),
    Purpose.ERASE: dt.timedelta(days=1),
    Purpose.EXPORT: dt.timedelta(days=1),
    Purpose.ADDRESS: dt.timedelta(days=1),
    Purpose.EDITOR: dt.timedelta(days=7),
}


def subscriber_by_link(session: Session, signer: Signer, token: str, *, now: dt.datetime) -> Subscriber:
    """Whose signed link this is. Raises LinkError (broken, expired, void)."""
    claim = signer.read(token)
    found = subscribers_store.subscriber(session, claim.subscriber_id)
    if found is None:
        raise LinkError(LinkFault.BROKEN)
    signer.check(claim, found.token_version, now=now)
    return found


def mint(session: Session, subscriber_id: int, purpose: Purpose, *, now: dt.datetime) -> str:
    """A new raw token (32 characters) for one mail; its hash is stored, several may be alive at once."""
    raw = secrets.token_urlsafe(24)
    subscribers_store.add_one_time(session, _hash(raw), subscriber_id, purpose=purpose, expires_at=now + LIFETIME[purpose])
    return raw


def find(session: Session, raw: str, purpose: Purpose) -> OneTime | None:
    """The link behind ``raw``, used and expired ones too; None where there is none of that purpose. Changes nothing."""
    return subscribers_store.one_time(session, _hash(raw), purpose)


def use(session: Session, raw: str, purpose: Purpose, *, now: dt.datetime) -> OneTime:
    """Uses the link up. Raises LinkError where it is unknown (broken), expired or used before."""
    found = find(session, raw, purpose)
    if found is None:
        raise LinkError(LinkFault.BROKEN)
    if found.used_at is not None:
        raise LinkError(LinkFault.USED)
    if found.expires_at <= now:
        raise LinkError(LinkFault.EXPIRED)
    if not subscribers_store.use_one_time(session, _hash(raw), now=now):
        raise LinkError(LinkFault.USED)
    return found


def _hash(raw: str) -> str:
    return hashlib.sha256(raw.encode("utf-8", "surrogatepass")).hexdigest()
