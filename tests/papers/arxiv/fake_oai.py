"""A fake of arXiv's OAI-PMH: a real HTTP server that lists records in pages with resumption tokens, and misbehaves when told to.

fake = FakeOai([some_paper(1)], page_size=2)
with fake as url: ...
fake.faults += ["503", "cut", "token"]   # the next requests get these, one each, in order
"""

from __future__ import annotations

import datetime as dt
from email.utils import format_datetime
from html import escape
from urllib.parse import parse_qs, urlsplit

from tests.http_fake import ApiFake, Handler
from tests.papers.arxiv.fake_query_api import FakePaper

HEAD = '<?xml version="1.0" encoding="UTF-8"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2026-11-20T08:00:00Z</responseDate>'
RAW = '<arXivRaw xmlns="http://arxiv.org/OAI/arXivRaw/">'


class _Handler(Handler):
    def do_GET(self) -> None:
        query = {name: found[0] for name, found in parse_qs(urlsplit(self.path).query).items()}
        self.fake.requests.append(query)
        fault = self.fake.faults.pop(0) if self.fake.faults else ""
        if fault == "503":
            self.answer(503, b"wait", "text/plain", {"Retry-After": "7"})
            return
        body = (
            HEAD + (error("badResumptionToken", "expired") if fault == "token" else self.fake.listed(query)) + "</OAI-PMH>"
        ).encode()
        self.answer(200, body[: len(body) // 2] if fault == "cut" else body, "text/xml; charset=utf-8")


class FakeOai(ApiFake):
    """A repository of ``papers``, each changed on the day of its newest version; ``deleted`` are headers without a record."""

    handler = _Handler
    root = "/oai"

    def __init__(self, papers: list[FakePaper], *, page_size: int = 1000, deleted: int = 0) -> None:
        self.papers, self.page_size, self.deleted = list(papers), page_size, deleted
        self.faults: list[str] = []
        self.requests: list[dict[str, str]] = []

    def listed(self, query: dict[str, str]) -> str:
        if query.get("verb") != "ListRecords":
            return error("badVerb", "")
        if token := query.get("resumptionToken"):
            of_set, since, until, place = token.split("|")
        else:
            of_set, since, until, place = query["set"], query["from"], query["until"], "0"
        first, last = dt.date.fromisoformat(since), dt.date.fromisoformat(until)
        found = [
            one for one in self.papers if first <= changed(one) <= last and any(c.startswith(of_set) for c in one.categories)
        ]
        if not found:
            return error("noRecordsMatch", "")
        start = int(place)
        page = found[start : start + self.page_size]
        after = start + len(page)
        more = f"{of_set}|{since}|{until}|{after}" if after < len(found) else ""
        token_of = f'<resumptionToken cursor="{start}" completeListSize="{len(found)}">{more}</resumptionToken>'
        gone = '<record><header status="deleted"><identifier>oai:arXiv.org:1</identifier></header></record>' * self.deleted
        return f"<ListRecords>{''.join(map(record, page))}{gone}{token_of}</ListRecords>"


def changed(one: FakePaper) -> dt.date:
    return (one.updated or one.submitted).date()


def error(code: str, words: str) -> str:
    return f'<error code="{code}">{words}</error>'


def record(one: FakePaper) -> str:
    times = [one.submitted] * (one.version - 1) + [one.updated or one.submitted]
    times[0] = one.submitted
    versions = "".join(
        f'<version version="v{n}"><date>{format_datetime(at, usegmt=True)}</date><size>1kb</size></version>'
        for n, at in enumerate(times, 1)
    )
    texts = {
        "id": one.ref,
        "title": one.title,
        "authors": ", ".join(one.authors[:-1]) + " and " + one.authors[-1],
        "categories": " ".join(one.categories),
        "comments": one.comment,
        "doi": one.doi,
        "abstract": f"  {one.abstract}\n",
    }
    said = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in texts.items() if text.strip())
    header = f"<header><identifier>oai:arXiv.org:{one.ref}</identifier><datestamp>{changed(one)}</datestamp></header>"
    return f"<record>{header}<metadata>{RAW}{versions}{said}</arXivRaw></metadata></record>"
