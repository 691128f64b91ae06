"""arXiv by OAI-PMH, its own way for many papers at once: pages of records, each with a token for the next.

It asks and reads; nothing is stored here. https://info.arxiv.org/help/oa/index.html,
https://www.openarchives.org/OAI/openarchivesprotocol.html
"""

from __future__ import annotations

import datetime as dt
import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from urllib.parse import urlencode
from xml.etree import ElementTree

from newsletter.errors import InputError, NewsletterError, TemporaryError
from newsletter.http.retrying import with_retries
from newsletter.http.session import TIMEOUTS, PoliteSession, Reply, refusal, words_of
from newsletter.papers.arxiv.entries import was_withdrawn
from newsletter.papers.arxiv.feeds import authors_in
from newsletter.papers.calendar import announcement_day
from newsletter.text.html_text import without_html
from newsletter.text.identifiers import canonical_category, parse_ref
from newsletter.text.tex import clean
from newsletter.values.papers import Paper

PREFIX = "arXivRaw"
_OAI = "{http://www.openarchives.org/OAI/2.0/}"
_RAW = "{http://arxiv.org/OAI/arXivRaw/}"
# Archives whose set is that of physics.
_PHYSICS = re.compile(r"astro-ph|cond-mat|gr-qc|hep-|math-ph|nlin|nucl-|quant-ph|physics")
_DECLARATION = re.compile(rb"<!(?:DOCTYPE|ENTITY)")


class TokenError(NewsletterError):
    """A resumption token is known no more: those of arXiv last a day. The list begins anew."""


@dataclass(frozen=True, slots=True)
class Records:
    """A page of a list: its papers, the count of its records, the token of the next page ("" for none), the count of the list."""

    papers: tuple[Paper, ...]
    count: int
    token: str = ""
    total: int = 0


def sets_of(categories: Iterable[str]) -> tuple[str, ...]:
    """The sets that hold these categories: cs, math, physics …"""
    archives = (category.partition(".")[0] for category in categories)
    return tuple(sorted({"physics" if _PHYSICS.match(archive) else archive for archive in archives}))


class OaiSource:
    """The repository at ``url``; contact, ``wait``, attempts and time-outs as for ArxivSource."""

    def __init__(
        self,
        url: str,
        contact: str,
        wait: Callable[[], None],
        *,
        attempts: int = 6,
        timeouts: tuple[float, float] = TIMEOUTS,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._http = PoliteSession(contact, wait, name="arXiv's OAI-PMH", accept="text/xml", timeouts=timeouts)
        self._url, self._attempts, self._sleep = url, attempts, sleep

    def records(self, of_set: str, since: dt.date, until: dt.date) -> Records:
        """The first page of what changed on these days (inclusive). Raises as ``more`` does."""
        return self._page({"metadataPrefix": PREFIX, "set": of_set, "from": since.isoformat(), "until": until.isoformat()})

    def more(self, token: str) -> Records:
        """The page behind ``token``.

        Raises: TemporaryError where the server still fails after all attempts; TokenError where it knows the token no more;
        PermanentError where it refuses.
        """
        return self._page({"resumptionToken": token})

    def close(self) -> None:
        self._http.close()

    def _page(self, query: Mapping[str, str]) -> Records:
        url = f"{self._url}?{urlencode({'verb': 'ListRecords', **query})}"
        return with_retries(lambda: _read(self._http.ask(url)), attempts=self._attempts, sleep=self._sleep, what="OAI-PMH")


def _read(reply: Reply) -> Records:
    if reply.status != 200:
        raise refusal("arXiv's OAI-PMH", reply)
    root = _parsed(reply.body)
    fault, listed = root.find(f"{_OAI}error"), root.find(f"{_OAI}ListRecords")
    if fault is not None:
        return _without_records(fault)
    if listed is None:
        raise _no_records(reply.body)
    records = listed.findall(f"{_OAI}record")
    token, total = _next_page(listed.find(f"{_OAI}resumptionToken"))
    return Records(tuple(filter(None, map(_paper, records))), len(records), token, total)


def _parsed(body: bytes) -> ElementTree.Element:
    if _DECLARATION.search(body):
        raise _no_records(body)
    try:
        return ElementTree.fromstring(body)  # noqa: S314 - what defines entities was refused
    except ElementTree.ParseError as error:
        raise _no_records(body) from error


def _no_records(body: bytes) -> TemporaryError:
    return TemporaryError(f"arXiv's OAI-PMH answers with something else than a whole list of records: {words_of(body)}")


def _next_page(element: ElementTree.Element | None) -> tuple[str, int]:
    """The token of the next page, "" for none, and how many records the list has, 0 where nobody says so."""
    if element is None:
        return "", 0
    total = element.get("completeListSize", "")
    return (element.text or "").strip(), int(total) if total.isascii() and total.isdecimal() and len(total) < 10 else 0


def _without_records(fault: ElementTree.Element) -> Records:
    code, words = fault.get("code", ""), " ".join((fault.text or "").split())[:200]
    if code == "noRecordsMatch":
        return Records((), 0)
    if code == "badResumptionToken":
        raise TokenError(f"arXiv's OAI-PMH knows the place no more where it was left ({words})")
    raise InputError(f"arXiv's OAI-PMH refuses the query: {code} {words}".strip())


def _paper(record: ElementTree.Element) -> Paper | None:
    """A record as a paper of its newest version; None for one that was deleted, or says too little."""
    raw = record.find(f"{_OAI}metadata/{_RAW}arXivRaw")
    if raw is None:
        return None
    said = {child.tag.removeprefix(_RAW): " ".join((child.text or "").split()) for child in raw}
    times = [_time(one.findtext(f"{_RAW}date", "")) for one in raw.findall(f"{_RAW}version")]
    title, abstract = clean(without_html(said.get("title", ""))), clean(without_html(said.get("abstract", "")))
    try:
        ref = parse_ref(said.get("id", ""))[0]
    except InputError:
        return None
    if not title or not times or times[0] is None or times[-1] is None:
        return None
    comment = clean(said.get("comments", ""))
    return Paper(
        ref=ref,
        version=len(times),
        title=title,
        abstract=abstract,
        authors=authors_in(re.sub(r",?\s+and\s+", ", ", said.get("authors", ""))),
        categories=tuple(dict.fromkeys(map(canonical_category, said.get("categories", "").split()))),
        submitted=times[0],
        updated=times[-1],
        announced_on=announcement_day(times[0]),
        comment=comment,
        doi=clean(said.get("doi", "")),
        journal_ref=clean(said.get("journal-ref", "")),
        withdrawn=was_withdrawn(comment, abstract),
    )


def _time(text: str) -> dt.datetime | None:
    try:
        found = parsedate_to_datetime(text).astimezone(dt.UTC)
    except (ValueError, TypeError, OverflowError):
        return None
    return found if 1991 <= found.year <= 2199 else None
