"""Mail addresses: checked by their form alone (no DNS), and the two keys that they are found by. Never logs one."""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass, field

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email
from pydantic import SecretStr

from newsletter.subscribers.faults import Fault, FieldError

# https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1.3: a path has 256 octets, two of them angle brackets.
LONGEST = 254
# An address with all that is copied along; what is longer is no address, and is not looked into.
LONGEST_TYPED = 2_000

# Addresses of intranets, of a machine's own users and of trial runs are as good as others for a service that people run
# themselves; the library means its list to be edited: https://github.com/JoshData/python-email-validator#test-addresses
SPECIAL_USE_DOMAIN_NAMES[:] = [name for name in SPECIAL_USE_DOMAIN_NAMES if name not in ("local", "localhost", "test")]

EMPTY = Fault("Give the address that the mail should go to.")
TOO_LONG = Fault("This address is too long: check it for something pasted along.")
NOT_ASCII = Fault("The part of this address before the @ has letters that our mail servers cannot write: give one without them.")
WRONG_FORM = Fault("This is no mail address: it needs the form name@example.org.")
NO_SERVER = Fault("The part of this address after the @ is no name of a mail server: check it for a slip of the pen.")


# What keyboards for Chinese, Japanese and Korean write instead of ASCII: full-width signs, ideographic full stops and spaces.
_WIDE: dict[int, int | str] = {0xFF01 + place: 0x21 + place for place in range(0x5E)}
_WIDE |= dict.fromkeys(map(ord, "。｡﹒"), ".") | {ord("﹫"): "@", ord("\u3000"): " "}
# Copied along and seen by nobody: marks of direction, soft hyphens, marks of byte order, fillers, variants of letters. Not the
# two joiners, which change what is written in Persian or Hindi, and turns of direction only around all of it: within, they show
# another address than there is. https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u2060-\u2065\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0"
    "\ufff0-\ufff8\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_TURNS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
# Spaces, though no new line, on either side of the signs that part an address.
_AROUND = re.compile(r"[^\S\r\n\x0b\x0c\x1c-\x1f\x85\u2028\u2029]*([@.])[^\S\r\n\x0b\x0c\x1c-\x1f\x85\u2028\u2029]*")
_LINK = re.compile(r"mailto:([^?]*)(?:\?.*)?", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Address:
    """``email`` is what mail goes to: local part as typed, domain in ASCII. ``key`` is the same for all spellings of case."""

    email: str = field(repr=False)
    key: str = field(repr=False)


def tidied(text: str) -> str:
    """``text`` as it was meant: full-width signs as ASCII, and no signs that nobody sees, no spaces, no ``mailto:`` of a link.

    What is far too long stays as it is.
    """
    if len(text) > LONGEST_TYPED:
        return text
    text = text.translate(_WIDE)
    text = _UNSEEN.sub("", text).strip().strip(_TURNS).strip()
    if text[:1] + text[-1:] == "<>":
        text = text[1:-1].strip()
    if link := _LINK.fullmatch(text):
        text = link[1].replace("%40", "@").strip()
    # A sentence ends after the address that was copied out of it; spaces are taken off beside the two signs only.
    return _AROUND.sub(r"\1", text).rstrip(",;.:、，；")


def normalise(text: str, *, international: bool = False) -> Address:
    """The address in ``text``, `tidied`. Raises FieldError (``email``) saying what is wrong with it.

    An ``international`` one may have any letters before the @ (RFC 6531), which not every mail server can write to.
    """
    text = tidied(text)
    if not text:
        raise FieldError("email", EMPTY)
    if len(text) > LONGEST:
        raise FieldError("email", TOO_LONG)
    local, _, _ = text.rpartition("@")
    if local and not local.isascii() and not international:
        raise FieldError("email", NOT_ASCII)
    try:
        # strict: also the 64 characters before the @; not only global: a dot is asked for below, except of localhost.
        checked = validate_email(
            text, check_deliverability=False, allow_smtputf8=international, globally_deliverable=False, strict=True
        )
    except EmailNotValidError as exc:
        raise FieldError("email", WRONG_FORM) from exc
    except UnicodeError as exc:
        raise FieldError("email", NO_SERVER) from exc
    domain = checked.ascii_domain.lower()
    _check_domain(domain)
    email = f"{checked.local_part}@{domain}"
    if len(email.encode()) > LONGEST:
        raise FieldError("email", TOO_LONG)
    return Address(email, email.lower())


# Domains that ignore signs in the part before the @, and under which of their names the mailbox is the same.
# https://support.google.com/mail/answer/7436150, https://proton.me/support/addresses-and-aliases,
# https://yandex.com/support/yandex-360/customers/mail/en/web/preferences/aliases
_IGNORED = {"gmail.com": ".", "proton.me": ".-_"}
_ONE_DOMAIN = {
    "googlemail.com": "gmail.com",
    **dict.fromkeys(("protonmail.com", "protonmail.ch", "pm.me"), "proton.me"),
    **dict.fromkeys(("ya.ru", "yandex.com", "yandex.by", "yandex.kz", "yandex.ua", "narod.ru"), "yandex.ru"),
    **dict.fromkeys(("me.com", "mac.com"), "icloud.com"),
}


def mailbox(email: str) -> str:
    """The mailbox that mail to ``email`` most likely ends in, whatever spelling of it was typed: case, ``+tag``, ignored dots.

    For limits alone: two people whose addresses fold to one are still two.
    """
    local, _, domain = email.lower().rpartition("@")
    domain = _ONE_DOMAIN.get(domain, domain)
    base = local.partition("+")[0] or local
    if domain == "yandex.ru":
        base = base.replace("-", ".")
    return f"{base.translate(dict.fromkeys(map(ord, _IGNORED.get(domain, '')))) or base}@{domain}"


def mailbox_key(email: str, suppression_key: SecretStr) -> str:
    """The keyed hash (64 hex digits) that mails to a mailbox are counted under."""
    return hmac.digest(suppression_key.get_secret_value().encode(), f"mailbox\0{mailbox(email)}".encode(), "sha256").hex()


def _check_domain(domain: str) -> None:
    last = domain.rpartition(".")[2]
    if domain != "localhost" and ("." not in domain or not last.strip("0123456789")):
        raise FieldError("email", NO_SERVER)


def masked(email: str) -> str:
    """``email`` so that its owner knows it and nobody else does: ``a…@example.org``."""
    local, _, domain = email.rpartition("@")
    return f"{local[:1]}…@{domain}"


def address_key(email: str, suppression_key: SecretStr) -> str:
    """The keyed hash (64 hex digits) that suppressions are kept under; ``email`` is an `Address.email`."""
    return hmac.digest(suppression_key.get_secret_value().encode(), email.lower().encode(), "sha256").hex()
