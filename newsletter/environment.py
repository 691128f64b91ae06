"""Reads variables of the environment and of a ``.env`` file, and checks their form: text, number, URL, address, domain.

It knows no variable by name and keeps nothing. What is wrong is a SettingsError of one line, in which no password stands.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from email.utils import getaddresses
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from newsletter.errors import SettingsError

# A name in the ASCII form of a domain, https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4: of labels of 63. Host names have
# no underscore, but those of compose files and DKIM selectors do.
_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\.?")
_PASSWORD = re.compile(r"(://[^:@/]*):.*@")
LONGEST_HOST = 253
LONGEST_NUMBER = 9
SHOWN = 200


def dotenv_values(path: Path | None) -> dict[str, str]:
    """What the ``.env`` file at ``path`` sets; nothing where there is none. Raises SettingsError where it cannot be read."""
    if path is None or not path.exists():
        return {}
    if path.is_dir():
        raise SettingsError(f"{path} is a folder: put a file in its place, or take it away")
    from dotenv import dotenv_values as parsed

    try:
        found = parsed(path, encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path} is not UTF-8 at byte {error.start}: save it as UTF-8") from error
    except OSError as error:
        raise SettingsError(f"{path} cannot be read ({error.strerror}): mend its owner and mode, or take it away") from error
    return {name: value for name, value in found.items() if value is not None}


class Reader:
    """Reads variables; an empty value counts as unset, as docker-compose passes it for ``${NAME:-}``."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self.values = values

    def text(self, name: str, default: str = "") -> str:
        value = self.values.get(name, "").strip()
        if any(ord(character) < 32 or ord(character) == 127 for character in value):
            raise SettingsError(f"{name} holds a line break or control character: put it on one line")
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise SettingsError(f"{name} holds bytes that are no UTF-8: write it in UTF-8")
        return value or default

    def listed(self, name: str) -> tuple[str, ...]:
        text = self.text(name)
        found = tuple(part.strip() for part in text.split(",") if part.strip())
        if text and not found:
            raise SettingsError(f"{name} is {text!r}, which names nothing: give a value, or unset it")
        return found

    def whole(self, name: str, default: int, *, least: int, most: int) -> int:
        text = self.text(name, str(default))
        readable = text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER
        if not readable or not least <= int(text) <= most:
            raise SettingsError(f"{name} is {shown(text)}: give a whole number from {least} to {most}")
        return int(text)

    def rate(self, name: str, text: str = "") -> float:
        """A number a second from 0.001 to 10,000 in ``text`` (default: the variable's own); 0 where nothing is set."""
        text = text or self.text(name)
        if not text:
            return 0.0
        readable = re.fullmatch(r"\d{1,5}(\.\d{1,6})?", text, re.ASCII)
        if not readable or not 0.001 <= float(text) <= 10_000:
            raise SettingsError(f"{name} holds {shown(text)}: give mails a second, from 0.001 to 10000")
        return float(text)

    def rates(self, name: str) -> dict[str, float]:
        """Rates by domain in ``example.org=10, *=50``, where ``*`` stands for each other domain."""
        found: dict[str, float] = {}
        for part in self.listed(name):
            domain, equals, rate = (word.strip() for word in part.partition("="))
            if not equals or not rate or not (domain == "*" or is_host(domain)):
                raise SettingsError(f"{name} holds {shown(part)}: give domains with mails a second, such as example.org=10, *=50")
            found[domain.lower()] = self.rate(name, rate)
        return found

    def choice(self, name: str, choices: tuple[str, ...]) -> str:
        """One of ``choices``, the first where nothing is set."""
        text = self.text(name, choices[0])
        if text not in choices:
            raise SettingsError(f"{name} is {shown(text)}: choose among {', '.join(choices)}")
        return text

    def url(self, name: str, default: str = "", *, schemes: tuple[str, ...] = ("http", "https")) -> str:
        text = self.text(name, default)
        if not text:
            return ""
        split_url(name, text, schemes)
        return text.rstrip("/")

    def base_url(self, name: str, default: str) -> str:
        """A URL that a path can be put behind, and that can stand in a mail header."""
        text = self.url(name, default)
        parts = urlsplit(text)
        plain = text.isascii() and not re.search(r"[\s\"'<>\\^`{|}]", text) and is_host(parts.hostname or "")
        if not plain or parts.query or parts.fragment or "@" in parts.netloc or text.endswith(("?", "#")):
            raise SettingsError(
                f"{name} is {shown(hidden_password(text))}: give scheme, host and path only, such as https://papers.example.org"
            )
        return text

    def domain(self, name: str) -> str:
        """A name in the ASCII form of a domain; empty where none is set."""
        text = self.text(name)
        if text and not is_host(text):
            raise SettingsError(f"{name} is {shown(text)}: give a domain such as example.org, in its ASCII form")
        return text

    def address(self, name: str, default: str) -> str:
        text = self.text(name, default)
        found = getaddresses([text])
        local, at, domain = (found[0][1] if len(found) == 1 else "").rpartition("@")
        usable = local and at and is_host(domain) and local.isascii() and not re.search(r"[\s<>@,;:\"]", local)
        if not usable or len(local) > 64:  # https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1.1
            raise SettingsError(f"{name} is {shown(text)}: give one mail address such as 'Papers <papers@example.org>'")
        return text


def split_url(name: str, text: str, schemes: tuple[str, ...]) -> SplitResult:
    """Parses the URL in variable ``name``; raises SettingsError where scheme, host or port cannot be right."""
    plain = shown(hidden_password(text))
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        raise SettingsError(
            f"{name} is {plain}: host or port cannot be read; give a URL such as {schemes[0]}://host:1234"
        ) from None
    if parts.scheme not in schemes or not parts.hostname:
        raise SettingsError(f"{name} is {plain}: give a URL that starts with {' or '.join(s + '://' for s in schemes)}")
    return parts


def is_host(text: str) -> bool:
    """True for an IP address, and for a name that can be one of a machine."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return len(text) <= LONGEST_HOST and _HOST.fullmatch(text) is not None
    return True


def hidden_password(url: str) -> str:
    """``url`` as it may be shown."""
    return _PASSWORD.sub(r"\1:...@", url)


def shown(text: str) -> str:
    """``text`` in quotes, cut where it is absurdly long."""
    return repr(text if len(text) <= SHOWN else f"{text[:SHOWN]}...")
