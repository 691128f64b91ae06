"""The service's own pages as somebody outside reaches them: through BASE_URL, whatever stands before this machine.

A request with a proof of the secret key asks `/healthz`, which answers with what it saw; so the doctor knows whether the name
leads here, and how many proxies wrote down where the request came from.
"""

from __future__ import annotations

import datetime as dt
import hmac
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from newsletter.operating.doctor.findings import Finding, fail, ok, warn

HEADER = "X-Newsletter-Doctor"
# An address that is nobody's (RFC 5737): a visitor could write one into this header, too.
FORGED = "192.0.2.77"
SECONDS = 10
GOOD_FOR = dt.timedelta(minutes=10)


def proof(secret: str, *, now: dt.datetime) -> str:
    """What shows that the one who asks has the installation's key; good for ten minutes."""
    at = int(now.timestamp())
    return f"{at}.{hmac.digest(secret.encode(), f'doctor {at}'.encode(), 'sha256').hex()}"


def is_proof(text: str, secrets: tuple[str, ...], *, now: dt.datetime) -> bool:
    """True where ``text`` was made by `proof` with one of ``secrets`` lately."""
    at, _, _ = text.partition(".")
    if not at.isdecimal() or len(at) > 12 or abs(now.timestamp() - int(at)) > GOOD_FOR.total_seconds():
        return False
    made = dt.datetime.fromtimestamp(int(at), dt.UTC)
    return any(hmac.compare_digest(text.encode(), proof(secret, now=made).encode()) for secret in secrets)


@dataclass(frozen=True, slots=True)
class Seen:
    """What the pages saw of the request; ``date`` is the server's clock."""

    forwarded: tuple[str, ...]
    scheme: str
    hops: int
    date: str

    @property
    def proxies(self) -> int:
        """How many proxies wrote down where the request came from."""
        return len([name for name in self.forwarded if name != FORGED])


def answer_of(environ: Mapping[str, Any], *, scheme: str, hops: int) -> dict[str, object]:
    """What `/healthz` tells whoever has the proof."""
    forwarded = [part.strip() for part in str(environ.get("HTTP_X_FORWARDED_FOR", "")).split(",") if part.strip()]
    return {"forwarded": forwarded, "scheme": scheme, "hops": hops}


def examine(base_url: str, secret: str, *, now: dt.datetime) -> Iterator[Finding]:
    """Findings about BASE_URL: its name, the way to it, and PROXY_HOPS."""
    parts = urlsplit(base_url)
    try:
        socket.getaddrinfo(parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))
    except (OSError, UnicodeError):
        yield fail("pages", f"{parts.hostname} is not known in DNS", "publish its address: every link in a mail leads there")
        return
    try:
        seen = _ask(base_url, secret, now=now)
    except _NotSeenError as error:
        yield warn("pages", f"{base_url} does not lead here: {error}", error.mend)
        return
    yield from _about_proxies(seen, parts.scheme)


class _NotSeenError(Exception):
    def __init__(self, words: str, mend: str) -> None:
        super().__init__(words)
        self.mend = mend


def _ask(base_url: str, secret: str, *, now: dt.datetime) -> Seen:
    import requests

    headers = {HEADER: proof(secret, now=now), "X-Forwarded-For": FORGED}
    try:
        answer = requests.get(f"{base_url}/healthz", headers=headers, timeout=SECONDS, allow_redirects=False)
        told = answer.json() if answer.status_code == 200 else None
    except requests.exceptions.SSLError as error:
        mend = "have the certificate renewed, or made for this name, with its chain"
        raise _NotSeenError(f"its certificate is refused ({_reason(error)})", mend) from error
    except ValueError:
        told = None
    except requests.RequestException as error:
        mend = "look at the proxy before the pages and its port; a machine may also not reach itself from outside"
        raise _NotSeenError(f"no answer ({type(error).__name__})", mend) from error
    if not isinstance(told, dict):
        mend = "let the proxy pass all paths below BASE_URL on to this installation, under the same SECRET_KEY"
        raise _NotSeenError(f"another server answers, with {answer.status_code}", mend)
    return Seen(tuple(told["forwarded"]), told["scheme"], int(told["hops"]), answer.headers.get("Date", ""))


def _reason(error: Exception) -> str:
    text = str(error).lower()
    kinds = {
        "expired": "expired",
        "hostname mismatch": "of another name",
        "doesn't match": "of another name",
        "self": "self-signed",
    }
    return next((words for mark, words in kinds.items() if mark in text), "not trusted")


def _about_proxies(seen: Seen, scheme: str) -> Iterator[Finding]:
    if seen.proxies != seen.hops:
        words = f"PROXY_HOPS is {seen.hops}, and {seen.proxies} proxies wrote down where a request came from"
        why = "visitors can forge their address" if seen.hops > seen.proxies else "all visitors share one limit"
        yield warn("proxy", words, f"set PROXY_HOPS={seen.proxies}: {why} otherwise")
    elif seen.scheme != scheme:
        words = f"BASE_URL is {scheme}, and requests arrive as {seen.scheme}"
        yield warn("proxy", words, "let the proxy send X-Forwarded-Proto")
    else:
        yield ok("proxy", f"the pages answer through BASE_URL, {seen.proxies} proxies before them")
