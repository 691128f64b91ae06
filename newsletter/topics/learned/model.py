"""What was learned of topics: weights of words, categories, vectors and the phrases' own verdict, and a threshold for each topic.

A linear model: what speaks for a topic is a sum, so that the words which weighed most can be told. It reads and writes one file
and decides nothing about entries that it has not learned as they stand in the catalogue (``entry_key``). A finer model stands
beside the ordinary one: it hears the vectors of the language model too, and judges only papers that have one.
"""

from __future__ import annotations

import hashlib
import io
import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from newsletter.errors import SettingsError
from newsletter.text import language_model, subjects, vectors
from newsletter.text.term_weights import TermCounts
from newsletter.topics.learned.features import Block, Reading, read_paper, weighed
from newsletter.topics.scoring import METHOD, THRESHOLD, Weighing
from newsletter.values.papers import Paper
from newsletter.values.topics import Topic

SHIPPED, SHIPPED_FINER = (Path(__file__).with_name(name) for name in ("model.npz", "model-vectors.npz"))
FORMAT = 2
# What the phrases say of a topic, as features: their points within these bounds, whether they match, whether `unless` holds.
LOWEST, HIGHEST, POINTS = -2.0, 6.0, 3.0
# How much the subjects of a text count in its vector, beside the static one (1).
SUBJECT_SHARE = 0.5
# In a finer model, how much the language model's vector counts there.
FINER_SHARE = 2.0
# A reason names so many words; one that every seventh paper has says nothing to people.
REASON_WORDS, TELLS_FROM = 3, 2.9

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Verdict:
    """How like the papers of a topic a paper is: ``likeness`` is about 0 to 1, and from ``threshold`` on it belongs there.

    ``words`` are those of the paper that weighed most, as the paper spells them, the heaviest first, each with its weight.
    """

    likeness: float
    threshold: float
    words: tuple[tuple[str, float], ...]

    @property
    def matches(self) -> bool:
        return self.likeness >= self.threshold

    @property
    def score(self) -> float:
        """On the scale of the phrases' points, where a match begins at 2.5."""
        return round(THRESHOLD * self.likeness / self.threshold, 3)

    @property
    def reason(self) -> str:
        return ", ".join(word for word, _ in self.words[:REASON_WORDS])


@dataclass(frozen=True, slots=True)
class Terms:
    """The vocabulary of a block with the weights of its terms for each topic (rows int8, times ``scales``)."""

    places: Mapping[str, int]
    rarity: Sequence[float]
    rows: npt.NDArray[np.int8]
    scales: Floats

    def weights(self, places: Sequence[int]) -> Floats:
        """A row a term, a column a topic."""
        return self.rows[list(places)].astype(np.float32) * self.scales


