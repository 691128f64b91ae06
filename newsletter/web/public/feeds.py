"""Feeds of a topic's or an author's newest papers as Atom and JSON Feed, in any language of papers; and a map of the site."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from urllib.parse import quote, urlencode
from xml.etree import ElementTree as ET

from flask import Blueprint, Response, abort, request

from newsletter.archive.feeds.atom import Feed, atom
from newsletter.archive.feeds.json_feed import json_feed
from newsletter.collection.store.nodes import has_entries
from newsletter.collection.store.nodes import tree as collection_tree
from newsletter.collection.values import NodeKind
from newsletter.languages import SOURCE_LANGUAGE
from newsletter.papers.store import authors as authors_store
from newsletter.papers.store import papers as papers_store
from newsletter.papers.store.days import days_with_papers
from newsletter.text.author_names import author_key
from newsletter.values.digests import Entry
from newsletter.web.page_context import _, paper_language, services
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
        entries = entries_of(session, newest_of(session, found, most=ENTRIES), topic=found, tldr=True)
    name = found.name(paper_language())
    told = _("New papers on %(topic)s", topic=name)
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
        entries = entries_of(session, [papers[paper_id] for paper_id in ids if paper_id in papers], tldr=True)
    path = quote(key)
    told = _("New by %(name)s", name=found.name)
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
    )
    if form == "xml":
        return _kept(Response(atom(feed, source.entries, updated=NEVER), mimetype="application/atom+xml"))
    response = _kept(Response(json_feed(feed, source.entries), mimetype="application/feed+json"))
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


@pages.get("/sitemap.xml")
def sitemap() -> Response:
    """The pages that search engines may find: front, archive, topics, and the days of a month with their papers."""
    the = services()
    paths = ["/", "/archive", *(f"/topics/{one.slug}" for one in the.catalogue.topics)]
    with the.database.reading() as session:
        for announced, _count in days_with_papers(session, limit=MAPPED_DAYS):
            papers = papers_store.papers_announced(session, announced)
            paths += [f"/archive/{announced.isoformat()}", *(f"/papers/{quote(paper.ref)}" for paper in papers)]
        if has_entries(session):
            nodes = collection_tree(session)
            paths += ["/collection", *(f"/collection/{node.id}" for node in nodes if node.kind is NodeKind.ENTRY)]
    root = ET.Element("urlset", {"xmlns": SITEMAP})
    for path in paths[:MOST_MAPPED]:
        ET.SubElement(ET.SubElement(root, "url"), "loc").text = f"{the.settings.base_url}{path}"
    return _kept(Response(ET.tostring(root, encoding="utf-8", xml_declaration=True), mimetype="application/xml"))


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
