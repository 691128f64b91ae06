"""Finds topics and categories by what somebody types into a search field: part of a name in any language, or a slug. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache

from newsletter.text.identifiers import ALIASES
from newsletter.topics.categories import slug_of
from newsletter.values.topics import Topic

MOST = 24
# Nobody types more to find a topic.
LONGEST = 100


def found(text: str, topics: Mapping[str, Topic]) -> list[Topic]:
    """Those of ``topics`` (by slug) that have all words of ``text`` in their names, the closest first, `MOST` at most.

    An archive named by its slug brings all of its categories. Nothing for a text without a letter or digit.
    """
    wanted = _plain(text[:LONGEST])
    if not any(sign.isalnum() for sign in wanted):
        return []
    named = topics.get(slug_of(text)) or topics.get(wanted)
    exact = {named.slug: named} | {slug: one for slug, one in topics.items() if one.parent == named.slug} if named else {}
    others = [topic for topic in _fitting(wanted, topics.values()) if topic.slug not in exact]
    return [*exact.values(), *others[: max(0, MOST - len(exact))]]


def _fitting(wanted: str, topics: Iterable[Topic]) -> list[Topic]:
    words = wanted.split()
    fitting = [(topic, name) for topic, name in _named(topics) if all(word in name for word in words)]
    return [topic for topic, _ in sorted(fitting, key=lambda one: _distance(one[1], wanted))]


def _distance(name: str, wanted: str) -> int:
    """How far the names of a topic, a line each, are from what is wanted: the start of one, of a word in one, somewhere."""
    if f"\n{wanted}" in name:
        return 0
    return 1 if f" {wanted}" in name else 2


def _named(topics: Iterable[Topic]) -> list[tuple[Topic, str]]:
    return [(topic, _names(topic.slug, tuple(topic.names.values()))) for topic in topics]


@lru_cache(maxsize=1024)
def _names(slug: str, names: tuple[str, ...]) -> str:
    others = (alias for alias, canonical in ALIASES.items() if canonical == slug)
    return "\n" + "\n".join(map(_plain, (slug, *others, *names)))


def _plain(text: str) -> str:
    """``text`` as it is compared: without case, accents, vowel signs and more than one space."""
    apart = unicodedata.normalize("NFKD", text)
    return " ".join("".join(sign for sign in apart if not unicodedata.combining(sign)).casefold().split())
