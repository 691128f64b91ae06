"""What an address narrows papers to, read and written: ``topic``, ``category``, ``code=1``, ``venue=1``, ``translated=1``.

Forms with these fields are sent by GET, so filters work without a script and stand in an address that can be shared.
"""

from __future__ import annotations

from flask import request

from newsletter.languages import SOURCE_LANGUAGE
from newsletter.values.paper_filter import PaperFilter
from newsletter.values.topics import Topic
from newsletter.web.page_context import paper_language, services
from newsletter.web.public.archive import topic_of

FIELDS = ("topic", "category", "code", "venue", "translated")
LONGEST = 64


def asked_filter() -> PaperFilter:
    """The filter in the address. A topic that is none is no page; a category that no paper has finds nothing."""
    slug = request.args.get("topic", "")
    return PaperFilter(
        topics=tuple(topic.slug for topic in topic_and_below(slug)) if slug else (),
        category=request.args.get("category", "")[:LONGEST],
        code=bool(request.args.get("code")),
        venue=bool(request.args.get("venue")),
        translated=paper_language() if request.args.get("translated") and paper_language() != SOURCE_LANGUAGE else "",
    )


def asked_topic() -> Topic | None:
    """The topic in the address."""
    return topic_of(request.args["topic"]) if request.args.get("topic") else None


def topic_and_below(slug: str) -> list[Topic]:
    """The topic or category of this slug with those under it; for anything else there is no page."""
    upper = topic_of(slug)
    return [topic for topic in services().topics.values() if upper.slug in (topic.slug, topic.parent)]


def kept_fields() -> list[tuple[str, str]]:
    """The filter's fields as they stand in the address, for links and forms that keep it."""
    return [(name, request.args[name][:LONGEST]) for name in FIELDS if request.args.get(name)]
