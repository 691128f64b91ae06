"""The signed links of mails, which name a subscriber or a delivery; nothing is stored for them. Pure.

A token opens what its purpose says and nothing else. A subscriber is named by a key that is never given twice, a delivery by
its id together with its Message-ID, so that no token can act on somebody else in a database whose ids have begun anew. Raw
tokens must reach no log and no table.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from newsletter.errors import InputError

# 80 bits, the least that https://www.rfc-editor.org/rfc/rfc2104#section-5 allows: more would not fit, because an unsubscribe
# link of more than 76 characters is encoded by mail libraries and then shown as no button.
MAC_BYTES = 10
KEY_BYTES = 8
# 24 characters are key and MAC, one the week, which comes round after 64 of them. The MAC is over the whole day.
TOKEN_LENGTH = 25
WEEK, WEEKS = 7, 64
GOOD_DAYS = 365
EPOCH = dt.date(2020, 1, 1)
# Mails sent before links had purposes: row id (4 bytes), day (2) and MAC.
OLD_TOKEN_LENGTH = 22
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
# A link signed on one machine is followed on another whose clock is a little behind.
CLOCK_DAYS = 1
# So many token versions back a link is told to be void; older ones are told to be broken.
VERSIONS_BACK = 16


class LinkFault(StrEnum):
    """``broken``: not one of ours, or cut off; ``expired``: too old; ``void``: taken back; ``used``: works once and did."""

    BROKEN = "broken"
    EXPIRED = "expired"
    VOID = "void"
    USED = "used"


_WORDS = {
    LinkFault.BROKEN: "This link is not complete or not one of ours: copy it whole from the mail, or ask for a new one.",
    LinkFault.EXPIRED: "This link is too old: ask for a new one.",
    LinkFault.VOID: "This link does not hold any more: use the one in the newest mail, or ask for a new one.",
    LinkFault.USED: "This link has been used before, and works only once: ask for a new one.",
}


class LinkError(InputError):
    """A link that cannot be followed; ``fault`` is the kind."""

    def __init__(self, fault: LinkFault) -> None:
        super().__init__(_WORDS[fault])
        self.fault = fault


class LinkPurpose(StrEnum):
    """What a signed link is for: the first three name a subscriber, the others a delivery.

    ``preferences``: the choices, and whatever may be done with them; ``bounce``: the envelope sender that bounces come back to;
    ``leaving``: the address of leaving by mail.
    """

    PREFERENCES = "preferences"
    UNSUBSCRIBE = "unsubscribe"
    FEEDBACK = "feedback"
    VIEW = "view"
    BOUNCE = "bounce"
    LEAVING = "leaving"


@dataclass(frozen=True, slots=True)
class Claim:
    """What a link says of itself, not to be trusted before `Signer.check`.

    ``link_key`` names the subscriber; links of mails sent before there were keys have their row's id in its place, and are
    ``old``: these open all pages of a subscriber. It was signed on one of ``days``.
    """

    link_key: int
    days: tuple[dt.date, ...]
    mac: bytes
    old: bool = False


@dataclass(frozen=True, slots=True)
class DeliveryClaim:
    """What a link says of a delivery, not to be trusted before `Signer.check_delivery`."""

    delivery_id: int
    mac: bytes


class Signer:
    """Signs and checks links. The first of ``keys`` signs, all of them verify, so that a key can be changed in peace."""

    def __init__(self, keys: Sequence[str]) -> None:
        # Begun once: beginning takes longer than all else of a link.
        self._begun = [hmac.new(key.encode(), digestmod="sha256") for key in keys]

    def link_token(self, purpose: LinkPurpose, link_key: int, token_version: int, *, day: dt.date) -> str:
        """25 characters, good for one purpose for 365 days from ``day`` (UTC), or until the token version moves on."""
        mac = _mac(self._begun[0], _link_message(purpose, link_key, token_version, day))
        return _base64(_signed_64(link_key) + mac) + _letter_of(day)

    def read(self, token: str, *, now: dt.datetime) -> Claim:
        """What ``token`` claims. Raises LinkError (broken) where it has not the form of a link."""
        if len(token) == OLD_TOKEN_LENGTH:
            data = _from_base64(token)
            day = EPOCH + dt.timedelta(days=int.from_bytes(data[4:6], "big"))
            return Claim(int.from_bytes(data[:4], "big"), (day,), data[6:], old=True)
        if len(token) != TOKEN_LENGTH:
            raise LinkError(LinkFault.BROKEN)
        data = _from_base64(token[:-1])
        link_key = int.from_bytes(data[:KEY_BYTES], "big", signed=True)
        return Claim(link_key, _latest_week(token[-1], now=now), data[KEY_BYTES:])

    def check(self, claim: Claim, purpose: LinkPurpose, token_version: int, *, now: dt.datetime) -> dt.date:
        """The day on which the link was signed.

        Raises LinkError where the claim is forged or for something else (broken), of an older token version (void), or expired.
        """
        day = self._day_of(claim, purpose, token_version)
        if day is None:
            earlier = range(max(0, token_version - VERSIONS_BACK), token_version)
            once = any(self._day_of(claim, purpose, version) for version in earlier)
            raise LinkError(LinkFault.VOID if once else LinkFault.BROKEN)
        age = (now.date() - day).days
        if age < -CLOCK_DAYS:
            raise LinkError(LinkFault.BROKEN)
        if age > GOOD_DAYS:
            raise LinkError(LinkFault.EXPIRED)
        return day

    def delivery_token(self, purpose: LinkPurpose, delivery_id: int, seal: str) -> str:
        """26 lower-case letters and digits that name a delivery, the same at every call: envelope senders lose their case.

        ``seal`` is what only this delivery has; it is not to be read from the token.
        """
        mac = _mac(self._begun[0], _delivery_message(purpose, delivery_id, seal))
        return base64.b32encode(delivery_id.to_bytes(6, "big") + mac).decode("ascii").rstrip("=").lower()

    def read_delivery(self, token: str) -> DeliveryClaim:
        """What ``token`` claims. Raises LinkError (broken) where it has not the form of such a link."""
        data = _from_base32(token)
        return DeliveryClaim(int.from_bytes(data[:6], "big"), data[6:])

    def check_delivery(self, claim: DeliveryClaim, purpose: LinkPurpose, seal: str, *, old: bool) -> None:
        """Raises LinkError (broken) where the claim is forged or for something else.

        ``old`` says that the delivery may have been mailed when its token was for viewing and for bounces alike.
        """
        message = _delivery_message(purpose, claim.delivery_id, seal)
        before = b"delivery\0" + claim.delivery_id.to_bytes(6, "big")
        if not self._fits(message, claim.mac) and not (old and self._fits(before, claim.mac)):
            raise LinkError(LinkFault.BROKEN)

    def _day_of(self, claim: Claim, purpose: LinkPurpose, token_version: int) -> dt.date | None:
        """On which of the days that it claims it was signed, for this purpose and version; None where on none."""
        for day in claim.days:
            if claim.old:
                message = _old_link_message(claim.link_key, token_version, day)
            else:
                message = _link_message(purpose, claim.link_key, token_version, day)
            if self._fits(message, claim.mac):
                return day
        return None

    def _fits(self, message: bytes, mac: bytes) -> bool:
        # All keys are tried, so that the time tells nothing of which one fits.
        return any([hmac.compare_digest(_mac(begun, message), mac) for begun in self._begun])  # noqa: C419


def _mac(begun: hmac.HMAC, message: bytes) -> bytes:
    own = begun.copy()
    own.update(message)
    return own.digest()[:MAC_BYTES]


def _signed_64(link_key: int) -> bytes:
    return link_key.to_bytes(KEY_BYTES, "big", signed=True)


def _link_message(purpose: LinkPurpose, link_key: int, token_version: int, day: dt.date) -> bytes:
    numbers = _signed_64(link_key) + _days(day).to_bytes(4, "big") + token_version.to_bytes(4, "big")
    return b"link\0" + purpose.encode("ascii") + b"\0" + numbers


def _old_link_message(subscriber_id: int, token_version: int, day: dt.date) -> bytes:
    head = subscriber_id.to_bytes(4, "big") + _days(day).to_bytes(2, "big")
    return b"subscriber\0" + head + token_version.to_bytes(4, "big")


def _delivery_message(purpose: LinkPurpose, delivery_id: int, seal: str) -> bytes:
    return b"mail\0" + purpose.encode("ascii") + b"\0" + delivery_id.to_bytes(6, "big") + seal.encode("utf-8")


# A morning's mails have one day.
@lru_cache(maxsize=1024)
def _days(day: dt.date) -> int:
    return (day - EPOCH).days


def _letter_of(day: dt.date) -> str:
    return ALPHABET[_days(day) // WEEK % WEEKS]


def _latest_week(letter: str, *, now: dt.datetime) -> tuple[dt.date, ...]:
    """The days of the latest week of this letter that has begun by tomorrow."""
    number = ALPHABET.find(letter)
    if number < 0:
        raise LinkError(LinkFault.BROKEN)
    newest = (_days(now.date()) + CLOCK_DAYS) // WEEK
    week = newest - (newest - number) % WEEKS
    return tuple(EPOCH + dt.timedelta(days=week * WEEK + day) for day in range(WEEK))


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode("ascii").rstrip("=")


def _from_base64(token: str) -> bytes:
    try:
        data = base64.b64decode(token.encode("ascii") + b"=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error) as exc:
        raise LinkError(LinkFault.BROKEN) from exc
    # The last character has spare bits: of the spellings that decode alike only ours is taken.
    if _base64(data) != token:
        raise LinkError(LinkFault.BROKEN)
    return data


def _from_base32(token: str) -> bytes:
    try:
        data = base64.b32decode(token.encode("ascii") + b"======", casefold=True)
    except (UnicodeEncodeError, binascii.Error) as exc:
        raise LinkError(LinkFault.BROKEN) from exc
    if len(data) != 16 or base64.b32encode(data).decode("ascii").rstrip("=").lower() != token.lower():
        raise LinkError(LinkFault.BROKEN)
    return data
