"""Finds the catalogue's phrases in a text, all of them at once, so that the cost grows with texts plus phrases.

Decides nothing: what the evidence is worth is the matter of ``weighing``.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from newsletter.text.tokens import Text
from newsletter.topics.phrase_automaton import Hit, Patterns
from newsletter.values.topics import Topic


class Kind(StrEnum):
    """Which list of a topic a phrase stands in."""

    STRONG = "strong"
    IN_TITLE = "in_title"
    WEAK = "weak"
    EXCLUDE = "exclude"


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase as the catalogue spells it, of one topic."""

    topic: str
    kind: Kind
    words: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """A phrase found ``count`` times in ``place`` ("title" or "abstract"), outside of longer phrases of the same topic."""

    kind: Kind
    words: str
    place: str
    count: int


_RANK = {Kind.WEAK: 0, Kind.IN_TITLE: 1, Kind.STRONG: 2, Kind.EXCLUDE: 3}


class PhraseIndex:
    """All phrases of all topics by spelling. Immutable once made; safe to share between threads."""

    def __init__(self, topics: Iterable[Topic]) -> None:
        self._patterns: Patterns[Phrase] = Patterns()
        for topic in topics:
            for kind in Kind:
                for words in getattr(topic, kind.value):
                    self._patterns.add(words, Phrase(topic.slug, kind, words))

    def find(self, text: Text, place: str) -> dict[str, list[Evidence]]:
        """The evidence in ``text`` by topic slug; a topic without any is not in it. Order: as first met in the text."""
        hits: defaultdict[str, list[Hit[Phrase]]] = defaultdict(list)
        for hit in self._patterns.hits(text):
            hits[hit.value.topic].append(hit)
        return {slug: _counted(_longest_only(found), place) for slug, found in hits.items()}


def _longest_only(hits: list[Hit[Phrase]]) -> list[Hit[Phrase]]:
    """Drops each hit within a longer one that ranks as high: what stands within a phrase is told once, exclusions hide words."""
    kept: list[Hit[Phrase]] = []
    for hit in sorted(hits, key=lambda hit: (hit.first, -hit.after)):
        if not any(_hides(other, hit) for other in kept):
            kept.append(hit)
    return kept


def _hides(other: Hit[Phrase], hit: Hit[Phrase]) -> bool:
    longer = other.first <= hit.first and hit.after <= other.after and (other.first, other.after) != (hit.first, hit.after)
    return longer and _RANK[other.value.kind] >= _RANK[hit.value.kind]


def _counted(hits: list[Hit[Phrase]], place: str) -> list[Evidence]:
    counts = Counter((hit.value.kind, hit.value.words) for hit in hits)
    return [Evidence(kind, words, place, count) for (kind, words), count in counts.items()]
