"""The words of a paper, and how much each says: tf-idf of title and abstract. Pure.

https://nlp.stanford.edu/IR-book/html/htmledition/tf-idf-weighting-1.html
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from sys import intern

from newsletter.text.tokens import fold, singular, tokens

# A word of the title counts as so many of the abstract: a title says in few words what the paper is about.
TITLE_WEIGHT = 2
# A word that a larger share of papers has says nothing (the first), or is no explanation of why a paper is here (the second).
TOO_COMMON, TOO_COMMON_TO_EXPLAIN = 0.25, 0.05
# A word of so few papers is never too common: where little is stored, the shares above would shut out all words.
NEVER_TOO_COMMON = 5
LONGEST_WORD = 40

Vector = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class TermCounts:
    """The words of a paper: how often each stands there, and its first spelling."""

    counts: Mapping[str, int]
    spelling: Mapping[str, str] = field(repr=False)

    @classmethod
    def of(cls, title: str, abstract: str) -> TermCounts:
        """Words of three letters and more, in lower case and the singular; numbers are left out."""
        counts: Counter[str] = Counter()
        spelling: dict[str, str] = {}
        for text, weight in ((title, TITLE_WEIGHT), (abstract, 1)):
            for token in tokens(text):
                word = _word(token)
                if word:
                    counts[word] += weight
                    spelling.setdefault(word, token)
        return cls(counts, spelling)

    def as_written(self, word: str) -> str:
        """As the paper writes it; in lower case where only its first letter is a capital."""
        token = self.spelling[word]
        return token if any(letter.isupper() for letter in token[1:]) else token.lower()


@dataclass(frozen=True, slots=True)
class Corpus:
    """In how many of ``size`` papers each word stands; an empty one weighs all words alike."""

    papers: Mapping[str, int]
    size: int

    @classmethod
    def of(cls, papers: Iterable[TermCounts]) -> Corpus:
        found: Counter[str] = Counter()
        size = 0
        for paper in papers:
            found.update(paper.counts.keys())
            size += 1
        return cls(found, size)

    def vector(self, term_counts: TermCounts) -> Vector:
        """The words of the paper by weight, of length 1; empty for a paper without words."""
        weights = {
            word: (1 + math.log(count)) * math.log((self.size + 2) / (self.papers.get(word, 0) + 1))
            for word, count in term_counts.counts.items()
            if self.papers.get(word, 0) <= max(NEVER_TOO_COMMON, TOO_COMMON * self.size)
        }
        length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
        return {word: weight / length for word, weight in weights.items()}

    def explains(self, word: str) -> bool:
        """True for a word that so few papers have that it says what a paper is about."""
        most = max(NEVER_TOO_COMMON, TOO_COMMON_TO_EXPLAIN * self.size)
        return word.isalpha() and len(word) <= LONGEST_WORD and self.papers.get(word, 0) <= most


def _word(token: str) -> str:
    word = fold(token)
    if len(word) < 3 or word.isdigit():
        return ""
    return intern(singular(word))
