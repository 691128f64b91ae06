"""The feed of a journal or a venue (RSS, Atom, JSON Feed), through feedparser and a polite session of our own.

It asks and reads; what is new, and which paper it is, is decided elsewhere. https://www.jsonfeed.org/version/1.1/
"""

from __future__ import annotations

import datetime as dt
import json
import re
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import feedparser

from newsletter.errors import InputError, TemporaryError
from newsletter.http.retrying import with_retries
from newsletter.http.session import TIMEOUTS, PoliteSession, Reply, refusal, words_of
from newsletter.text.html_text import without_html
from newsletter.text.identifiers import parse_ref
from newsletter.text.tex import clean
from newsletter.text.venue_identifiers import doi_in

ACCEPT = "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, */*;q=0.1"
MOST_ITEMS = 2000
LONGEST_TITLE, LONGEST_ABSTRACT, MOST_AUTHORS = 1000, 20_000, 3000
# What declares entities could make a parser build gigabytes of them. A mere DOCTYPE is RSS 0.91's.
_ENTITY = re.compile(rb"<!ENTITY", re.IGNORECASE)
_ROOT = re.compile(rb"<(?:\w+:)?(?:rss|feed|RDF)\b")
_ARXIV = re.compile(r"(?:arxiv\.org/(?:abs|pdf)/|arXiv:\s?|10\.48550/arXiv\.)(?P<id>[\w.-]+(?:/\d{7})?)", re.IGNORECASE)
# What journals put between their papers.
_NO_PAPER = re.compile(
    r"(?:issue information|table of contents|(?:front|back) ?matter|cover(?: image| picture)?|masthead|editorial board|contents"
    r"|index|(?:issue )?publication information|\[?(?:inside )?(?:front|back) cover\]?|calls? for papers)\b.{0,60}",
    re.IGNORECASE,
)
# In front of abstracts in the feeds of publishers.
_LEAD = re.compile(
    r"^\s*(?:abstract:?\s|publication date:.*?(?:abstract:?\s|author\(s\):.*$)"
    r"|[^.]{0,80}, published online: [^;]{0,40}; doi:\S+\s*)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class VenuePaper:
    """What a feed says of a paper; "" and None for what it does not say. ``url`` is there always, ``doi`` in small letters."""

    title: str
    url: str
    venue: str
    authors: tuple[str, ...] = ()
    abstract: str = ""
    doi: str = ""
    arxiv: str = ""
    day: dt.date | None = None


class VenueFeed:
    """A feed at ``url``; ``name`` is what the venue is called, "" for as the feed says. The rest as for FeedSource."""

    def __init__(
        self,
        name: str,
        url: str,
        contact: str,
        wait: Callable[[], None],
        *,
        attempts: int = 3,
        timeouts: tuple[float, float] = TIMEOUTS,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._name, self._url = name, url
        self.host = urlsplit(url).hostname or url
        self._http = PoliteSession(contact, wait, name=name or self.host, accept=ACCEPT, timeouts=timeouts)
        self._attempts, self._sleep = attempts, sleep

    def fetch(self) -> tuple[VenuePaper, ...]:
        """The papers that the feed shows now, each address once.

        Raises: TemporaryError where it still fails after all attempts; PermanentError where it refuses.
        """
        return with_retries(
            lambda: self._read(self._http.ask(self._url)), attempts=self._attempts, sleep=self._sleep, what=self.host
        )

    def close(self) -> None:
        self._http.close()

    def _read(self, reply: Reply) -> tuple[VenuePaper, ...]:
        if reply.status != 200:
            raise refusal(self._name or self.host, reply)
        return read_feed(reply.body, name=self._name, host=self.host)


def read_feed(body: bytes, *, name: str, host: str) -> tuple[VenuePaper, ...]:
    """The papers in the body of a feed. Raises: TemporaryError for one that is none, breaks off, or defines entities."""
    entries = _json_entries(body, host) if body.lstrip()[:1] == b"{" else _xml_entries(body, host)
    venue, records = entries
    found: dict[str, VenuePaper] = {}
    for record in records[:MOST_ITEMS]:
        paper = _paper(record, venue=name or venue or host)
        if paper is not None:
            found.setdefault(paper.url, paper)
    return tuple(found.values())


@dataclass(frozen=True, slots=True)
class _Record:
    title: str
    urls: tuple[str, ...]
    authors: tuple[str, ...]
    text: str
    names: tuple[str, ...]
    day: dt.date | None


def _paper(record: _Record, *, venue: str) -> VenuePaper | None:
    title = clean(without_html(record.title)).rstrip(".")[:LONGEST_TITLE]
    url = next((one for one in record.urls if one.startswith(("https://", "http://")) and len(one) <= 500), "")
    if not title or not url or _NO_PAPER.fullmatch(title):
        return None
    doi = next(filter(None, map(doi_in, (*record.names, *record.urls))), "")
    abstract = _LEAD.sub("", clean(without_html(record.text)))[:LONGEST_ABSTRACT]
    arxiv = _arxiv_id((*record.urls, *record.names))
    return VenuePaper(
        title=title,
        url=url,
        venue=clean(without_html(venue))[:100],
        authors=tuple(dict.fromkeys(filter(None, (clean(without_html(one)) for one in record.authors))))[:MOST_AUTHORS],
        abstract="" if abstract == title else abstract,
        doi="" if doi.startswith("10.48550/arxiv.") else doi,
        arxiv=arxiv,
        day=record.day,
    )


def _arxiv_id(texts: Iterable[str]) -> str:
    for text in texts:
        for found in _ARXIV.finditer(text):
            try:
                return parse_ref(found["id"].rstrip("."))[0]
            except InputError:
                continue
    return ""


# ---------------------------------------------------------------- RSS and Atom


def _xml_entries(body: bytes, host: str) -> tuple[str, list[_Record]]:
    if _ENTITY.search(body) or not _ROOT.search(body[:4000]):
        raise TemporaryError(f"{host} answers with something else than a feed: {words_of(body)}")
    read = feedparser.parse(body, sanitize_html=False, resolve_relative_uris=False)
    if read.bozo and not isinstance(read.get("bozo_exception"), feedparser.CharacterEncodingOverride):
        raise TemporaryError(f"the feed of {host} cannot be read: {type(read.get('bozo_exception')).__name__}")
    return str(read.feed.get("title", "")), [_of_entry(entry) for entry in read.entries]


def _of_entry(entry: Any) -> _Record:
    links = [str(link.get("href", "")) for link in entry.get("links", ()) if link.get("rel", "alternate") == "alternate"]
    names = ("prism_doi", "dc_identifier", "dc_source", "prism_url", "id")
    texts = [str(one.get("value", "")) for one in entry.get("content", ())]
    return _Record(
        title=str(entry.get("title", "")),
        urls=tuple(dict.fromkeys(filter(None, (str(entry.get("link", "")), *links)))),
        authors=tuple(_names_in(entry)),
        text=max([str(entry.get("summary", "")), *texts], key=len),
        names=tuple(str(entry.get(name, "")) for name in names),
        day=_day_of(entry),
    )


def _names_in(entry: Any) -> Iterator[str]:
    names = [str(one.get("name", "")) for one in entry.get("authors", ())]
    for name in names or [str(entry.get("author", ""))]:
        # Several in one field: by semicolons, "and", or commas where each part has two words.
        parts = re.split(r"\s*;\s*|,?\s+and\s+|\s*&\s*", without_html(name))
        for part in parts:
            pieces = [one.strip() for one in part.split(",")]
            yield from pieces if len(pieces) > 1 and all(" " in one for one in pieces) else [part.strip()]


def _day_of(entry: Any) -> dt.date | None:
    for name in ("published_parsed", "updated_parsed", "created_parsed"):
        if (found := entry.get(name)) is not None:
            return dt.date(found.tm_year, found.tm_mon, found.tm_mday)
    return _day(str(entry.get("prism_publicationdate", "") or entry.get("prism_coverdate", "")))


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text.strip()[:10])
    except ValueError:
        return None


# ---------------------------------------------------------------- JSON Feed


def _json_entries(body: bytes, host: str) -> tuple[str, list[_Record]]:
    try:
        feed = json.loads(body)
        items = feed["items"]
        if "jsonfeed.org" not in str(feed.get("version", "")) or not isinstance(items, list):
            raise ValueError("no feed")
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise TemporaryError(f"{host} answers with JSON that is no feed: {words_of(body)}") from error
    return str(feed.get("title") or ""), [_of_item(item) for item in items if isinstance(item, dict)]


def _of_item(item: dict[str, Any]) -> _Record:
    people = item.get("authors") or [item.get("author")]
    return _Record(
        title=_said(item, "title"),
        urls=(_said(item, "url"), _said(item, "external_url")),
        authors=tuple(_said(one, "name") for one in people if isinstance(one, dict)) if isinstance(people, list) else (),
        text=max((_said(item, name) for name in ("summary", "content_text", "content_html")), key=len),
        names=(_said(item, "doi", "_doi"), _said(item, "id")),
        day=_day(_said(item, "date_published", "date_modified")),
    )


def _said(item: dict[str, Any], *names: str) -> str:
    """The first of these that holds something, as a text."""
    return next((str(item[name]) for name in names if isinstance(item.get(name), str | int) and item[name]), "")
