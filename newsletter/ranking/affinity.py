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

import numpy as np

from newsletter.ranking.opinions import Say
from newsletter.text.tokens import fold, singular, tokens
from newsletter.text.vectors import Floats, shipped
from newsletter.values.affinity import Affinity, deviation
from newsletter.values.readers import Explanation

# How much what a reader wants less of, and what their topics bring anyway, counts against what they want more of (1).
NEGATIVE_WEIGHT = 0.5
# A word of the title counts as so many of the abstract: a title says in few words what the paper is about.
TITLE_WEIGHT = 2
# A word that a larger share of papers has says nothing (the first), or is no explanation of why a paper is here (the second).
TOO_COMMON, TOO_COMMON_TO_EXPLAIN = 0.25, 0.05
# A word of so few papers is never too common: where little is stored, the shares above would shut out all words.
NEVER_TOO_COMMON = 5
# An explanation is given for papers so far above the mean of what is new to the reader, in standard deviations.
EXPLAINED_FROM = 0.8
LONGEST_WORD = 40
# How much the likeness of whole texts counts beside that of words (1), both standardised.
SENSE_WEIGHT = 0.5

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


@dataclass(frozen=True, slots=True)
class WordVectors:
    """The words of papers by paper id, and their weights (tf-idf in ``corpus``): worked out once, used for every reader."""

    term_counts: Mapping[int, TermCounts]
    vectors: Mapping[int, Vector]
    corpus: Corpus
    senses: Mapping[int, Floats] = field(default_factory=dict)

    @classmethod
    def of(cls, texts: Iterable[tuple[int, str, str]], *, weighed: Iterable[int], common: Collection[int]) -> WordVectors:
        """Of ``texts`` (paper id, title, abstract): vectors of those ``weighed``; ``common`` says how frequent each word is."""
        read = {paper_id: (title, abstract) for paper_id, title, abstract in texts}
        counts = {paper_id: TermCounts.of(*both) for paper_id, both in read.items()}
        corpus = Corpus.of(counts[paper_id] for paper_id in common if paper_id in counts)
        known = [paper_id for paper_id in weighed if paper_id in counts]
        senses = {paper_id: shipped().of("{}. {}".format(*read[paper_id])) for paper_id in known}
        return cls(counts, {paper_id: corpus.vector(counts[paper_id]) for paper_id in known}, corpus, senses)

    def sensed(self, paper_ids: Iterable[int]) -> dict[int, Floats]:
        return {paper_id: self.senses[paper_id] for paper_id in paper_ids if paper_id in self.senses}

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

    def explaining_word(self, vector: Vector, corpus: Corpus) -> str:
        """The word of liked papers that speaks most for this one, if it says to people what a paper is about; else ""."""
        liked, weight_of = self.liked, self.weights.get
        worth = {word: weight_of(word, 0.0) * part for word, part in vector.items() if word in liked}
        explaining = (word for word in worth if worth[word] > 0 and corpus.explains(word))
        return max(explaining, key=worth.__getitem__, default="")


def affinity(said: Sequence[tuple[int, Say]], new: Collection[int], words: WordVectors) -> Affinity:
    """How much a reader who ``said`` this of papers favours those that are ``new`` to them.

    Papers that are not in ``words`` are left out, and so is what was said of them.
    """
    liked, disliked = (words.known(paper_id for paper_id, say in said if say is wanted) for wanted in (Say.MORE, Say.LESS))
    known = words.known(new)
    sense = _sense(
        *([words.senses[paper_id] for paper_id in ids if paper_id in words.senses] for ids in (liked, disliked, known))
    )
    model = _Model(
        _weights(*(list(map(words.vectors.__getitem__, ids)) for ids in (liked, disliked, known))),
        Counter(word for paper_id in liked for word in words.term_counts[paper_id].counts),
    )
    scores = _together(model, sense, words, known)
    # A paper that somebody wants less of says half as much about what they want as one they want more of.
    weight = len(liked) + len(disliked) / 2
    return Affinity(scores, weight / (weight + 1), _explanations(scores, model, words))


def _together(model: _Model, sense: Floats, words: WordVectors, known: Sequence[int]) -> dict[int, float]:
    """What words and whole texts say of the ``known`` papers, by paper id."""
    by_words = _standardised({paper_id: model.worth(words.vectors[paper_id]) for paper_id in known})
    by_sense = _standardised({paper_id: float(one @ sense) for paper_id, one in words.sensed(known).items()})
    return _standardised({paper_id: worth + SENSE_WEIGHT * by_sense.get(paper_id, 0.0) for paper_id, worth in by_words.items()})


def _explanations(scores: Mapping[int, float], model: _Model, words: WordVectors) -> dict[int, Explanation]:
    """The word that explains each of the papers that the reader favours most; papers without such a word are left out."""
    explanations: dict[int, Explanation] = {}
    for paper_id, above in scores.items():
        if above >= EXPLAINED_FROM and (word := model.explaining_word(words.vectors[paper_id], words.corpus)):
            explanations[paper_id] = Explanation(_as_shown(words.term_counts[paper_id].spelling[word]), model.liked[word])
    return explanations


def _weights(liked: Sequence[Vector], disliked: Sequence[Vector], new: Sequence[Vector]) -> Vector:
    weights: Counter[str] = Counter()
    # New papers count as negative only beside likes: without any, nothing but "unlike all that is new" would be left.
    for vectors, share in ((liked, 1.0), (disliked, -NEGATIVE_WEIGHT), (new if liked else (), -NEGATIVE_WEIGHT)):
        for vector in vectors:
            for word, part in vector.items():
                weights[word] += share * part / len(vectors)  # type: ignore[assignment]  # a Counter of fractions
    return weights


def _sense(liked: Sequence[Floats], disliked: Sequence[Floats], new: Sequence[Floats]) -> Floats:
    """As ``_weights``, on the vectors of whole texts."""
    found = np.zeros(shipped().size, np.float32)
    for senses, share in ((liked, 1.0), (disliked, -NEGATIVE_WEIGHT), (new if liked else (), -NEGATIVE_WEIGHT)):
        if senses:
            found += np.float32(share) * np.mean(senses, axis=0)
    return found


def _standardised(raw: Mapping[int, float]) -> dict[int, float]:
    mean, spread = math.fsum(raw.values()) / max(1, len(raw)), deviation(raw.values())
    # Sums may differ in their last digits from run to run, and the order of papers must not.
    return {paper_id: round((value - mean) / spread, 6) if spread > 1e-12 else 0.0 for paper_id, value in raw.items()}


def _word(token: str) -> str:
    word = fold(token)
    if len(word) < 3 or word.isdigit():
        return ""
    return intern(singular(word))


def _as_shown(token: str) -> str:
    """As the paper writes it; in lower case where only its first letter is a capital."""
    return token if any(letter.isupper() for letter in token[1:]) else token.lower()
