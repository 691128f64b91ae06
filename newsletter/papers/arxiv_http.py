"""One polite request to the arXiv API: time-outs, headers, and whether the answer is a page of results at all.

It tries once and says how it went; pauses and repetition are the caller's. It parses no paper.
"""

from __future__ import annotations

import datetime as dt
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parseaddr, parsedate_to_datetime

import requests

from newsletter import __version__
from newsletter.errors import PermanentError, TemporaryError

TIMEOUTS = (10.0, 60.0)
# A page of 2,000 entries has about 6 MB; one that trickles in or never ends must not hold a worker.
LONGEST_ANSWER = 64_000_000
LONGEST_SECONDS = 300.0
# 403, 406 and 429 are how arXiv says "slower": https://github.com/lukasschwab/arxiv.py/issues/203
BACK_OFF = frozenset({403, 406, 408, 425, 429})

_ENTRY = re.compile(rb"<entry\b.*?</entry>", re.DOTALL)
_TITLE = re.compile(rb"<title[^>]*>\s*(.*?)\s*</title>", re.DOTALL)
_ID = re.compile(rb"<id>\s*(.*?)\s*</id>", re.DOTALL)
_SUMMARY = re.compile(rb"<summary[^>]*>\s*(.*?)\s*</summary>", re.DOTALL)
_TOTAL = re.compile(rb"<opensearch:totalResults[^>]*>\s*(\d{1,9})\s*<")
_DATES = re.compile(rb"<(published|updated)>\s*(.*?)\s*</\1>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Answer:
    """A page that is certainly a feed. ``entries`` counts all of it; ``content`` is without those whose dates are no dates.

    ``status_code`` and ``content`` are what the ``arxiv`` package reads of a response.
    """

    content: bytes
    total: int
    entries: int
    status_code: int = 200


class PoliteSession:
    """Requests of one client, one after the other; ``wait`` is called before each.

    ``contact`` is a mail address (``Name <a@b>`` too) or a URL for the User-Agent; "" leaves it out.
    """

    def __init__(self, contact: str, wait: Callable[[], None], *, timeouts: tuple[float, float] = TIMEOUTS) -> None:
        self._wait = wait
        self._timeouts = timeouts
        self._headers = {"User-Agent": user_agent(contact), "Accept": "application/atom+xml, application/xml;q=0.9, */*;q=0.1"}
        self._session = requests.Session()

    def get(self, url: str) -> Answer:
        """The page at ``url``.

        Raises: TemporaryError where arXiv is out of reach, asks for a pause, or answers 200 with something else than a feed;
        PermanentError where it refuses the query itself.
        """
        self._wait()
        try:
            with self._session.get(url, headers=self._headers, timeout=self._timeouts, stream=True) as response:
                body = _body(response)
                status, headers = response.status_code, response.headers
        except requests.RequestException as error:
            raise TemporaryError(f"arXiv cannot be reached: {_reason(error)}") from error
        if status != 200:
            raise _refusal(status, headers, body)
        return read_feed(body)

    def close(self) -> None:
        self._session.close()


def user_agent(contact: str) -> str:
    """Who asks, and how to reach them: https://info.arxiv.org/help/api/tou.html asks to be able to tell."""
    address = contact if "://" in contact else parseaddr(contact)[1]
    plain = "".join(character for character in address if "!" <= character <= "~")
    prefix = "mailto:" if "@" in plain and "://" not in plain else ""
    return f"newsletter/{__version__}" + (f" ({prefix}{plain})" if plain else "")


def _body(response: requests.Response) -> bytes:
    body = bytearray()
    deadline = time.monotonic() + LONGEST_SECONDS
    for piece in response.iter_content(65536):
        body += piece
        if len(body) > LONGEST_ANSWER or time.monotonic() > deadline:
            raise TemporaryError("arXiv's answer does not come to an end")
    return bytes(body)


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


def _refusal(status: int, headers: Mapping[str, str], body: bytes) -> TemporaryError | PermanentError:
    if status >= 500 or status in BACK_OFF:
        return TemporaryError(f"arXiv answers {status}: it asks for a pause", retry_after=retry_after(headers))
    return PermanentError(f"arXiv refuses the query with {status}: {_words(_explanation(body) or body)}")


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds that a Retry-After header asks for, given as a number or as a date; None where there is none to be read."""
    text = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"\d{1,9}", text):
        return float(text)
    try:
        until = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    now = dt.datetime.now(dt.UTC)
    return max(0.0, ((until if until.tzinfo else until.replace(tzinfo=dt.UTC)) - now).total_seconds())


def read_feed(body: bytes) -> Answer:
    """Checks that a body is a whole feed of results.

    Raises: TemporaryError for an empty, cut or HTML body, and for the feed whose one entry says "Error".
    """
    if not body.strip():
        raise TemporaryError("arXiv answers 200 with an empty body")
    if b"<feed" not in body[:2000]:
        raise TemporaryError(f"arXiv answers 200 with something else than a feed: {_words(body)}")
    if not body.rstrip().endswith(b"</feed>"):
        raise TemporaryError("arXiv's answer broke off")
    explanation = _explanation(body)
    if explanation is not None:
        raise TemporaryError(f"arXiv answers 200 with an error: {_words(explanation)}")
    total = _TOTAL.search(body)
    if total is None:
        raise TemporaryError("arXiv's answer does not say how many results there are")
    return Answer(_ENTRY.sub(_dated, body), int(total[1]), len(_ENTRY.findall(body)))


def _explanation(body: bytes) -> bytes | None:
    """What the entry titled "Error" says; None where there is no such entry. A paper of that title has an abs address."""
    for entry in _ENTRY.findall(body):
        title, address = _TITLE.search(entry), _ID.search(entry)
        if title and title[1].lower() == b"error" and not (address and b"/abs/" in address[1]):
            summary = _SUMMARY.search(entry)
            return summary[1] if summary else b"no reason given"
    return None


def _dated(entry: re.Match[bytes]) -> bytes:
    """The entry, or nothing where one of its dates is none: the package would fail on the whole page."""
    for _, date in _DATES.findall(entry[0]):
        try:
            dt.datetime.fromisoformat(date.decode("ascii", "replace"))
        except ValueError:
            return b""
    return entry[0]


def _words(body: bytes) -> str:
    """The beginning of an answer as one printable line."""
    text = re.sub(r"<[^>]*>", " ", body[:2000].decode("utf-8", "replace"))
    return "".join(character for character in " ".join(text.split()) if character.isprintable())[:120] or "(nothing readable)"
