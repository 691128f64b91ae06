"""URLs with a login, as people type them: a password with ``/ # ? @ %`` is understood where it can mean one thing only.

By RFC 3986 these characters have to be percent-encoded in a login; who copies a password out of another program does not know.
Where a URL can be read in two ways, it is refused with the word what to do. No line here shows any part of the URL.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from newsletter.settings.hosts import is_host

ENCODE = (
    "percent-encode / # ? @ , and % in user and password (%2F for /, %23 for #, %3F for ?, %40 for @, %2C for a comma, %25 for %)"
)
_AFTER_LOGIN = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^\s/?#@:\[\]]*)(?::(?P<port>\d{0,5}))?(?P<tail>[/?#].*)?", re.DOTALL)
_ENCODED, _BROKEN = re.compile(r"%[0-9A-Fa-f]{2}"), re.compile(r"%(?![0-9A-Fa-f]{2})")
_RESERVED = re.compile(r"[/?#@\[\]\s]")


@dataclass(frozen=True, slots=True)
class Form:
    """What may stand behind the host of a URL (``tail``, whole), and whether there may be no host at all."""

    tail: str
    bare: bool = False


POSTGRESQL = Form(r"(/[^/?#]*)?(\?[A-Za-z_]+=[^#]*)?", bare=True)
REDIS = Form(r"(/\d*)?(\?[A-Za-z_]+=[^#]*)?")
SOCKET = Form(r"/[^?#]*(\?[A-Za-z_]+=[^#]*)?", bare=True)
SMTP = Form(r"/?")
HTTP = Form(r".*")
PROXY = SMTP


def encoded(text: str, form: Form) -> str:
    """The URL ``text`` with its login percent-encoded; as it is where nothing is to be done, or no login stands in it.

    Raises ValueError (what is wrong, the mend) where it can be read in several ways, or in none.
    """
    scheme, mark, rest = text.partition("://")
    if not mark or "@" not in rest:
        return text
    ends = list(_ends_of_login(rest, form))
    if not ends:
        raise ValueError("cannot be read", f"check host and port, and {ENCODE}")
    if len(ends) > 1:
        raise ValueError("can be read in several ways", ENCODE)
    if ends[0] < 0:
        return text
    user, colon, password = rest[: ends[0]].partition(":")
    return f"{scheme}://{_quoted(user)}{colon}{_quoted(password)}{rest[ends[0] :]}"


def _ends_of_login(rest: str, form: Form) -> Iterator[int]:
    """Where each ``@`` stands that can end the login; -1 where there can be none at all."""
    for place in (-1, *(match.start() for match in re.finditer("@", rest))):
        found = _AFTER_LOGIN.fullmatch(rest, place + 1)
        if found and _fits(found, form) and _can_be_login(rest[: max(place, 0)]):
            yield place


def _fits(found: re.Match[str], form: Form) -> bool:
    host = found["host"].strip("[]")
    usable = is_host(host) if host else form.bare
    return usable and int(found["port"] or 0) <= 65_535 and re.fullmatch(form.tail, found["tail"] or "", re.DOTALL) is not None


def _can_be_login(text: str) -> bool:
    """False where what would be the user alone has a character that begins a path: that is a path with an @ in it."""
    return not _RESERVED.search(text.partition(":")[0].replace("@", ""))


def _quoted(part: str) -> str:
    is_encoded, is_raw = _ENCODED.search(part), _RESERVED.search(part) or _BROKEN.search(part)
    if is_encoded and is_raw:
        raise ValueError("has a password that is encoded in parts", ENCODE)
    return quote(part, safe="") if is_raw else part
