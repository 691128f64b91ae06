"""Papers from the arXiv query API, through the ``arxiv`` package and a session of our own.

The package parses; time-outs, politeness, pauses and the check of what came are ours, since it has none of them (4.0.2).
Nothing is stored here. Manual: https://info.arxiv.org/help/api/user-manual.html
"""

from __future__ import annotations

import datetime as dt
import heapq
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

import arxiv
import requests
import structlog

from newsletter.errors import PermanentError, TemporaryError
from newsletter.http.retrying import with_retries
from newsletter.papers.arxiv.entries import as_paper
from newsletter.papers.arxiv.result_pages import TIMEOUTS, Answer, ResultPages
from newsletter.text.identifiers import names_of_category
from newsletter.values.batches import batches
from newsletter.values.papers import Paper

# https://info.arxiv.org/help/api/user-manual.html#paging: slices of at most 2,000, at most 30,000 results of one query.
LARGEST_PAGE = 2000
MOST_RESULTS = 30_000
# Keeps a URL under 2,000 characters.
CATEGORIES_A_QUERY = 50

log = structlog.get_logger(__name__)
_CATEGORY = re.compile(r"[a-z-]+(?:\.[A-Za-z-]+)?")


@dataclass(frozen=True, slots=True)
class _Page:
    papers: tuple[Paper, ...]
    total: int
    entries: int


