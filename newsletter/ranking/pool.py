"""The papers that readers may be sent, read once and ready to be ranked for any number of readers. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from newsletter.ranking.taste import Taste, Text
from newsletter.text.term_weights import Corpus, TermCounts
from newsletter.text.vectors import Floats

# How much subjects and senses count beside words (1), each in standard deviations, and what is there anyway against all of it.
SUBJECT_WEIGHT, SENSE_WEIGHT, ANYWAY_WEIGHT = 1.3, 0.3, 0.75
# Once a reader wants less of so many papers, what is there anyway counts for half: they said themselves what else there is.
ANYWAY_HALVED = 3.0
Places = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Pool:
    """Papers in one order, which ``Places`` count; ``corpus`` says how frequent words are.

    ``words`` has the places of the papers with each word, and its weight in them.
    """

    texts: Sequence[Text]
    corpus: Corpus
    words: Mapping[str, tuple[Places, Floats]]
    senses: Floats
    subjects: Floats

    @classmethod
    def of(cls, texts: Iterable[tuple[int, str, str]], corpus: Corpus) -> Pool:
        """Of ``texts`` (paper id, title, abstract)."""
        read = [Text.of(paper_id, title, abstract, corpus) for paper_id, title, abstract in texts]
        standing: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for place, text in enumerate(read):
            for word, weight in text.words.items():
                standing[word].append((place, weight))
        words = {
            word: (np.array([place for place, _ in found], np.intp), np.array([weight for _, weight in found], np.float32))
            for word, found in standing.items()
        }
        return cls(read, corpus, words, _stacked([one.sense for one in read]), _stacked([one.subject for one in read]))

    @cached_property
    def place_of(self) -> Mapping[int, int]:
        """The place of each paper, by its id."""
        return {text.key: place for place, text in enumerate(self.texts)}

    def worth(self, taste: Taste, places: Places) -> Floats:
        """How much the reader favours the papers at ``places``: in standard deviations above the mean of these."""
        if not len(places):
            return np.zeros(0, np.float32)
        parts = [
            (1.0, self._by_words(taste)[places] - self._anyway(taste, self._by_mean_words, places)),
            (SUBJECT_WEIGHT, self.subjects[places] @ taste.subject),
            (SENSE_WEIGHT, self.senses[places] @ taste.sense - self._anyway(taste, self._by_mean_sense, places)),
        ]
        whole = np.sum([weight * standardised(part) for weight, part in parts], axis=0)
        # Sums may differ in their last digits from run to run, and the order of papers must not.
        return np.asarray(np.round(standardised(whole), 4), np.float32)

    def _by_words(self, taste: Taste) -> Floats:
        known = [(*self.words[word], weight) for word, (weight, _) in taste.words.items() if word in self.words]
        if not known:
            return np.zeros(len(self.texts), np.float32)
        places = np.concatenate([one[0] for one in known])
        weights = np.concatenate([one[1] * np.float32(one[2]) for one in known])
        return np.bincount(places, weights, minlength=len(self.texts)).astype(np.float32)

    def _anyway(self, taste: Taste, of_all: Floats, places: Places) -> Floats | float:
        """What speaks for the papers at ``places`` anyway. It counts beside likes only: else nothing but it would be left."""
        weight = ANYWAY_WEIGHT * ANYWAY_HALVED / (ANYWAY_HALVED + taste.disliked)
        return np.float32(weight) * of_all[places] if taste.liked else 0.0

    @cached_property
    def _by_mean_words(self) -> Floats:
        """How like the mean of all papers each is, by words."""
        found = np.zeros(len(self.texts), np.float32)
        for places, weights in self.words.values():
            found[places] += weights * np.float32(weights.sum() / len(self.texts))
        return found

    @cached_property
    def _by_mean_sense(self) -> Floats:
        return np.asarray(self.senses @ self.senses.mean(axis=0), np.float32)


def corpus_of(texts: Iterable[tuple[str, str]]) -> Corpus:
    """How frequent words are in ``texts`` (title, abstract)."""
    return Corpus.of(TermCounts.of(*text) for text in texts)


def standardised(values: Floats) -> Floats:
    """In standard deviations above the mean; zeros where all are the same."""
    spread = float(values.std())
    return np.asarray((values - values.mean()) / spread if spread > 1e-9 else np.zeros_like(values), np.float32)


def _stacked(rows: Sequence[Floats]) -> Floats:
    return np.array(rows, np.float32) if rows else np.zeros((0, 0), np.float32)
