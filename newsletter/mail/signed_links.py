"""The signed links of mails, which name a subscriber or a delivery: an id and a truncated HMAC; nothing is stored for them. Pure.

Raw tokens must reach no log and no table.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from newsletter.errors import InputError

# 80 bits, the least that https://www.rfc-editor.org/rfc/rfc2104#section-5 allows: more would not fit, because an unsubscribe
# link of more than 76 characters is encoded by mail libraries and then shown as no button.
MAC_BYTES = 10
GOOD_DAYS = 365
EPOCH = dt.date(2020, 1, 1)
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


@dataclass(frozen=True, slots=True)
class Claim:
    """What a link says of itself, not to be trusted before `Signer.check`."""

    subscriber_id: int
    day: dt.date
    mac: bytes


class Signer:
    """Signs and checks links. The first of ``keys`` signs, all of them verify, so that a key can be changed in peace."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = [key.encode() for key in keys]

    def link_token(self, subscriber_id: int, token_version: int, *, now: dt.datetime) -> str:
        """22 characters that open this subscriber's pages for 365 days, or until their token version moves on."""
        head = _head(subscriber_id, now.date())
        return _base64(head + self._macs(_link_message(head, token_version))[0])

    def read(self, token: str) -> Claim:
        """What ``token`` claims. Raises LinkError (broken) where it has not the form of a link."""
        data = _from_base64(token)
        day = EPOCH + dt.timedelta(days=int.from_bytes(data[4:6], "big"))
        return Claim(int.from_bytes(data[:4], "big"), day, data[6:])

    def check(self, claim: Claim, token_version: int, *, now: dt.datetime) -> None:
        """Raises LinkError where the claim is forged (broken), of an older token version (void) or too old (expired)."""
        head = _head(claim.subscriber_id, claim.day)
        if not self._fits(_link_message(head, token_version), claim.mac):
            earlier = range(max(0, token_version - VERSIONS_BACK), token_version)
            once = any(self._fits(_link_message(head, version), claim.mac) for version in earlier)
            raise LinkError(LinkFault.VOID if once else LinkFault.BROKEN)
        age = (now.date() - claim.day).days
        if age < -CLOCK_DAYS:
            raise LinkError(LinkFault.BROKEN)
        if age > GOOD_DAYS:
            raise LinkError(LinkFault.EXPIRED)

    def delivery_token(self, delivery_id: int) -> str:
        """26 lower-case letters and digits that name a delivery, the same at every call: envelope senders lose their case."""
        head = delivery_id.to_bytes(6, "big")
        return base64.b32encode(head + self._macs(b"delivery\0" + head)[0]).decode("ascii").rstrip("=").lower()

    def read_delivery(self, token: str) -> int:
        """The delivery's id. Raises LinkError (broken)."""
        data = _from_base32(token)
        if not self._fits(b"delivery\0" + data[:6], data[6:]):
            raise LinkError(LinkFault.BROKEN)
        return int.from_bytes(data[:6], "big")

    def _macs(self, message: bytes) -> list[bytes]:
        return [hmac.digest(key, message, "sha256")[:MAC_BYTES] for key in self._keys]

    def _fits(self, message: bytes, mac: bytes) -> bool:
        # All keys are tried, so that the time tells nothing of which one fits.
        return any([hmac.compare_digest(own, mac) for own in self._macs(message)])  # noqa: C419


def _head(subscriber_id: int, day: dt.date) -> bytes:
    return subscriber_id.to_bytes(4, "big") + (day - EPOCH).days.to_bytes(2, "big")


def _link_message(head: bytes, token_version: int) -> bytes:
    return b"subscriber\0" + head + token_version.to_bytes(4, "big")


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode("ascii").rstrip("=")


def _from_base64(token: str) -> bytes:
    try:
        data = base64.b64decode(token.encode("ascii") + b"==", altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error) as exc:
        raise LinkError(LinkFault.BROKEN) from exc
    # The last character has spare bits: of the spellings that decode alike only ours is taken.
    if len(data) != 16 or _base64(data) != token:
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