@dataclass(frozen=True, slots=True, eq=False)
class TopicModel:
    """Topics in the order of the columns of all weights. Immutable; safe to share between threads.

    ``entries`` has the key of each topic's entry as it was when the topic was learned; ``about`` is what people are told: the
    recipe, what it was learned from, its scores. ``beside`` is the version of the ordinary model beside which a finer one was
    learned, from the same papers; "" for an ordinary one.
    """

    slugs: tuple[str, ...]
    entries: Mapping[str, str]
    thresholds: Mapping[str, float]
    blocks: Mapping[Block, Terms]
    categories: Mapping[str, int]
    category_weights: Floats
    rule_weights: Floats
    shared_rule_weights: Floats
    vector_weights: Floats
    bias: Floats
    about: Mapping[str, Any]
    beside: str = ""
    version: str = field(default="")

    def knows(self, topic: Topic) -> bool:
        """True for an entry that is as it was when it was learned; one that was changed since is matched by its phrases."""
        return self.entries.get(topic.slug) == entry_key(topic)

    def judge(self, paper: Paper, rules: Mapping[str, Weighing]) -> dict[str, Verdict]:
        """The verdict on every topic; ``rules`` is what the phrases say, topics without evidence left out."""
        reading = read_paper(paper)
        known = {name: _known(reading, name, terms) for name, terms in self.blocks.items()}
        likeness = self.bias.copy()
        told: list[tuple[list[str], Floats]] = []
        for name, (words, places, values) in known.items():
            parts = self.blocks[name].weights(places) * values[:, None]
            likeness += parts.sum(axis=0)
            told.append((words, parts))
        places = category_places(paper.categories, self.categories)
        likeness += self.category_weights[places].sum(axis=0)
        likeness += text_vector(paper, finer=bool(self.beside)) @ self.vector_weights
        likeness += shared_rule_features(rules, self.slugs) @ self.shared_rule_weights
        for column, slug in enumerate(self.slugs):
            if slug in rules:
                likeness[column] += float(np.dot(rule_features(rules[slug]), self.rule_weights[column]))
        return {
            slug: Verdict(round(float(likeness[column]), 4), self.thresholds[slug], self._words(column, told, reading))
            for column, slug in enumerate(self.slugs)
            if likeness[column] >= self.thresholds[slug] / 2
        }

    def _words(self, column: int, told: Sequence[tuple[list[str], Floats]], reading: Reading) -> tuple[tuple[str, float], ...]:
        worth: dict[str, float] = {}
        for words, parts in told:
            for word, part in zip(words, parts[:, column].tolist(), strict=True):
                worth[word] = worth.get(word, 0.0) + part
        best = sorted((word for word, value in worth.items() if value > 0 and self._tells(word)), key=lambda word: -worth[word])
        kept: list[str] = []
        for word in best[:20]:
            if not any(set(word.split()) & set(other.split()) for other in kept):
                kept.append(word)
        return tuple((_shown(reading.spelling[word]), round(worth[word], 4)) for word in kept)

    def _tells(self, term: str) -> bool:
        """Whether each word of the term says what a paper is about."""
        text = self.blocks[Block.TEXT]
        words = term.split()
        rarities = [text.rarity[place] for word in words if (place := text.places.get(word)) is not None]
        return len(rarities) == len(words) and min(rarities) >= TELLS_FROM and all(len(word) > 2 for word in words)


def _known(reading: Reading, name: Block, terms: Terms) -> tuple[list[str], list[int], Floats]:
    counts = reading.terms[name]
    found = weighed(counts, terms.places, terms.rarity)
    words = [term for term in counts if term in terms.places]
    return words, [place for place, _ in found], np.array([weight for _, weight in found], np.float32)


def _shown(spelled: str) -> str:
    """As the paper writes it; in lower case where only its first letter is a capital."""
    return spelled if any(letter.isupper() for letter in spelled[1:]) else spelled.lower()


def category_places(categories: Iterable[str], places: Mapping[str, int]) -> list[int]:
    """The features of a paper's categories (primary first): each for itself, and the first as the primary one too."""
    listed = tuple(categories)
    named = [*listed, *(f"primary {one}" for one in listed[:1])]
    return [places[one] for one in named if one in places]


def rule_features(rule: Weighing) -> tuple[float, float, float]:
    """What the phrases say, as numbers of about the same size."""
    return (min(max(rule.score, LOWEST), HIGHEST) / POINTS, float(rule.matches), float(rule.stopped))


def shared_rule_features(rules: Mapping[str, Weighing], slugs: Sequence[str]) -> Floats:
    """What the phrases of all topics say, which every topic hears: a number a topic, together of length 1 at most."""
    found = np.array(
        [max(rules[slug].score, 0.0) / POINTS + rules[slug].matches if slug in rules else 0.0 for slug in slugs], np.float32
    )
    return np.asarray(found / np.sqrt(float(found @ found) + 0.5), np.float32)


def text_vector(paper: Paper, *, finer: bool = False) -> Floats:
    """The static vector of the text, beside it what it is about, and in a ``finer`` model what the language model made of it."""
    about = subjects.shipped().of(TermCounts.of(paper.title, paper.abstract))
    parts = [vectors.shipped().of(f"{paper.title}. {paper.abstract}"), np.float32(SUBJECT_SHARE) * about]
    return np.concatenate([*parts, np.float32(FINER_SHARE) * language_model.decoded(paper.vector)] if finer else parts)


