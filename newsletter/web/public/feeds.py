"""Feeds: the newest papers of a topic as Atom and as JSON Feed, in any language the papers are read in; and a map of the site."""

from __future__ import annotations

import datetime as dt
from urllib.parse import quote, urlencode
from xml.etree import ElementTree as ET

from flask import Blueprint, Response, abort, request

from newsletter.archive.feeds.atom import Feed, atom
from newsletter.archive.feeds.json_feed import json_feed
from newsletter.collection.store.nodes import has_entries
from newsletter.collection.store.nodes import tree as collection_tree
from newsletter.collection.values import NodeKind
from newsletter.languages import SOURCE_LANGUAGE
from newsletter.papers.store import papers as papers_store
from newsletter.papers.store.days import days_with_papers
from newsletter.values.digests import Entry
from newsletter.web.page_context import _, paper_language, services
from newsletter.web.public.archive import entries_of, newest_of
from newsletter.web.security import TOKEN_PAGES

pages = Blueprint("feeds", __name__)

ENTRIES = 100
# A feed of a topic without papers still has to say when it changed.
NEVER = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
MINUTES_15 = 900
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
# A site map holds 50,000 addresses at most (https://www.sitemaps.org/protocol.html).
MAPPED_DAYS, MOST_MAPPED = 30, 45_000


@pages.get("/feeds/<slug>.xml")
def topic(slug: str) -> Response:
    feed, entries = _feed(slug, "xml")
    return _kept(Response(atom(feed, entries, updated=NEVER), mimetype="application/atom+xml"))


@pages.get("/feeds/<slug>.json")
def topic_json(slug: str) -> Response:
    feed, entries = _feed(slug, "json")
    return _kept(Response(json_feed(feed, entries), mimetype="application/feed+json"))


def _feed(slug: str, form: str) -> tuple[Feed, list[Entry]]:
    the, code = services(), paper_language()
    found = the.catalogue.by_slug.get(slug)
    if found is None:
        abort(404)
    with the.database.reading() as session:
        entries = entries_of(session, newest_of(session, found, most=ENTRIES), topic=found, tldr=True)
    base = the.settings.base_url
    query = "" if code == SOURCE_LANGUAGE else "?" + urlencode({"language": code})
    feed = Feed(
        title=f"{found.name(code)} · {the.settings.site_name}",
        subtitle=_("New papers on %(topic)s", topic=found.name(code)),
        author=the.settings.site_name,
        address=f"{base}/feeds/{slug}.{form}{query}",
        page=f"{base}/topics/{slug}{query}",
        base_url=base,
        language=code,
    )
    return feed, entries


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
