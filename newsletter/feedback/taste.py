"""What a reader's feedback says of papers they have not seen: a linear model on weighted words, one for each reader. Pure.

Rocchio's centroids (https://nlp.stanford.edu/IR-book/html/htmledition/the-rocchio71-algorithm-1.html) on tf-idf of title and
abstract: towards what the reader wants more of, away from what they want less of and from what their topics bring anyway. It was
chosen on twenty made-up readers of seven recorded days, against a logistic regression, word pairs and other weights; a test tries
it on ten others.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from sys import intern

from newsletter.feedback.opinions import Say
from newsletter.showing import Because
from newsletter.text.tokens import fold, singular, tokens
from newsletter.values.leaning import Leaning, deviation

AWAY = 0.5
# A title says in few words what the paper is about.
TITLE = 2
# A word of more papers than this says nothing; one of more than that tells nobody why a paper is here.
TOO_COMMON, TOO_COMMON_TO_TELL = 0.25, 0.05
# So many papers are never too many, where there are few at all.
FEW = 5
# So far above what else is new to the reader a paper's lean is told, in standard deviations.
TOLD_FROM = 0.8
LONGEST_WORD = 40

Vector = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Bag:
    """The words of a paper: how often each stands there, and its first spelling."""

    counts: Mapping[str, int]
    spelling: Mapping[str, str] = field(repr=False)

    @classmethod
    def of(cls, title: str, abstract: str) -> Bag:
        """Words of three letters and more, in lower case and the singular; numbers are left out."""
        counts: Counter[str] = Counter()
        spelling: dict[str, str] = {}
        for text, weight in ((title, TITLE), (abstract, 1)):
            for token in tokens(text):
                word = _word(token)
                if word:
                    counts[word] += weight
                    spelling.setdefault(word, token)
        return cls(counts, spelling)


@dataclass(frozen=True, slots=True)
class Corpus:
    """In how many of ``size`` papers each word stands; an empty one weighs all words alike."""

    papers: Mapping[str, int]
    size: int

    @classmethod
    def of(cls, bags: Iterable[Bag]) -> Corpus:
        found: Counter[str] = Counter()
        size = 0
        for bag in bags:
            found.update(bag.counts.keys())
            size += 1
        return cls(found, size)

    def vector(self, bag: Bag) -> Vector:
        """The words of the paper by weight, of length 1; empty for a paper without words."""
        weights = {
            word: (1 + math.log(count)) * math.log((self.size + 2) / (self.papers.get(word, 0) + 1))
            for word, count in bag.counts.items()
            if self.papers.get(word, 0) <= max(FEW, TOO_COMMON * self.size)
        }
        length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
        return {word: weight / length for word, weight in weights.items()}

    def tells(self, word: str) -> bool:
        """True for a word that few enough papers have to say what one is about."""
        return (
            word.isalpha() and len(word) <= LONGEST_WORD and self.papers.get(word, 0) <= max(FEW, TOO_COMMON_TO_TELL * self.size)
        )


def leaning(
    said: Sequence[tuple[int, Say]],
    new: Collection[int],
    *,
    bags: Mapping[int, Bag],
    vectors: Mapping[int, Vector],
    corpus: Corpus,
) -> Leaning:
    """The leaning of a reader who ``said`` this towards the papers that are ``new`` to them; papers without a bag have none.

    ``vectors`` are those of the bags by ``corpus``.
    """
    liked = [paper_id for paper_id, say in said if say is Say.MORE and paper_id in bags]
    disliked = [paper_id for paper_id, say in said if say is Say.LESS and paper_id in bags]
    known = [paper_id for paper_id in new if paper_id in bags]
    weights = _weights(*([vectors[paper_id] for paper_id in ids] for ids in (liked, disliked, known)))
    raw = {paper_id: sum(weights.get(word, 0.0) * part for word, part in vectors[paper_id].items()) for paper_id in known}
    lean = _standardised(raw)
    shared = Counter(word for paper_id in liked for word in bags[paper_id].counts)
    because: dict[int, Because] = {}
    for paper_id in known:
        if lean[paper_id] >= TOLD_FROM:
            parts = {word: weights.get(word, 0.0) * part for word, part in vectors[paper_id].items() if shared[word]}
            word = max((word for word in parts if parts[word] > 0 and corpus.tells(word)), key=parts.__getitem__, default="")
            if word:
                because[paper_id] = Because(_written(bags[paper_id].spelling[word]), shared[word])
    weight = len(liked) + len(disliked) / 2
    return Leaning(lean, weight / (weight + 1), because)


def _weights(liked: Sequence[Vector], disliked: Sequence[Vector], new: Sequence[Vector]) -> Vector:
    weights: Counter[str] = Counter()
    # What is new is a background only to likes: without any, "away from all that comes" would be all that is left.
    for vectors, share in ((liked, 1.0), (disliked, -AWAY), (new if liked else (), -AWAY)):
        for vector in vectors:
            for word, part in vector.items():
                weights[word] += share * part / len(vectors)  # type: ignore[assignment]  # a Counter of fractions
    return weights


def _standardised(raw: Mapping[int, float]) -> dict[int, float]:
    mean, spread = math.fsum(raw.values()) / max(1, len(raw)), deviation(raw.values())
    # Sums may differ in their last digits, and orders shall not.
    return {paper_id: round((value - mean) / spread, 6) if spread > 1e-12 else 0.0 for paper_id, value in raw.items()}


def _word(token: str) -> str:
    word = fold(token)
    if len(word) < 3 or word.isdigit():
        return ""
    return intern(singular(word))


def _written(token: str) -> str:
    """As the paper writes it; in lower case where only its first letter is a capital."""
    return token if any(letter.isupper() for letter in token[1:]) else token.lower()
