"""The feeds of what a reader has chosen, as a list for programs that read feeds. It changes nothing.

The list stands behind the reader's link; what is in it are the public addresses of feeds, which name nobody.
"""

from __future__ import annotations

from flask import Blueprint, Response

from newsletter.topics.saved_queries import written
from newsletter.values.saved_queries import Kind
from newsletter.web.page_context import services
from newsletter.web.public.feeds import feeds_of
from newsletter.web.reader.preferences import subscriber_of

pages = Blueprint("own_feeds", __name__)


@pages.get("/preferences/<token>/feeds.opml")
def own(token: str) -> Response:
    """The topics chosen and the authors followed, in the reader's language; other saved queries have no feed."""
    reader, by_slug = subscriber_of(token), services().topics
    topics = [by_slug[slug] for slug in reader.topics if slug in by_slug]
    authors = [written(one) for one in reader.own if one.kind is Kind.AUTHOR]
    response = feeds_of(topics, authors, language=reader.language)
    response.headers["Content-Disposition"] = "attachment; filename=feeds.opml"
    return response
