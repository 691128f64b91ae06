"""One page of results from the arXiv API, and whether the answer is such a page at all. It parses no paper."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass

from newsletter.errors import TemporaryError
from newsletter.http.session import TIMEOUTS, PoliteSession, refusal, words_of

__all__ = ["TIMEOUTS", "Answer", "ResultPages", "read_feed"]

ACCEPT = "application/atom+xml, application/xml;q=0.9, */*;q=0.1"
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


class ResultPages:
    """Pages of results, one request after the other; ``contact`` and ``wait`` as for PoliteSession."""

    def __init__(self, contact: str, wait: Callable[[], None], *, timeouts: tuple[float, float] = TIMEOUTS) -> None:
        self._http = PoliteSession(contact, wait, accept=ACCEPT, timeouts=timeouts)

    def get(self, url: str) -> Answer:
        """The page at ``url``.

        Raises: TemporaryError where arXiv is out of reach, asks for a pause, or answers 200 with something else than a feed;
        PermanentError where it refuses the query itself.
        """
        reply = self._http.ask(url)
        if reply.status != 200:
            raise refusal("arXiv", reply, _explanation(reply.body))
        return read_feed(reply.body)

    def close(self) -> None:
        self._http.close()


def read_feed(body: bytes) -> Answer:
    """Checks that a body is a whole feed of results.

    Raises: TemporaryError for an empty, cut or HTML body, and for the feed whose one entry says "Error".
    """
    if not body.strip():
        raise TemporaryError("arXiv answers 200 with an empty body")
    if b"<feed" not in body[:2000]:
        raise TemporaryError(f"arXiv answers 200 with something else than a feed: {words_of(body)}")
    if not body.rstrip().endswith(b"</feed>"):
        raise TemporaryError("arXiv's answer broke off")
    explanation = _explanation(body)
    if explanation is not None:
        raise TemporaryError(f"arXiv answers 200 with an error: {words_of(explanation)}")
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