def entry_key(topic: Topic) -> str:
    """Changes with whatever the phrases' verdict on a topic depends on: its phrases, queries, categories, and the points."""
    read = (topic.strong, topic.in_title, topic.weak, topic.exclude, topic.query, topic.unless, topic.categories, METHOD)
    return hashlib.sha256(repr(read).encode()).hexdigest()[:12]


def to_bytes(model: TopicModel) -> bytes:
    """The model as a file's content: the same for the same model, whenever it is written."""
    head = {
        "format": FORMAT,
        "slugs": list(model.slugs),
        "entries": dict(model.entries),
        "thresholds": dict(model.thresholds),
        "categories": list(model.categories),
        "about": dict(model.about),
        **({"beside": model.beside} if model.beside else {}),
    }
    arrays: dict[str, npt.NDArray[Any]] = {
        "head": np.frombuffer(json.dumps(head).encode(), np.uint8),
        "category_weights": model.category_weights.astype(np.float16),
        "rule_weights": model.rule_weights,
        "shared_rule_weights": model.shared_rule_weights.astype(np.float16),
        "vector_weights": model.vector_weights.astype(np.float16),
        "bias": model.bias,
    }
    for name, terms in model.blocks.items():
        arrays[f"{name}_terms"] = np.frombuffer("\n".join(terms.places).encode(), np.uint8)
        arrays[f"{name}_rarity"] = np.array(terms.rarity, np.float32)
        arrays[f"{name}_rows"] = terms.rows
        arrays[f"{name}_scales"] = terms.scales
    written = io.BytesIO()
    np.savez_compressed(written, **arrays)  # type: ignore[arg-type]
    return written.getvalue()


def version_of(content: bytes) -> str:
    """Names a model by its file's content."""
    return hashlib.sha256(content).hexdigest()[:16]


def from_bytes(content: bytes) -> TopicModel:
    """Raises ValueError or KeyError for what ``to_bytes`` did not write."""
    with np.load(io.BytesIO(content), allow_pickle=False) as stored:
        head = json.loads(stored["head"].tobytes())
        if head["format"] != FORMAT:
            raise ValueError(f"it is of format {head['format']}, and this version reads {FORMAT}")
        blocks = {name: _terms(stored, name) for name in Block}
        return TopicModel(
            slugs=tuple(head["slugs"]),
            entries=head["entries"],
            thresholds=head["thresholds"],
            blocks=blocks,
            categories={name: place for place, name in enumerate(head["categories"])},
            category_weights=stored["category_weights"].astype(np.float32),
            rule_weights=stored["rule_weights"],
            shared_rule_weights=stored["shared_rule_weights"].astype(np.float32),
            vector_weights=stored["vector_weights"].astype(np.float32),
            bias=stored["bias"],
            about=head["about"],
            beside=head.get("beside", ""),
            version=version_of(content),
        )


def _terms(stored: Any, name: Block) -> Terms:
    terms = stored[f"{name}_terms"].tobytes().decode()
    places = {term: place for place, term in enumerate(terms.split("\n"))} if terms else {}
    return Terms(places, stored[f"{name}_rarity"].tolist(), stored[f"{name}_rows"], stored[f"{name}_scales"])


@lru_cache(maxsize=2)
def load(path: Path = SHIPPED) -> TopicModel:
    """The model that ships with the service, read once a process. Raises SettingsError naming the file and the mend."""
    try:
        content = path.read_bytes()
    except OSError as exc:
        raise SettingsError(f"{path} cannot be read ({exc.strerror}): install the service anew") from exc
    return parse(content, str(path))


def parse(content: bytes, where: str) -> TopicModel:
    """The model that a file's ``content`` holds; ``where`` names it for messages. Raises SettingsError naming the mend."""
    try:
        return from_bytes(content)
    except (ValueError, KeyError, EOFError, TypeError, BadZipFile, zlib.error) as exc:
        raise SettingsError(f"{where} is no model of topics ({exc}): run `newsletter topics train`") from exc