class ArxivSource:
    """The query API at ``api_url``; ``wait`` is called before each request (politeness is the caller's, see ``Gate``).

    ``contact`` (mail address or URL) goes into the User-Agent. ``attempts`` is how often one page is asked for; with 1 the first
    fault is raised at once. ``timeouts`` are seconds to connect and between two pieces of an answer. After a fetch ``shortfall``
    says how many results arXiv counted but did not give in readable form; ``expected`` how many it has counted so far.
    """

    def __init__(
        self,
        api_url: str,
        contact: str,
        wait: Callable[[], None],
        *,
        page_size: int = 500,
        attempts: int = 6,
        timeouts: tuple[float, float] = TIMEOUTS,
        sleep: Callable[[float], None] = time.sleep,
        most_results: int = MOST_RESULTS,
    ) -> None:
        self._http = ResultPages(contact, wait, timeouts=timeouts)
        self._page_size = max(1, min(page_size, LARGEST_PAGE))
        self._client = arxiv.Client(page_size=self._page_size, delay_seconds=0, num_retries=0)
        self._client.query_url_format = api_url.replace("{", "{{").replace("}", "}}") + ("&{}" if "?" in api_url else "?{}")
        self._attempts = max(1, attempts)
        self._sleep = sleep
        self._most_results = most_results
        self.shortfall = self.expected = 0

    def fetch(self, categories: Iterable[str], since: dt.date, until: dt.date) -> Iterator[Paper]:
        """The papers of these categories whose first version was submitted on the days ``since`` to ``until`` (UTC, inclusive).

        Oldest first, each once; lazily, a page at a time. No categories, no papers.
        Raises: TemporaryError where arXiv still fails after all attempts; PermanentError where it refuses the query, or a
        category has no form of one.
        """
        self.shortfall = self.expected = 0
        start = dt.datetime.combine(since, dt.time(0, 0))
        end = dt.datetime.combine(until, dt.time(23, 59))
        streams = [self._window(group, start, end) for group in _groups(categories)]
        seen: set[str] = set()
        for paper in heapq.merge(*streams, key=lambda paper: paper.submitted):
            if paper.ref not in seen:
                seen.add(paper.ref)
                yield paper

    def paper(self, ref: str) -> Paper | None:
        """The paper with this base id in its newest version, None where arXiv knows none. Raises as ``fetch``."""
        found = with_retries(
            lambda: self._results(arxiv.Search(id_list=[ref], max_results=1), 0),
            attempts=self._attempts,
            sleep=self._sleep,
            what=ref,
        )
        return next((paper for paper in found.papers if paper.ref == ref), None)

    def close(self) -> None:
        self._http.close()

    def _window(self, categories: Sequence[str], start: dt.datetime, end: dt.datetime) -> Iterator[Paper]:
        """The papers of one query, or of two halves of its time where it has more results than arXiv gives."""
        query = _query(categories, start, end)
        page = self._page(query, 0)
        if page.total > self._most_results:
            middle = start + (end - start) // 2
            middle = middle.replace(second=0, microsecond=0)
            if middle < end:
                yield from self._window(categories, start, middle)
                yield from self._window(categories, middle + dt.timedelta(minutes=1), end)
                return
        yield from self._pages(query, page)

    def _pages(self, query: str, page: _Page) -> Iterator[Paper]:
        seen: set[str] = set()
        offset = 0
        self.expected += page.total
        while True:
            for paper in page.papers:
                if paper.ref not in seen:
                    seen.add(paper.ref)
                    yield paper
            offset += page.entries
            if offset >= min(page.total, self._most_results):
                break
            page = self._page(query, offset)
        missing = page.total - len(seen)
        if missing > 0:
            self.shortfall += missing
            log.warning("arxiv_shortfall", expected=page.total, readable=len(seen), missing=missing)

    def _page(self, query: str, offset: int) -> _Page:
        """One page, asked for again after growing pauses where arXiv fails."""
        return with_retries(
            lambda: self._try_page(query, offset), attempts=self._attempts, sleep=self._sleep, what=f"page from {offset}"
        )

    def _try_page(self, query: str, offset: int) -> _Page:
        search = arxiv.Search(
            query=query,
            max_results=None,
            sort_by=arxiv.SortCriterion.SubmittedDate,
            sort_order=arxiv.SortOrder.Ascending,
        )
        return self._results(search, offset)

    def _results(self, search: arxiv.Search, offset: int) -> _Page:
        once = _OnePage(self._http)
        self._client._session = cast(requests.Session, once)
        results: list[arxiv.Result] = []
        try:
            for result in self._client.results(search, offset=offset):
                results.append(result)
        except _EndOfPageError:
            pass
        except (arxiv.ArxivError, ValueError) as error:
            raise TemporaryError(f"arXiv's answer cannot be read: {type(error).__name__}") from error
        answer = once.answer
        if answer is None or (answer.entries == 0 and offset < answer.total):
            raise TemporaryError("arXiv answers 200 with a page that lacks its results")
        papers = tuple(paper for result in results if (paper := as_paper(result)) is not None)
        return _Page(papers, answer.total, answer.entries)


class _EndOfPageError(Exception):
    """The package asks for the page after the one that was wanted."""


class _OnePage:
    """What the package takes for its session: it may ask once. It counts a page by its readable entries, so its own paging
    would come to rest on an unreadable one; ours goes by all entries.
    """

    def __init__(self, http: ResultPages) -> None:
        self._http = http
        self.answer: Answer | None = None

    def get(self, url: str, **_: Any) -> Answer:
        if self.answer is not None:
            raise _EndOfPageError
        self.answer = self._http.get(url)
        return self.answer


def _groups(categories: Iterable[str]) -> Iterator[list[str]]:
    """All names of the categories, in groups that fit one URL each."""
    names: dict[str, None] = {}
    for category in categories:
        if not _CATEGORY.fullmatch(category):
            raise PermanentError(f"{category[:40]!r} is no arXiv category: give one such as cs.CV")
        names |= dict.fromkeys(names_of_category(category))
    return batches(sorted(names), CATEGORIES_A_QUERY)


def _query(categories: Sequence[str], start: dt.datetime, end: dt.datetime) -> str:
    wanted = " OR ".join(f"cat:{category}" for category in categories)
    return f"({wanted}) AND submittedDate:[{start:%Y%m%d%H%M} TO {end:%Y%m%d%H%M}]"
