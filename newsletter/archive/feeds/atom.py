"""Atom feeds (RFC 4287) of entries. Pure: values in, bytes out; knows no database and no request.

Source: https://www.rfc-editor.org/rfc/rfc4287. Content is XHTML-free HTML, escaped once as RFC 4287 section 3.1.1.2 asks.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import quote
from xml.etree import ElementTree as ET

from newsletter.languages import SOURCE_LANGUAGE
from newsletter.text.characters import printable
from newsletter.values.digests import Entry
from newsletter.values.papers import LinkKind, Paper

ATOM = "http://www.w3.org/2005/Atom"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


@dataclass(frozen=True, slots=True)
class Feed:
    """What a feed says of itself; ``address`` is its own URL, ``page`` that of the pages it goes with, both absolute.

    ``installation`` tells this service from others, wherever it stands.
    """

    title: str
    subtitle: str
    author: str
    address: str
    page: str
    base_url: str
    language: str
    installation: str = ""


def atom(feed: Feed, entries: Sequence[Entry], *, updated: dt.datetime) -> bytes:
    """The feed as a document in UTF-8; ``updated`` stands where no entry is newer. No entries make a valid, empty feed."""
    ET.register_namespace("", ATOM)
    root = ET.Element(f"{{{ATOM}}}feed", {XML_LANG: feed.language})
    newest = max((changed_at(entry) for entry in entries), default=updated)
    _text(root, "id", feed_id(feed))
    _text(root, "title", feed.title)
    _text(root, "subtitle", feed.subtitle)
    _text(root, "updated", _time(newest))
    _text(ET.SubElement(root, f"{{{ATOM}}}author"), "name", feed.author)
    _link(root, "self", feed.address, kind="application/atom+xml")
    _link(root, "alternate", feed.page, kind="text/html")
    for entry in entries:
        root.append(_entry(entry, feed))
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def entry_id(paper: Paper) -> str:
    """The id of a paper in every feed: made from the paper alone, so that it stays when the service moves to another host."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"paper:{paper.ref}").urn


def feed_id(feed: Feed) -> str:
    """The id of a feed, made from the installation and the path in it, so that it stays when the host is another one."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"feed:{feed.installation}:{feed.address.removeprefix(feed.base_url)}").urn


def changed_at(entry: Entry) -> dt.datetime:
    """When the entry last changed for a reader of the feed: announced, or a newer version submitted."""
    return max(dt.datetime.combine(entry.paper.announced_on, dt.time(), dt.UTC), entry.paper.updated)


def _entry(entry: Entry, feed: Feed) -> ET.Element:
    paper = entry.paper
    path = f"/papers/{quote(paper.ref)}"
    found = ET.Element(f"{{{ATOM}}}entry", {XML_LANG: entry.language if entry.translated else SOURCE_LANGUAGE})
    _text(found, "id", entry_id(paper))
    _text(found, "title", f"[sample] {entry.title}" if paper.is_sample else entry.title)
    _text(found, "updated", _time(changed_at(entry)))
    _text(found, "published", _time(dt.datetime.combine(paper.announced_on, dt.time(), dt.UTC)))
    for name in paper.authors or (feed.author,):
        _text(ET.SubElement(found, f"{{{ATOM}}}author"), "name", name)
    _link(found, "alternate", f"{feed.base_url}{path}", kind="text/html")
    for category in paper.categories:
        ET.SubElement(found, f"{{{ATOM}}}category", {"term": printable(category)})
    _text(found, "content", content(entry)).set("type", "html")
    return found


def content(entry: Entry) -> str:
    """The entry's body as HTML: abstract, original where it is translated, reason, links. Everything from outside is escaped."""
    paper = entry.paper
    parts = [f"<p>{escape(entry.abstract)}</p>"]
    if entry.translated and entry.language != SOURCE_LANGUAGE:
        parts.append(f'<h4 lang="en">{escape(paper.title)}</h4><p lang="en">{escape(paper.abstract)}</p>')
    if entry.topics:
        parts.append(f"<p>{escape(' · '.join(entry.topics))}</p>")
    links = [(LinkKind(link.kind).value, link.url) for link in paper.links if link.url.startswith(("https://", "http://"))]
    if links:
        shown = " · ".join(f'<a href="{escape(url)}">{escape(kind)}</a>' for kind, url in links)
        parts.append(f"<p>{shown}</p>")
    return printable("".join(parts))


def _time(time: dt.datetime) -> str:
    return time.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _text(parent: ET.Element, name: str, text: str) -> ET.Element:
    child = ET.SubElement(parent, f"{{{ATOM}}}{name}")
    child.text = printable(text)
    return child


def _link(parent: ET.Element, rel: str, href: str, *, kind: str) -> None:
    ET.SubElement(parent, f"{{{ATOM}}}link", {"rel": rel, "href": printable(href), "type": kind})
