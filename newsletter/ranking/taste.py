"""What a reader's examples and feedback say of what they like: a linear model of words, senses and subjects, one a reader. Pure.

Rocchio's centroids (https://nlp.stanford.edu/IR-book/html/htmledition/the-rocchio71-algorithm-1.html): towards what the reader
gave or wants more of, away from what they want less of, and, when papers are ranked (``pool.py``), from what is there anyway.
Chosen on four labelled days and made-up readers, against ridge regression with 600 other papers beside: docs/topics.md.
"""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from newsletter.ranking.opinions import Say
from newsletter.text import subjects, vectors
from newsletter.text.term_weights import Corpus, TermCounts, Vector
from newsletter.text.vectors import Floats

# How much what a reader wants less of counts against what they want more of (1).
NEGATIVE_WEIGHT = 0.5
# With so many papers to learn from, what is learned is half trusted.
HALF_TRUSTED = 3
# What a reader gave themselves says as much as so many presses below papers that happened to stand in a mail.
GIVEN_SAYS = 3
# So many words of a model are kept, those that weigh most; so many of the papers liked, the first that are given.
MOST_WORDS, MOST_LIKED = 300, 60
# Of each of these so many words, to tell which of them a new paper is like.
MOST_WORDS_LIKED = 12
# Raised with each change of what is kept of a taste.
FORM = 2


@dataclass(frozen=True, slots=True)
class Text:
    """A paper or an example as a model reads it. ``key`` names it for the caller."""

    key: int
    counts: TermCounts
    words: Vector
    sense: Floats
    subject: Floats

    @classmethod
    def of(cls, key: int, title: str, abstract: str, corpus: Corpus) -> Text:
        counts = TermCounts.of(title, abstract)
        sense = vectors.shipped().of(f"{title}. {abstract}")
        return cls(key, counts, corpus.vector(counts), sense, subjects.shipped().of(counts))


@dataclass(frozen=True, slots=True)
class Liked:
    """A paper that the reader likes, in short: its subject, and its words that weigh most."""

    subject: Floats
    words: Vector

    def nearness(self, paper: Text) -> float:
        """How near the paper is to this one: 0 and less for nothing in common, 1 to 4 for much."""
        common = sum(weight * paper.words.get(word, 0.0) for word, weight in self.words.items())
        return float(self.subject @ paper.subject) + 3 * common


@dataclass(frozen=True, slots=True, eq=False)
class Taste:
    """What was learned of a reader: of each word its weight and how many liked papers have it, and weights of sense and subject.

    ``liked`` has the liked papers by their keys, ``disliked`` counts those that they want less of; ``weight`` is how much they
    gave to learn from.
    """

    words: Mapping[str, tuple[float, int]]
    sense: Floats
    subject: Floats
    liked: Mapping[int, Liked]
    disliked: int
    weight: float

    @property
    def trust(self) -> float:
        """0 to 1: grows with what there was to learn from."""
        return self.weight / (self.weight + HALF_TRUSTED)


def learn(said: Iterable[tuple[Text, Say]], *, but: Collection[str] = (), given: int = 0) -> Taste:
    """The taste of a reader who ``said`` this of papers; an example counts as a paper they want more of.

    The words ``but`` count for nothing; ``given`` is how many of the papers are examples. What they want less of turns what is
    learned, and makes it no surer: mostly it is the first papers of a mail, which are those most like the topic, and trusted for
    it would take away what they liked there already.
    """
    by_say: dict[Say, list[Text]] = {Say.MORE: [], Say.LESS: []}
    for text, say in said:
        by_say[say].append(text)
    liked, disliked = by_say[Say.MORE], by_say[Say.LESS]
    weights: Counter[str] = Counter()
    sense, subject = np.zeros(vectors.shipped().size, np.float32), np.zeros(subjects.shipped().size, np.float32)
    for text, share in (*_shares(liked, 1.0), *_shares(disliked, -NEGATIVE_WEIGHT)):
        sense += np.float32(share) * text.sense
        subject += np.float32(share) * text.subject
        for word, part in text.words.items():
            weights[word] += share * part  # type: ignore[assignment]  # a Counter of fractions
    having = Counter(word for text in liked for word in text.counts.counts)
    heaviest = sorted(weights.keys() - set(but), key=lambda word: (-abs(weights[word]), word))[:MOST_WORDS]
    return Taste(
        {word: (round(weights[word], 5), having[word]) for word in heaviest},
        sense,
        subject,
        {text.key: Liked(text.subject, _heaviest(text.words)) for text in liked[:MOST_LIKED]},
        len(disliked),
        len(liked) + (GIVEN_SAYS - 1) * given,
    )


def _shares(texts: Sequence[Text], whole: float) -> list[tuple[Text, float]]:
    """The texts, each with the same share of the ``whole``."""
    return [(text, whole / len(texts)) for text in texts]


def telling_words(taste: Taste, corpus: Corpus, *, most: int) -> list[str]:
    """The words that weigh most for the reader and say to people what a paper is about, the heaviest first."""
    found = (word for word, (weight, liked) in taste.words.items() if weight > 0 and liked and corpus.explains(word))
    return sorted(found, key=lambda word: -taste.words[word][0])[:most]


def version() -> str:
    """Changes with the files whose numbers a taste holds, and with its form: no text of now is comparable with another one."""
    return f"{FORM}-{vectors.shipped().digest}-{subjects.shipped().digest}"


def to_text(taste: Taste) -> str:
    """The taste as one text to be kept; ``from_text`` reads it."""
    known = {
        "version": version(),
        "words": [[word, *both] for word, both in taste.words.items()],
        "sense": _packed(taste.sense),
        "subject": _packed(taste.subject),
        "liked": [[key, _packed(one.subject), one.words] for key, one in taste.liked.items()],
        "disliked": taste.disliked,
        "weight": taste.weight,
    }
    return json.dumps(known, ensure_ascii=False, separators=(",", ":"))


def from_text(text: str) -> Taste | None:
    """The taste that was kept; None for one of another ``version``, which has to be learned anew."""
    known = json.loads(text)
    if known.get("version") != version():
        return None
    return Taste(
        {word: (weight, count) for word, weight, count in known["words"]},
        _unpacked(known["sense"]),
        _unpacked(known["subject"]),
        {key: Liked(_unpacked(subject), words) for key, subject, words in known["liked"]},
        known["disliked"],
        known["weight"],
    )


def _heaviest(words: Vector) -> Vector:
    kept = sorted(words, key=lambda word: (-words[word], word))[:MOST_WORDS_LIKED]
    return {word: round(words[word], 3) for word in kept}


def _packed(values: Floats) -> list[object]:
    """A byte a number, times a scale."""
    scale = float(np.abs(values).max(initial=0.0)) / 127 or 1.0
    return [round(scale, 8), base64.b64encode(np.rint(values / scale).astype(np.int8).tobytes()).decode()]


def _unpacked(packed: Sequence[object]) -> Floats:
    scale, content = packed
    assert isinstance(scale, float) and isinstance(content, str)
    return np.frombuffer(base64.b64decode(content), np.int8).astype(np.float32) * np.float32(scale)
