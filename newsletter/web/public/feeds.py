"""Feeds of a topic's or an author's newest papers as Atom and JSON Feed, in any language of papers; and a map of the site."""

from __future__ import annotations

import datetime as dt
import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from urllib.parse import quote, urlencode
from xml.sax.saxutils import escape

from flask import Blueprint, Response, abort, current_app, request
from sqlalchemy.orm import Session

from newsletter.archive.feeds.atom import Feed, atom
from newsletter.archive.feeds.json_feed import json_feed
from newsletter.archive.feeds.opml import Listed, opml
from newsletter.collection.store.nodes import has_entries
from newsletter.collection.store.nodes import tree as collection_tree
from newsletter.collection.values import NodeKind
from newsletter.languages import SOURCE_LANGUAGE
from newsletter.papers.store import authors as authors_store
from newsletter.papers.store import papers as papers_store
from newsletter.papers.store.days import refs_by_day
from newsletter.text.author_names import author_key
from newsletter.values.digests import Entry
from newsletter.values.topics import Topic
from newsletter.web.cached_counts import KeptForPapers
from newsletter.web.page_context import gettext_in, paper_language, services
from newsletter.web.public.archive import entries_of, newest_of, topic_of
from newsletter.web.security import TOKEN_PAGES

pages = Blueprint("feeds", __name__)

ENTRIES = 100
# A feed of a topic without papers still has to say when it changed.
NEVER = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
MINUTES_15 = 900
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
# A site map holds 50,000 addresses at most (https://www.sitemaps.org/protocol.html).
MAPPED_DAYS, MOST_MAPPED = 30, 45_000


@dataclass(frozen=True, slots=True)
class Source:
    """What a feed is of: its name, the paths of the feed (without its ending) and of its page, its entries, and a line on it."""

    name: str
    path: str
    page: str
    entries: list[Entry]
    told: str


@pages.get("/feeds/<slug>.<any(xml,json):form>")
def topic(slug: str, form: str) -> Response:
    the, found = services(), topic_of(slug)
    with the.database.reading() as session:
        entries = entries_of(session, newest_of(session, found, most=ENTRIES), topic=found, tldr=form == "json")
    name = found.name(paper_language())
    told = gettext_in(paper_language(), "New papers on %(topic)s") % {"topic": name}
    return _answer(Source(name, f"/feeds/{found.slug}", f"/topics/{found.slug}", entries, told), form)


@pages.get("/feeds/authors/<path:name>.<any(xml,json):form>")
def author(name: str, form: str) -> Response:
    key = author_key(name)
    with services().database.reading() as session:
        found = authors_store.author_of(session, key)
        if found is None:
            abort(404)
        ids = authors_store.papers_of_author(session, key, most=ENTRIES)
        papers = papers_store.papers_by_ids(session, ids)
        entries = entries_of(session, [papers[paper_id] for paper_id in ids if paper_id in papers], tldr=form == "json")
    path = quote(key)
    told = gettext_in(paper_language(), "New by %(name)s") % {"name": found.name}
    return _answer(Source(found.name, f"/feeds/authors/{path}", f"/authors/{path}", entries, told), form)


def _answer(source: Source, form: str) -> Response:
    """The feed in ``form``; programs on pages of others may read the JSON one, which holds nothing of anybody."""
    base, code, name = services().settings.base_url, paper_language(), services().settings.site_name
    query = "" if code == SOURCE_LANGUAGE else "?" + urlencode({"language": code})
    feed = Feed(
        title=f"{source.name} · {name}",
        subtitle=source.told,
        author=name,
        address=f"{base}{source.path}.{form}{query}",
        page=f"{base}{source.page}{query}",
        base_url=base,
        language=code,
        installation=_installation(),
    )
    if form == "xml":
        return _kept(Response(atom(feed, source.entries, updated=NEVER), mimetype="application/atom+xml"))
    response = _kept(Response(json_feed(feed, source.entries), mimetype="application/feed+json"))
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def _installation() -> str:
    """What tells this service from others and stays with it: made of the one key that never changes."""
    key = services().settings.suppression_key.get_secret_value()
    return hmac.new(key.encode(), b"feeds", "sha256").hexdigest()


