"""Papers from bioRxiv and medRxiv, through their public JSON API: https://api.biorxiv.org/

It asks for windows of days, page by page, and reads; what is a new paper is decided in ``posted``, and nothing is stored here.
"""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import structlog

from newsletter.errors import TemporaryError
from newsletter.http.retrying import with_retries
from newsletter.http.session import TIMEOUTS, PoliteSession, Reply, refusal, words_of
from newsletter.papers.preprints.records import as_posting
from newsletter.text.preprint_identifiers import SERVER_NAMES
from newsletter.values.papers import Paper

# A month of bioRxiv has about 6,000 papers; an answer that counts more in one window than this is not believed.
MOST_RECORDS = 20_000
# What the API says where a window, or what is left of it, has no papers.
NOTHING = ("no posts found", "no articles found", "no papers found")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Page:
    """``records`` counts all records of a page, ``total`` those of the window; both 0 where the API says that nothing is left."""

    papers: tuple[Paper, ...]
    records: int
    total: int


class PostingSource:
    """One of the two servers behind the API at ``url``; ``wait`` is called before each request (see ``Gate``).

    ``contact`` goes into the User-Agent, ``attempts`` is how often one page is asked for; with 1 the first fault is raised.
    """

    def __init__(
        self,
        server: str,
        url: str,
        contact: str,
        wait: Callable[[], None],
        *,
        attempts: int = 6,
        timeouts: tuple[float, float] = TIMEOUTS,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._server, self._name = server, SERVER_NAMES[server]
        self._url = url
        self._http = PoliteSession(contact, wait, name=self._name, accept="application/json", timeouts=timeouts)
        self._attempts = max(1, attempts)
        self._sleep = sleep
        self.shortfall = self.expected = 0

    def fetch(self, categories: Iterable[str], since: dt.date, until: dt.date) -> Iterator[Paper]:
        """Each version of a paper that was posted on the days ``since`` to ``until``, oldest first; ``categories`` do not matter.

        The window is read to its end before the first is given, because its records have no order to rely on: keep it short.
        ``submitted`` and ``announced_on`` are those of the version (see ``posted.merged``).
        Raises: TemporaryError where the server still fails after all attempts; PermanentError where it refuses the query.
        """
        del categories
        found: dict[tuple[str, int], Paper] = {}
        offset = total = unreadable = 0
        while offset == 0 or offset < min(total, MOST_RECORDS):
            page = self._page(since, until, offset)
            if not page.records:
                # Now and then the API counts more than it has (https://github.com/ropensci/medrxivr/issues/19).
                page = self._page(since, until, offset) if offset else page
            if not page.records:
                break
            known = len(found)
            found |= {(paper.ref, paper.version): paper for paper in page.papers}
            if page.papers and len(found) == known:
                break  # the same page again: it would go on for ever
            # By what came: a page had 100 records for years, and has 30 now.
            offset, total = offset + page.records, page.total
            self.expected = total
            unreadable += page.records - len(page.papers)
        self.shortfall = max(0, total - offset) + unreadable
        if self.shortfall:
            log.warning("postings_shortfall", server=self._server, expected=total, given=offset, unreadable=unreadable)
        yield from sorted(found.values(), key=lambda paper: (paper.announced_on, paper.ref, paper.version))

    def first(self, since: dt.date, until: dt.date) -> Paper | None:
        """One of the papers that were posted on these days, by one request; None where there are none. Raises as ``fetch``."""
        return next(iter(self._page(since, until, 0).papers), None)

    def close(self) -> None:
        self._http.close()

    def _page(self, since: dt.date, until: dt.date, offset: int) -> _Page:
        """One page, asked for again after growing pauses where the server fails."""
        url = f"{self._url}/details/{self._server}/{since.isoformat()}/{until.isoformat()}/{offset}/json"
        what = f"{self._name} from {offset}"
        return with_retries(lambda: self._read(self._http.ask(url)), attempts=self._attempts, sleep=self._sleep, what=what)

    def _read(self, reply: Reply) -> _Page:
        if reply.status != 200:
            raise refusal(self._name, reply)
        try:
            answer = json.loads(reply.body)
            message = answer["messages"][0]
            status, records = str(message["status"]).strip(), answer.get("collection", [])
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
            words = words_of(reply.body)
            raise TemporaryError(f"{self._name} answers 200 with something else than a list of papers: {words}") from error
        if status.lower() in NOTHING:
            return _Page((), 0, 0)
        if status.lower() != "ok" or not isinstance(records, list):
            raise TemporaryError(f"{self._name} answers 200 with an error: {words_of(status.encode())}")
        papers = tuple(paper for record in records if (paper := as_posting(self._server, record)) is not None)
        return _Page(papers, len(records), self._total(message.get("total")))

    def _total(self, total: Any) -> int:
        """How many records the window has: a number, in quotes or not."""
        text = str(total)
        if not (text.isascii() and text.isdecimal() and len(text) <= 9):
            raise TemporaryError(f"{self._name}'s answer does not say how many papers there are")
        return int(text)
