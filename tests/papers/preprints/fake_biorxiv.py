"""A fake api.biorxiv.org: a real HTTP server that pages through the versions it has, and misbehaves when told to.

fake = FakeBiorxiv([some_posting(1), some_posting(1, version=2, date="2026-06-24")])
with fake as url: ...       # faults are used up one a request, in order
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from tests.http_fake import ApiFake, Handler

Record = dict[str, Any]


def doi_of(number: int) -> str:
    return f"10.64898/2026.06.01.{700000 + number}"


def some_posting(number: int, *, date: str = "2026-06-23", version: int = 1, server: str = "bioRxiv", **fields: object) -> Record:
    """One version of paper ``number`` as the API writes it: every figure in quotes."""
    return {
        "title": f"Posting number {number}",
        "authors": "Byron, A.; Du Chatelet, E. M.",
        "author_corresponding": "Ada Byron",
        "author_corresponding_institution": "University of Nowhere",
        "doi": doi_of(number),
        "date": date,
        "version": str(version),
        "type": "new results",
        "license": "cc_by",
        "category": "cancer biology",
        "jatsxml": "https://www.biorxiv.org/content/early/source.xml",
        "abstract": f"The abstract of posting number {number}.",
        "published": "NA",
        "server": server,
    } | fields


class Fault(Enum):
    """What one request gets instead of its answer."""

    NONE = "none"
    UNAVAILABLE = "503"
    TOO_MANY = "429 with Retry-After"
    FORBIDDEN = "403"
    NOT_FOUND = "404"
    HTML = "an HTML page with 200"
    EMPTY_BODY = "nothing with 200"
    NO_TOTAL = "a page that does not say how many there are"
    ERROR_STATUS = "a list whose status is no ok"
    NO_POSTS = "the words that nothing was found"
    CUT = "half of the body with a fitting Content-Length"
    DROPPED = "half of the body, then the connection closed"
    HANG = "no answer"


class _Handler(Handler):
    fake: FakeBiorxiv

    def do_GET(self) -> None:
        details, server, since, until, cursor, kind = self.path.strip("/").split("/")
        assert (details, kind) == ("details", "json")
        self.fake.requests.append((server, since, until, int(cursor)))
        self.fake.headers.append(dict(self.headers))
        fault = self.fake.faults.pop(0) if self.fake.faults else Fault.NONE
        page = self.fake.page(server, since, until, int(cursor))
        if fault is Fault.NO_TOTAL:
            del page["messages"][0]["total"]
        if fault is Fault.ERROR_STATUS:
            page["messages"][0]["status"] = "Error : (1) Bad Interval"
        if fault is Fault.NO_POSTS:
            page = {"messages": [{"status": "no posts found"}], "collection": []}
        body = json.dumps(page).encode()
        if fault is Fault.HANG:
            return self.fake.hang()
        status = {Fault.UNAVAILABLE: 503, Fault.TOO_MANY: 429, Fault.FORBIDDEN: 403, Fault.NOT_FOUND: 404}.get(fault, 200)
        if fault is Fault.HTML:
            body = b"<html><body>Checking your browser</body></html>"
        if fault is Fault.EMPTY_BODY:
            body = b""
        if fault is Fault.CUT:
            body = body[: len(body) // 2]
        asks = {"Retry-After": "11"} if fault is Fault.TOO_MANY else {}
        return self.answer(status, body, "application/json", asks, sent=len(body) // 2 if fault is Fault.DROPPED else None)


@dataclass
class FakeBiorxiv(ApiFake):
    """Serves ``records`` of both servers; ``beyond`` are records that it counts but does not have.

    ``requests`` keeps (server, from, to, cursor) of each, ``headers`` what was sent with them.
    """

    handler = _Handler
    records: list[Record]
    faults: list[Fault] = field(default_factory=list)
    page_size: int = 30
    beyond: int = 0
    ignores_cursor: bool = False
    requests: list[tuple[str, str, str, int]] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)

    def page(self, server: str, since: str, until: str, cursor: int) -> Record:
        here = [one for one in self.records if str(one.get("server")).lower() == server and since <= str(one["date"]) <= until]
        shown = here[0 if self.ignores_cursor else cursor :][: self.page_size]
        if not shown:
            return {"messages": [{"status": "no posts found"}], "collection": []}
        message = {
            "status": "ok",
            "category": "all",
            "interval": f"{since}:{until}",
            "funder": "all",
            "cursor": cursor,
            "count": len(shown),
            "count_new_papers": str(sum(str(one["version"]) == "1" for one in here)),
            "total": str(len(here) + self.beyond),
        }
        return {"messages": [message], "collection": shown}
