"""JSON Feed 1.1 of entries: https://www.jsonfeed.org/version/1.1/. Pure; the same content as the Atom feed."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from newsletter.archive.feeds.atom import Feed, changed_at, content, entry_id
from newsletter.languages import SOURCE_LANGUAGE
from newsletter.text.characters import printable
from newsletter.values.digests import Entry

VERSION = "https://jsonfeed.org/version/1.1"


def json_feed(feed: Feed, entries: Sequence[Entry]) -> bytes:
    """The feed as a document in UTF-8. No entries make a valid, empty feed."""
    document = {
        "version": VERSION,
        "title": printable(feed.title),
        "description": printable(feed.subtitle),
        "home_page_url": feed.page,
        "feed_url": feed.address,
        "language": feed.language,
        "authors": [{"name": feed.author}],
        "items": [_item(entry, feed) for entry in entries],
    }
    # A lone surrogate, which no UTF-8 can hold, is written as a question mark.
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _item(entry: Entry, feed: Feed) -> dict[str, Any]:
    paper, page = entry.paper, f"{feed.base_url}/papers/{quote(entry.paper.ref)}"
    item = {
        "id": entry_id(paper),
        "url": page,
        "title": printable(f"[sample] {entry.title}" if paper.is_sample else entry.title),
        "content_html": content(entry),
        "date_published": dt.datetime.combine(paper.announced_on, dt.time(), dt.UTC).isoformat(),
        "date_modified": changed_at(entry).isoformat(),
        "authors": [{"name": printable(name)} for name in paper.authors],
        "tags": [printable(tag) for tag in (*entry.topics, *paper.categories)],
        "language": entry.language if entry.translated else SOURCE_LANGUAGE,
    }
    return item | ({"summary": printable(entry.tldr)} if entry.tldr else {})
