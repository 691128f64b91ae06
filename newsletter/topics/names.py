"""Finds the topic of the catalogue that a heading of a published list means, by its name alone. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from newsletter.topics.catalogue import Catalogue, is_heading

_PARTS = re.compile(r"\s*(?:[/|,，、;·&]|\band\b)\s*")


def slugs_by_name(catalogue: Catalogue) -> Mapping[str, str]:
    """The slugs by each name that a list may give a topic: the slug, its names in all languages, phrases of one topic only."""
    found: dict[str, str] = {}
    phrases: dict[str, set[str]] = {}
    for topic in catalogue.topics:
        if is_heading(topic):
            continue
        for name in (topic.slug, *topic.names.values()):
            found.setdefault(_plain(name), topic.slug)
        for phrase in topic.strong:
            phrases.setdefault(_plain(phrase), set()).add(topic.slug)
    for name, slugs in phrases.items():
        if len(slugs) == 1:
            found.setdefault(name, next(iter(slugs)))
    found.pop("", None)
    return found


def slug_of_name(name: str, known: Mapping[str, str]) -> str:
    """The slug that ``name`` means as a whole, else the one that its parts agree on; "" for none."""
    whole = known.get(_plain(name))
    if whole:
        return whole
    slugs = {slug for part in _PARTS.split(name) if (slug := known.get(_plain(part)))}
    return slugs.pop() if len(slugs) == 1 else ""


def _plain(name: str) -> str:
    """``name`` without what headings are decorated with: case, spaces, hyphens, emphasis, pictures."""
    return re.sub(r"[\W_]+", "", name.casefold())
