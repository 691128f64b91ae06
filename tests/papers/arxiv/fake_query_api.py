"""A fake arXiv: a real HTTP server that answers the query API in Atom with paging, and misbehaves when told to.

fake = FakeArxiv([some_paper(1), some_paper(2)])
fake.start()                # fake.url is http://127.0.0.1:PORT/api/query
fake.faults += [Fault.HTML] # the next requests get these faults, one each, in order
fake.stop()                 # or: with FakeArxiv(papers) as url
"""

from __future__ import annotations

import datetime as dt
import re
import time
from dataclasses import dataclass, field
from enum import Enum
from html import escape
from urllib.parse import parse_qs, urlsplit

from tests.http_fake import ApiFake, Handler

FIRST = dt.datetime(2026, 6, 24, 12, 0, tzinfo=dt.UTC)


@dataclass(frozen=True)
class FakePaper:
    """One entry as the API would serve it. ``broken`` leaves out its dates, ``bad_date`` writes nonsense in their place,
    ``dated`` another time of submission.
    """

    ref: str
    title: str
    abstract: str
    submitted: dt.datetime
    version: int = 1
    updated: dt.datetime | None = None
    authors: tuple[str, ...] = ("Ada Byron", "Alan M. Turing")
    categories: tuple[str, ...] = ("cs.CV", "cs.LG")
    comment: str = ""
    doi: str = ""
    broken: bool = False
    bad_date: bool = False
    dated: dt.datetime | None = None


def some_paper(
    number: int, *, submitted: dt.datetime | None = None, title: str = "", abstract: str = "", **fields: object
) -> FakePaper:
    """Paper ``number`` (1 to 99,999): ref 2606.NNNNN, submitted a minute after the one before unless told otherwise."""
    return FakePaper(
        ref=str(fields.pop("ref", f"2606.{number:05d}")),
        title=title or f"Paper number {number}",
        abstract=abstract or f"The abstract of paper number {number}.",
        submitted=submitted or FIRST + dt.timedelta(minutes=number),
        **fields,  # type: ignore[arg-type]
    )


class Fault(Enum):
    """What one request gets instead of its answer."""

    NONE = "none"
    UNAVAILABLE = "503 with Retry-After"
    TOO_MANY = "429 with Retry-After"
    FORBIDDEN = "403"
    NOT_ACCEPTABLE = "406"
    BAD_QUERY = "400"
    HTML = "an HTML page with 200"
    EMPTY_BODY = "nothing with 200"
    EMPTY_PAGE = "a feed without its entries"
    ERROR_ENTRY = 'the entry titled "Error" with 200'
    DROPPED = "half of the body, then the connection closed"
    CUT = "half of the body with a fitting Content-Length"
    HANG = "no answer"


