"""The announcement feed of a category, through feedparser and a polite session of our own.

It asks and reads; what follows from a feed is decided in ``announcements``. Specification:
https://info.arxiv.org/help/rss_specifications.html
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import feedparser
import structlog

from newsletter.errors import InputError, TemporaryError
from newsletter.http.retrying import with_retries
from newsletter.http.session import TIMEOUTS, PoliteSession, Reply, refusal, words_of
from newsletter.papers.announcements import AnnounceType, Item, Shown
from newsletter.text.html_text import without_html
from newsletter.text.identifiers import canonical_category, parse_ref
from newsletter.text.tex import clean

# https://info.arxiv.org/help/rss.html: at most 2,000 rows, and the cut drops new papers first.
MOST_ROWS = 2000
ACCEPT = "application/rss+xml, application/xml;q=0.9, */*;q=0.1"

log = structlog.get_logger(__name__)
# A feed begins with one of these; what declares entities could make a parser build gigabytes of them.
_ROOT, _DECLARATION = re.compile(rb"<(?:rss|feed)"), re.compile(rb"<!(?:DOCTYPE|ENTITY)")
_PREFIX = re.compile(r"\s*arXiv:\S+\s+Announce Type:\s*\S+\s*(?:Abstract:\s*)?", re.IGNORECASE)
_CATEGORY = re.compile(r"[a-z-]{1,20}(?:\.[A-Za-z-]{1,20})?")
_NOTES = re.compile(r"\s*\([^()]*\)")
_SUFFIXES = frozenset({"Jr", "Jr.", "Sr", "Sr.", "II", "III", "IV"})


class FeedSource:
    """The feeds under ``feed_url``; contact, ``wait`` and time-outs as for PoliteSession, ``attempts`` as for ArxivSource."""

    def __init__(
        self,
        feed_url: str,
        contact: str,
        wait: Callable[[], None],
        *,
        attempts: int = 4,
        timeouts: tuple[float, float] = TIMEOUTS,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._http = PoliteSession(contact, wait, accept=ACCEPT, timeouts=timeouts)
        self._url = feed_url
        self._attempts = attempts
        self._sleep = sleep

    def ask(self, category: str, *, etag: str = "") -> Shown | None:
        """What the feed of a category shows; None where it is unchanged since the answer that bore ``etag``.

        Raises: TemporaryError where it still fails after all attempts, as UnreachableError where no connection came about;
        PermanentError where arXiv knows no such feed.
        """
        url = f"{self._url}/{quote(category)}"
        headers = {"If-None-Match": etag} if etag else {}

        def once() -> Shown | None:
            reply = self._http.ask(url, headers)
            return None if etag and reply.status == 304 else _shown(reply)

        return with_retries(once, attempts=self._attempts, sleep=self._sleep, what=category)

    def close(self) -> None:
        self._http.close()


def _shown(reply: Reply) -> Shown:
    if reply.status != 200:
        raise refusal("arXiv's feed", reply)
    etag = reply.headers.get("ETag", "").strip()
    return Shown(read_items(reply.body), etag if etag.isprintable() and len(etag) <= 200 else "")


def read_items(body: bytes) -> tuple[Item, ...]:
    """The papers that a feed (RSS or Atom) names, each key once; an entry that names none is left out and counted in the log.

    Raises: TemporaryError for a body that is no whole feed, or declares entities: those of arXiv never do.
    """
    if not body.strip():
        raise TemporaryError("arXiv's feed is an empty body")
    if _DECLARATION.search(body) or not _ROOT.search(body[:2000]):
        raise TemporaryError(f"arXiv's feed is something else than a feed: {words_of(body)}")
    read = feedparser.parse(body, sanitize_html=False, resolve_relative_uris=False)
    if read.bozo:
        raise TemporaryError(f"arXiv's feed cannot be read: {type(read.get('bozo_exception')).__name__}")
    items = [_item(entry) for entry in read.entries]
    named = {item.key: item for item in items if item is not None}
    if missing := sum(item is None for item in items):
        log.warning("feed_entries_unreadable", unreadable=missing, entries=len(items))
    return tuple(named.values())


def _item(entry: Any) -> Item | None:
    try:
        ref, version = parse_ref(str(entry.get("id", "")))
        kind = AnnounceType(str(entry.get("arxiv_announce_type", "")).strip().lower())
    except (InputError, ValueError):
        return None
    title = clean(without_html(str(entry.get("title", ""))))
    if not title:
        return None
    names = [str(tag.get("term") or "") for tag in entry.get("tags", ())]
    return Item(
        ref=ref,
        version=version or 1,
        type=kind,
        title=title,
        abstract=clean(without_html(_PREFIX.sub("", str(entry.get("summary", "")), count=1))),
        authors=authors_in(str(entry.get("author", ""))),
        categories=tuple(dict.fromkeys(canonical_category(name) for name in names if _CATEGORY.fullmatch(name))),
    )


def authors_in(text: str) -> tuple[str, ...]:
    """The names in one comma-joined string, without affiliations in brackets; "Jr." stays with its name."""
    for _ in range(3):  # brackets in brackets
        text = _NOTES.sub("", text)
    names: list[str] = []
    for name in (clean(part) for part in text.split(",")):
        if name in _SUFFIXES and names:
            names[-1] += f", {name}"
        elif name:
            names.append(name)
    return tuple(names)
