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

from newsletter.ranking.opinions import Say
from newsletter.text.tokens import fold, singular, tokens
from newsletter.values.affinity import Affinity, deviation
from newsletter.values.readers import Explanation

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
class TermCounts:
    """The words of a paper: how often each stands there, and its first spelling."""

    counts: Mapping[str, int]
    spelling: Mapping[str, str] = field(repr=False)

    @classmethod
    def of(cls, title: str, abstract: str) -> TermCounts:
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
    def of(cls, bags: Iterable[TermCounts]) -> Corpus:
        found: Counter[str] = Counter()
        size = 0
        for term_counts in bags:
            found.update(term_counts.counts.keys())
            size += 1
        return cls(found, size)

    def vector(self, term_counts: TermCounts) -> Vector:
        """The words of the paper by weight, of length 1; empty for a paper without words."""
        weights = {
            word: (1 + math.log(count)) * math.log((self.size + 2) / (self.papers.get(word, 0) + 1))
            for word, count in term_counts.counts.items()
            if self.papers.get(word, 0) <= max(FEW, TOO_COMMON * self.size)
        }
        length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
        return {word: weight / length for word, weight in weights.items()}

    def tells(self, word: str) -> bool:
        """True for a word that few enough papers have to say what one is about."""
        return (
            word.isalpha() and len(word) <= LONGEST_WORD and self.papers.get(word, 0) <= max(FEW, TOO_COMMON_TO_TELL * self.size)
        )


@dataclass(frozen=True, slots=True)
class Words:
    """The words of papers by paper id, and what they weigh in ``corpus``: worked out once, used for every reader."""

    bags: Mapping[int, TermCounts]
    vectors: Mapping[int, Vector]
    corpus: Corpus

    @classmethod
    def of(cls, texts: Iterable[tuple[int, str, str]], *, weighed: Iterable[int], common: Collection[int]) -> Words:
        """Of (paper id, title, abstract): the papers to be ``weighed``, and those by which a word is found ``common``."""
        bags = {paper_id: TermCounts.of(title, abstract) for paper_id, title, abstract in texts}
        corpus = Corpus.of(bags[paper_id] for paper_id in common if paper_id in bags)
        return cls(bags, {paper_id: corpus.vector(bags[paper_id]) for paper_id in weighed if paper_id in bags}, corpus)

    def known(self, paper_ids: Iterable[int]) -> list[int]:
        return [paper_id for paper_id in paper_ids if paper_id in self.vectors]


@dataclass(frozen=True, slots=True)
class _Model:
    """What a reader's feedback makes of words: their ``weights``, and in how many of the ``liked`` papers each stands."""

    weights: Vector
    liked: Mapping[str, int]

    def worth(self, vector: Vector) -> float:
        weight_of = self.weights.get
        return sum(weight_of(word, 0.0) * part for word, part in vector.items())

    def telling_word(self, vector: Vector, corpus: Corpus) -> str:
        """The word of liked papers that speaks most for this one, if it says to people what a paper is about; else ""."""
        liked, weight_of = self.liked, self.weights.get
        worth = {word: weight_of(word, 0.0) * part for word, part in vector.items() if word in liked}
        telling = (word for word in worth if worth[word] > 0 and corpus.tells(word))
        return max(telling, key=worth.__getitem__, default="")


def affinity(said: Sequence[tuple[int, Say]], new: Collection[int], words: Words) -> Affinity:
    """The leaning of a reader who ``said`` this towards the papers that are ``new`` to them.

    Papers that ``words`` does not know have none, and what was said of them counts for nothing.
    """
    liked, disliked = (words.known(paper_id for paper_id, say in said if say is wanted) for wanted in (Say.MORE, Say.LESS))
    known = words.known(new)
    model = _Model(
        _weights(*(list(map(words.vectors.__getitem__, ids)) for ids in (liked, disliked, known))),
        Counter(word for paper_id in liked for word in words.bags[paper_id].counts),
    )
    scores = _standardised({paper_id: model.worth(words.vectors[paper_id]) for paper_id in known})
    # What somebody wants less of tells half as much of what they want as a paper they want more of.
    weight = len(liked) + len(disliked) / 2
    return Affinity(scores, weight / (weight + 1), _because(scores, model, words))


def _because(scores: Mapping[int, float], model: _Model, words: Words) -> dict[int, Explanation]:
    """The word by which each of the papers that the reader leans towards most can be told; those without one are left out."""
    explanations: dict[int, Explanation] = {}
    for paper_id, above in scores.items():
        if above >= TOLD_FROM and (word := model.telling_word(words.vectors[paper_id], words.corpus)):
            explanations[paper_id] = Explanation(_written(words.bags[paper_id].spelling[word]), model.liked[word])
    return explanations


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