class _Handler(Handler):
    fake: FakeArxiv

    def do_GET(self) -> None:
        query = {name: values[-1] for name, values in parse_qs(urlsplit(self.path).query).items()}
        self.fake.requests.append((time.monotonic(), query, self.asked_with))
        fault = self.fake.faults.pop(0) if self.fake.faults else Fault.NONE
        plain = {Fault.UNAVAILABLE: 503, Fault.TOO_MANY: 429, Fault.FORBIDDEN: 403, Fault.NOT_ACCEPTABLE: 406}
        if fault in plain:
            asks = fault in (Fault.UNAVAILABLE, Fault.TOO_MANY)
            return self.answer(plain[fault], b"Rate exceeded.", headers={"Retry-After": self.fake.retry_after} if asks else {})
        if fault is Fault.BAD_QUERY:
            return self.answer(400, b"incorrect query: brackets do not match")
        if fault is Fault.HTML:
            return self.answer(200, b"<!DOCTYPE html><html><body>arXiv is being mended</body></html>")
        if fault is Fault.EMPTY_BODY:
            return self.answer(200, b"")
        if fault is Fault.ERROR_ENTRY:
            return self.answer(200, _error_feed("sort order must be in: ascending, descending"))
        if fault is Fault.HANG:
            return self.fake.hang()
        body = _feed(self.fake, query, bare=fault is Fault.EMPTY_PAGE)
        if fault is Fault.CUT:
            return self.answer(200, body[: len(body) // 2])
        return self.answer(200, body, sent=len(body) // 2 if fault is Fault.DROPPED else None)


@dataclass
class FakeArxiv(ApiFake):
    """Serves ``papers``; ``faults`` are used up one a request. ``requests`` keeps (time, query, headers) of each."""

    handler = _Handler
    root = "/api/query"
    papers: list[FakePaper]
    faults: list[Fault] = field(default_factory=list)
    retry_after: str = "7"
    most_in_a_page: int = 2000
    requests: list[tuple[float, dict[str, str], dict[str, str]]] = field(default_factory=list)


def _feed(fake: FakeArxiv, query: dict[str, str], *, bare: bool) -> bytes:
    wanted = query.get("id_list", "")
    found = [p for p in fake.papers if p.ref == wanted] if wanted else _found(fake.papers, query.get("search_query", ""))
    start, size = int(query.get("start", 0)), min(int(query.get("max_results", 10)), fake.most_in_a_page)
    page = [] if bare else found[start : start + size]
    return _wrapped("".join(map(_entry, page)), total=len(found), start=start)


def _found(papers: list[FakePaper], search: str) -> list[FakePaper]:
    """Understands what the service asks: (cat:A OR cat:B) AND submittedDate:[FROM TO UNTIL]; ascending by submission."""
    categories = set(re.findall(r"cat:([\w.-]+)", search))
    window = re.search(r"submittedDate:\[(\d{12}) TO (\d{12})\]", search)
    low, high = window.groups() if window else ("0", "9")
    fitting = [p for p in papers if categories & set(p.categories) and low <= f"{p.submitted:%Y%m%d%H%M}" <= high]
    return sorted(fitting, key=lambda paper: (paper.submitted, paper.ref))


def _entry(paper: FakePaper) -> str:
    updated, submitted = paper.updated or paper.submitted, paper.dated or paper.submitted
    dates = f"<updated>{updated:%Y-%m-%dT%H:%M:%SZ}</updated><published>{submitted:%Y-%m-%dT%H:%M:%SZ}</published>"
    if paper.broken:
        dates = ""
    if paper.bad_date:
        dates = "<updated>lately</updated><published>some day</published>"
    name = f"{paper.ref}v{paper.version}"
    return (
        f"<entry><id>http://arxiv.org/abs/{name}</id><title>{escape(paper.title)}</title>{dates}"
        f'<link href="http://arxiv.org/abs/{name}" rel="alternate" type="text/html"/>'
        f"<summary>{escape(paper.abstract)}</summary>"
        + "".join(f'<category term="{category}"/>' for category in paper.categories)
        + (f"<arxiv:comment>{escape(paper.comment)}</arxiv:comment>" if paper.comment else "")
        + (f"<arxiv:doi>{escape(paper.doi)}</arxiv:doi>" if paper.doi else "")
        + f'<arxiv:primary_category term="{paper.categories[0]}"/>'
        + "".join(f"<author><name>{escape(author)}</name></author>" for author in paper.authors)
        + "</entry>"
    )


def _error_feed(why: str) -> bytes:
    entry = f"<entry><id>http://arxiv.org/api/errors#why</id><title>Error</title><summary>{why}</summary></entry>"
    return _wrapped(entry, total=1, start=0)


def _wrapped(entries: str, *, total: int, start: int) -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom" '
        'xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" xmlns:arxiv="http://arxiv.org/schemas/atom">'
        f"<title>arXiv Query</title><opensearch:totalResults>{total}</opensearch:totalResults>"
        f"<opensearch:startIndex>{start}</opensearch:startIndex>{entries}</feed>\n"
    ).encode()
