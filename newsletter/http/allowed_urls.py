"""Which pasted addresses may be asked for at all: by their form here, by what they resolve to in ``fetching``. Pure."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urljoin, urlsplit

from newsletter.errors import InputError

LONGEST = 2000
SCHEMES = ("http", "https")
# None stands for the port of the scheme.
USUAL_PORTS = (None, 80, 443)
_ONE_WORD = re.compile(rf"[^\x00-\x20\x7f]{{1,{LONGEST}}}")
LOCAL = ("localhost", "127.0.0.1", "::1")


def checked(url: str, *, loopback: bool) -> SplitResult:
    """The parts of ``url`` where it may be asked for: http or https, a host, port 80 or 443, no name or password in it.

    With ``loopback`` (for trials) a host of this very machine may have any port. Raises InputError.
    """
    text = url.strip()
    if not _ONE_WORD.fullmatch(text):
        raise InputError(f"the address is empty, longer than {LONGEST} characters, or has spaces in it: paste it again")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise InputError(f"{text[:80]!r} is no address: paste it again") from error
    if parts.scheme not in SCHEMES or not host or "\\" in text:
        raise InputError(f"{text[:80]!r} is no address of a page: give one that begins with https:// or http://")
    if "@" in parts.netloc:
        raise InputError("the address has a name or a password in it: give it without")
    if port not in USUAL_PORTS and not (loopback and host in LOCAL):
        raise InputError(f"the address names port {port}: only pages at 80 and 443 are looked up")
    return parts


def redirected(url: str, location: str, *, loopback: bool) -> str:
    """Where a redirect leads. Raises InputError where that may not be asked for."""
    return checked(urljoin(url, location.strip()), loopback=loopback).geturl()
