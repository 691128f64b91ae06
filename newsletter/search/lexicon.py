"""How common the terms of the index are among the newest papers, and so which papers are alike. Pure.

tf-idf: https://nlp.stanford.edu/IR-book/html/htmledition/tf-idf-weighting-1.html
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from newsletter.search.terms import BREAK

# A term of the title counts as so many of the abstract.
TITLE_WEIGHT = 3
# A term that a larger share of papers has does not tell them apart, unless it is of very few.
TOO_COMMON, NEVER_TOO_COMMON = 0.1, 5
# The least that papers share that are alike, and how many different terms an abstract has.
LEAST_SHARE, USUAL_TERMS = 0.06, 100


@dataclass(frozen=True, slots=True)
class Lexicon:
    """In how many of ``size`` papers each term of the index stands."""

    papers: Mapping[str, int] = field(default_factory=dict)
    size: int = 0

    def weight(self, term: str) -> float:
        """How much a term tells (idf); 0 for one that is too common."""
        count = self.papers.get(term, 0)
        return 0.0 if count > max(NEVER_TOO_COMMON, TOO_COMMON * self.size) else math.log((self.size + 2) / (count + 1))


def lexicon(texts: Iterable[str]) -> Lexicon:
    """The lexicon of texts as the index has them."""
    found: Counter[str] = Counter()
    size = 0
    for text in texts:
        found.update(set(text.split()))
        size += 1
    return Lexicon(found, size)


def vector(words: str, known: Lexicon) -> dict[str, float]:
    """The terms of an indexed text by weight, of length 1; empty where none tells anything."""
    title, _, rest = words.partition(f" {BREAK} ")
    counts = Counter(rest.split())
    for term in title.split():
        counts[term] += TITLE_WEIGHT
    weights = {term: (1 + math.log(count)) * weight for term, count in counts.items() if (weight := known.weight(term)) > 0}
    length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
    return {term: weight / length for term, weight in weights.items()}


def telling_terms(words: str, known: Lexicon, *, most: int) -> list[str]:
    """The ``most`` terms that tell most of an indexed text; those that no other paper has find nothing and are left out."""
    weights = vector(words, known)
    shared = [term for term in weights if known.papers.get(term, 0) > 1]
    return sorted(shared, key=lambda term: (-weights[term], term))[:most]


def alike(words: str, others: Mapping[int, str], known: Lexicon, *, most: int) -> list[int]:
    """The keys of the ``most`` indexed texts that share most of what tells ``words`` from others, the best first.

    The share is of weights squared, and a long text shares more by accident: its size counts as in BM25.
    """
    own = {term: weight * weight for term, weight in vector(words, known).items()}
    scores = {key: _shared(own, set(other.split())) for key, other in others.items()}
    return sorted((key for key, score in scores.items() if score >= LEAST_SHARE), key=lambda key: (-scores[key], -key))[:most]


def _shared(own: Mapping[str, float], other: set[str]) -> float:
    shared = own.keys() & other
    # One word in common is an accident.
    return sum(own[term] for term in shared) * USUAL_TERMS / (USUAL_TERMS + len(other)) if len(shared) > 1 else 0.0
