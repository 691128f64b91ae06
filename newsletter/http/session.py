"""One polite request to an outside service: time-outs, a User-Agent that names us, and the whole answer or an error.

It tries once: pauses and repetition are the caller's. It reads no content.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parseaddr

import requests
from urllib3.exceptions import MaxRetryError

from newsletter import __version__
from newsletter.errors import PermanentError, TemporaryError
from newsletter.http.responses import retry_after, whole_body

TIMEOUTS = (10.0, 60.0)
# A page of 2,000 entries has about 6 MB; one that trickles in or never ends must not hold a worker.
LONGEST_ANSWER = 64_000_000
LONGEST_SECONDS = 300.0
# 403, 406 and 429 are how arXiv says "slower": https://github.com/lukasschwab/arxiv.py/issues/203
BACK_OFF = frozenset({403, 406, 408, 425, 429})


class UnreachableError(TemporaryError):
    """No connection could be made, so that the next request would most likely fail too."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer with a status that calls neither for a pause nor for a new attempt; 304 and 404 come with their body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class PoliteSession:
    """Requests of one client to the service ``name``, one after the other; ``wait`` is called before each.

    ``contact`` is a mail address (``Name <a@b>`` too) or a URL for the User-Agent; "" leaves it out. ``timeouts`` are seconds to
    connect and between two pieces of an answer, ``longest`` those for all of it.
    """

    def __init__(
        self,
        contact: str,
        wait: Callable[[], None],
        *,
        name: str = "arXiv",
        accept: str = "*/*",
        timeouts: tuple[float, float] = TIMEOUTS,
        longest: float = LONGEST_SECONDS,
    ) -> None:
        self._wait = wait
        self._name = name
        self._timeouts = timeouts
        self._longest = longest
        self._headers = {"User-Agent": user_agent(contact), "Accept": accept}
        self._session = requests.Session()

    def ask(self, url: str, headers: Mapping[str, str] | None = None) -> Reply:
        """The answer at ``url``, sent with ``headers`` besides its own.

        Raises: TemporaryError where the service asks for a pause or its answer breaks off, as UnreachableError where no
        connection came about.
        """
        self._wait()
        try:
            with self._session.get(
                url, headers=self._headers | dict(headers or {}), timeout=self._timeouts, stream=True
            ) as response:
                body = whole_body(response, name=self._name, longest=LONGEST_ANSWER, seconds=self._longest)
                reply = Reply(response.status_code, response.headers, body)
        except requests.RequestException as error:
            kind = UnreachableError if _is_unreachable(error) else TemporaryError
            raise kind(f"{self._name} cannot be reached: {_reason(error)}") from error
        if reply.status >= 500 or reply.status in BACK_OFF:
            pause = retry_after(reply.headers.get("Retry-After"))
            raise TemporaryError(f"{self._name} answers {reply.status}: it asks for a pause", retry_after=pause)
        return reply

    def close(self) -> None:
        self._session.close()


def user_agent(contact: str) -> str:
    """Who asks, and how to reach them: https://info.arxiv.org/help/api/tou.html asks to be able to tell."""
    address = contact if "://" in contact else parseaddr(contact)[1]
    plain = "".join(character for character in address if "!" <= character <= "~")
    prefix = "mailto:" if "@" in plain and "://" not in plain else ""
    return f"newsletter/{__version__}" + (f" ({prefix}{plain})" if plain else "")


def words_of(body: bytes) -> str:
    """The beginning of an answer as one printable line, for a message about it."""
    text = re.sub(r"<[^>]*>", " ", body[:2000].decode("utf-8", "replace"))
    return "".join(character for character in " ".join(text.split()) if character.isprintable())[:120] or "(nothing readable)"


def refusal(name: str, reply: Reply, explanation: bytes | None = None) -> PermanentError:
    """The error for a status that another attempt will not change."""
    return PermanentError(f"{name} refuses the query with {reply.status}: {words_of(explanation or reply.body)}")


def _is_unreachable(error: requests.RequestException) -> bool:
    """No connection came about; one that was closed or broke off within an answer is none of these."""
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.SSLError | requests.exceptions.ProxyError):
        return True
    return isinstance(error, requests.ConnectionError) and bool(error.args) and isinstance(error.args[0], MaxRetryError)


def _reason(error: requests.RequestException) -> str:
    if isinstance(error, requests.ConnectTimeout):
        return "no connection within the time allowed"
    if isinstance(error, requests.Timeout):
        return "no answer within the time allowed"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "the answer broke off"
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate is not trusted here"
    if isinstance(error, requests.exceptions.ProxyError):
        return "the proxy does not let it through"
    return "no connection" if isinstance(error, requests.ConnectionError) else type(error).__name__
