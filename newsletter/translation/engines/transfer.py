"""One HTTP exchange with an engine: time-outs, a bound on size, and the errors of ``requests`` turned into ours.

It knows no engine's format. The text of a request never stands in an error or a log line.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from http.cookiejar import DefaultCookiePolicy
from typing import Any, TypeVar

import requests

from newsletter.errors import PermanentError, TemporaryError
from newsletter.http.responses import retry_after, whole_body

# (connect, read) in seconds.
TIME_OUT = (5.0, 20.0)
# A translation of 5,000 characters is far smaller; more is not one.
MOST_BYTES = 2_000_000
# A body that drips never runs into the read time-out.
MOST_SECONDS = 40.0
# Refused for now: 408 and 425 by HTTP, 403 and 406 where a provider shuts out an address for a while.
REFUSED_FOR_NOW = (408, 425, 429)
# Quotas count by day or month; seconds until it is looked whether there is a new one, or a larger plan.
QUOTA_PAUSE = 3600.0

# Of what an engine says of an error: bytes read, characters told.
MOST_EXPLANATION, MOST_WORDS = 4_000, 160
_KEYLIKE = re.compile(r"\b(?:sk|pk|key|api|Bearer)[-_ ]?[A-Za-z0-9*_\-.]{8,}|\b[A-Za-z0-9_\-]{24,}\b")

Answer = TypeVar("Answer")

# Of a thread, which lives as long as a run: connections that stay open save a handshake and half of the work of each call.
_own = threading.local()


class Refused(PermanentError):
    """A ``status`` that no time mends, as far as HTTP goes."""

    def __init__(self, words: str, status: int) -> None:
        super().__init__(words)
        self.status = status


def exchange(method: str, url: str, *, engine: str, time_out: tuple[float, float] = TIME_OUT, **arguments: Any) -> str:
    """The text of an answer with a status below 300; ``arguments`` are those of ``requests.request``.

    Raises:
        TemporaryError: no connection, time-out, 408, 425, 429, 5xx (with the time of Retry-After), or an endless body.
        Refused: any other status, such as a refused key, text or language.
        PermanentError: a URL that cannot be requested.
    """
    try:
        with _session().request(method, url, timeout=time_out, stream=True, **arguments) as response:
            _refuse(response, engine)
            return _text(response, engine)
    except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema, requests.exceptions.MissingSchema) as error:
        raise PermanentError(f"{engine} has an address that cannot be requested: mend its URL") from error
    except requests.RequestException as error:
        raise TemporaryError(f"{engine} does not answer ({type(error).__name__})") from error


def _session() -> requests.Session:
    if not hasattr(_own, "session"):
        _own.session = requests.Session()
        _own.session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session: requests.Session = _own.session
    return session


def exchange_json(
    method: str, url: str, *, engine: str, read: Callable[[Any], Answer], quota: int | None = None, **arguments: Any
) -> Answer:
    """What ``read`` takes out of an answer in JSON; a refusal with the status ``quota`` leaves the engine alone for an hour.

    Raises: as ``exchange``; TemporaryError where the answer is no JSON, or ``read`` does not find its way in it.
    """
    try:
        return read(json.loads(exchange(method, url, engine=engine, **arguments)))
    except Refused as error:
        if error.status != quota:
            raise
        raise TemporaryError(f"{engine} answered {quota}: its quota is used up", retry_after=QUOTA_PAUSE) from error
    except (ValueError, KeyError, IndexError, TypeError, RecursionError) as error:
        raise TemporaryError(f"{engine} answered with something that is no translation") from error


def _text(response: requests.Response, engine: str) -> str:
    """The body, in the encoding that its header names, else UTF-8 (``requests`` would guess Latin-1)."""
    body = whole_body(response, name=engine, longest=MOST_BYTES, seconds=MOST_SECONDS)
    named = response.encoding if "charset" in response.headers.get("Content-Type", "").lower() else None
    try:
        return body.decode(named or "utf-8", "replace")
    except LookupError:
        return body.decode("utf-8", "replace")


def _refuse(response: requests.Response, engine: str) -> None:
    status = response.status_code
    if 200 <= status < 300:
        return
    said = own_words(_start(response))
    if status in REFUSED_FOR_NOW or status >= 500:
        raise TemporaryError(f"{engine} answered {status}{said}", retry_after=retry_after(response.headers.get("Retry-After")))
    raise Refused(f"{engine} answered {status}{said}", status)


def _start(response: requests.Response) -> str:
    """The first part of a body, as far as it comes; it only explains an error."""
    try:
        return next(response.iter_content(MOST_EXPLANATION), b"").decode("utf-8", "replace")
    except requests.RequestException:
        return ""


def own_words(body: str, *, secret: str = "") -> str:
    """What an engine says of an error in the JSON of ``body``, as ": words" on one line; "" where it says nothing.

    What looks like a key is left out.
    """
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    for _ in range(3):
        if isinstance(found, dict):
            found = next((found[key] for key in ("error", "message", "detail", "errorMessage") if found.get(key)), "")
    text = " ".join(found.split()) if isinstance(found, str) else ""
    if secret:
        text = text.replace(secret, "…")
    text = _KEYLIKE.sub("…", text)
    return f": {text[:MOST_WORDS]}" if text else ""
