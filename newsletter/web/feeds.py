"""Feeds: the newest papers of a topic as Atom, in any language the papers are read in."""

from __future__ import annotations

import datetime as dt
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, request

from newsletter.languages import SOURCE_LANGUAGE
from newsletter.publishing.atom import Feed, atom
from newsletter.web.archive import entries_of, newest_of
from newsletter.web.reading import _, paper_language, services

pages = Blueprint("feeds", __name__)

ENTRIES = 100
# A feed of a topic without papers still has to say when it changed.
NEVER = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
MINUTES_15 = 900


@pages.get("/feeds/<slug>.xml")
def topic(slug: str) -> Response:
    the, code = services(), paper_language()
    found = the.catalogue.by_slug.get(slug)
    if found is None:
        abort(404)
    with the.database.reading() as session:
        entries = entries_of(session, newest_of(session, found, most=ENTRIES), topic=found)
    base = the.settings.base_url
    query = "" if code == SOURCE_LANGUAGE else "?" + urlencode({"language": code})
    feed = Feed(
        title=f"{found.name(code)} · {the.settings.site_name}",
        subtitle=_("New papers on %(topic)s", topic=found.name(code)),
        author=the.settings.site_name,
        address=f"{base}/feeds/{slug}.xml{query}",
        page=f"{base}/topics/{slug}{query}",
        base_url=base,
        language=code,
    )
    response = Response(atom(feed, entries, updated=NEVER), mimetype="application/atom+xml")
    response.cache_control.max_age = MINUTES_15
    response.add_etag()
    response.make_conditional(request)
    return response