@pages.get("/feeds/topics.opml")
def topics_opml() -> Response:
    """The feeds of all topics, under the names of their groups."""
    return _kept(feeds_of(services().catalogue.topics))


def feeds_of(topics: Sequence[Topic], authors: Sequence[str] = (), *, language: str = "") -> Response:
    """A list of the feeds of these topics and authors in ``language``, else in the one that papers are shown in."""
    the, code = services(), language or paper_language()
    base, query = the.settings.base_url, "" if code == SOURCE_LANGUAGE else "?" + urlencode({"language": code})
    by_slug = the.topics

    def listed(name: str, path: str, page: str, heading: str = "") -> Listed:
        return Listed(name, f"{base}/feeds/{path}.xml{query}", f"{base}{page}{query}", heading)

    of_topics = [
        listed(one.name(code), one.slug, f"/topics/{one.slug}", by_slug[one.parent].name(code) if one.parent else "")
        for one in topics
    ]
    keys = {quote(key): name for name in authors if (key := author_key(name))}
    of_authors = [listed(name, f"authors/{path}", f"/authors/{path}") for path, name in keys.items()]
    return Response(opml(the.settings.site_name, [*of_topics, *of_authors]), mimetype="text/x-opml")


@pages.get("/sitemap.xml")
def sitemap() -> Response:
    """The pages that search engines may find: front, archive, topics, and the days of a month with their papers."""
    kept: KeptForPapers[bytes] = current_app.extensions["site_map"]
    with services().database.reading() as session:
        also = (*(f"/topics/{one.slug}" for one in services().catalogue.topics), *_collection_mapped(session))
        document = kept.value(session, partial(_site_map, also=also), also=also)
    return _kept(Response(document, mimetype="application/xml"))


def _site_map(session: Session, *, also: Sequence[str]) -> bytes:
    """The document, with the day on which each page last changed where that is known."""
    base = escape(services().settings.base_url)
    mapped = islice(_mapped(session, also), MOST_MAPPED)
    lines = [
        f"<url><loc>{base}{path}</loc>{f'<lastmod>{changed.isoformat()}</lastmod>' if changed else ''}</url>"
        for path, changed in mapped
    ]
    head = f'<?xml version="1.0" encoding="utf-8"?>\n<urlset xmlns="{SITEMAP}">'
    return "\n".join([head, *lines, "</urlset>"]).encode()


def _mapped(session: Session, also: Sequence[str]) -> Iterator[tuple[str, dt.date | None]]:
    """Paths, quoted, with the day on which they last changed, None where nobody knows."""
    days = refs_by_day(session, days=MAPPED_DAYS)
    newest = next(iter(days), None)
    yield from ((path, newest) for path in ("/", "/archive"))
    yield from ((path, newest if path.startswith("/topics/") else None) for path in also)
    for announced, papers in days.items():
        yield f"/archive/{announced.isoformat()}", announced
        yield from ((f"/papers/{quote(ref)}", max(announced, updated.date())) for ref, updated in papers)


def _collection_mapped(session: Session) -> Iterator[str]:
    if has_entries(session):
        yield "/collection"
        yield from (f"/collection/{node.id}" for node in collection_tree(session) if node.kind is NodeKind.ENTRY)


@pages.get("/robots.txt")
def robots() -> Response:
    """Everything public may be read; what a link in a mail leads to is nobody else's."""
    private = (*TOKEN_PAGES, "/admin", "/inbox", "/search")
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in private), f"Sitemap: {services().settings.base_url}/sitemap.xml"]
    return Response("\n".join([*lines, ""]), mimetype="text/plain")


def _kept(response: Response) -> Response:
    """Readers ask every quarter of an hour at most, and get nothing where nothing changed."""
    response.cache_control.max_age = MINUTES_15
    response.add_etag()
    response.make_conditional(request)
    return response
