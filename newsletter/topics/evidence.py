"""Finds the catalogue's phrases in a text. Looks runs of tokens up in a table, so that the cost grows with texts plus phrases.

Decides nothing: what the evidence is worth is the matter of ``weighing``.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from newsletter.topics.text import Text, is_acronym, read, spellings, tokens
from newsletter.values import Topic


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


@dataclass(frozen=True, slots=True)
class _Hit:
    first: int
    after: int
    phrase: Phrase


_RANK = {Kind.WEAK: 0, Kind.IN_TITLE: 1, Kind.STRONG: 2, Kind.EXCLUDE: 3}
# A joined word of the catalogue may be written as several in a text ("pointmap", "point map"), so runs are at least this long.
_SHORTEST_RUN = 4


class PhraseIndex:
    """All phrases of all topics by spelling. Immutable once made; safe to share between threads."""

    def __init__(self, topics: Iterable[Topic]) -> None:
        self._folded: defaultdict[str, list[Phrase]] = defaultdict(list)
        self._exact: defaultdict[str, list[Phrase]] = defaultdict(list)
        self._longest = _SHORTEST_RUN
        for topic in topics:
            for kind in Kind:
                for words in getattr(topic, kind.value):
                    self._add(Phrase(topic.slug, kind, words))

    def _add(self, phrase: Phrase) -> None:
        table = self._exact if is_acronym(phrase.words) else self._folded
        for spelling in spellings(phrase.words):
            table[spelling].append(phrase)
        self._longest = max(self._longest, len(tokens(phrase.words)))

    def find(self, text: str, place: str) -> dict[str, list[Evidence]]:
        """The evidence in ``text`` by topic slug; a topic without any is not in it. Order: as first met in the text."""
        hits: defaultdict[str, list[_Hit]] = defaultdict(list)
        for hit in self._hits(read(text)):
            hits[hit.phrase.topic].append(hit)
        return {slug: _counted(_longest_only(found), place) for slug, found in hits.items()}

    def _hits(self, text: Text) -> Iterable[_Hit]:
        folded, exact, raw, low, starts = self._folded, self._exact, text.raw, text.folded, text.starts
        for first, after in text.grams(self._longest):
            begin, end = starts[first], starts[after]
            for phrase in folded.get(low[begin:end], ()):
                yield _Hit(first, after, phrase)
            for phrase in exact.get(raw[begin:end], ()):
                yield _Hit(first, after, phrase)


def _longest_only(hits: list[_Hit]) -> list[_Hit]:
    """Drops each hit within a longer one that ranks as high: what stands within a phrase is told once, exclusions hide words."""
    kept: list[_Hit] = []
    for hit in sorted(hits, key=lambda hit: (hit.first, -hit.after)):
        if not any(_hides(other, hit) for other in kept):
            kept.append(hit)
    return kept


def _hides(other: _Hit, hit: _Hit) -> bool:
    longer = other.first <= hit.first and hit.after <= other.after and (other.first, other.after) != (hit.first, hit.after)
    return longer and _RANK[other.phrase.kind] >= _RANK[hit.phrase.kind]


def _counted(hits: list[_Hit], place: str) -> list[Evidence]:
    counts = Counter((hit.phrase.kind, hit.phrase.words) for hit in hits)
    return [Evidence(kind, words, place, count) for (kind, words), count in counts.items()]
