"""What a model reads of a paper: words of the title, words and pairs of words of title and abstract, categories. Pure.

It knows no weights and no vocabulary; training and matching read papers here and nowhere else, so that both see the same.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from newsletter.text.tokens import fold, singular, tokens
from newsletter.values.papers import Paper


class Block(StrEnum):
    """Which features: each block has its own vocabulary and is scaled to length 1 by itself."""

    TITLE = "title"
    TEXT = "text"
    PAIRS = "pairs"


@dataclass(frozen=True, slots=True)
class Reading:
    """The terms of a paper by block, each with how often it stands there, and how the paper first spells each term."""

    terms: Mapping[Block, Mapping[str, int]]
    spelling: Mapping[str, str]


def read_paper(paper: Paper) -> Reading:
    """The terms of title and abstract, in lower case and the singular; a pair is written with a space between its words."""
    title, abstract = tokens(paper.title), tokens(paper.abstract)
    spelled = (*title, *abstract)
    words = [singular(fold(token)) for token in spelled]
    spelling: dict[str, str] = {}
    for place, word in enumerate(words):
        spelling.setdefault(word, spelled[place])
        if place:
            spelling.setdefault(f"{words[place - 1]} {word}", f"{spelled[place - 1]} {spelled[place]}")
    # A pair does not run from the title into the abstract.
    ends = (words[: len(title)], words[len(title) :])
    pairs = Counter(f"{first} {second}" for part in ends for first, second in pairwise(part))
    return Reading({Block.TITLE: Counter(ends[0]), Block.TEXT: Counter(words), Block.PAIRS: pairs}, spelling)


def weighed(counts: Mapping[str, int], places: Mapping[str, int], rarity: Sequence[float]) -> list[tuple[int, float]]:
    """The terms that have a place in the vocabulary, as (place, weight) of length 1: (1 + ln count) x ``rarity``.

    Empty where none of the terms is known.
    """
    found = [(place, (1 + math.log(counts[term])) * rarity[place]) for term in counts if (place := places.get(term)) is not None]
    length = math.sqrt(sum(weight * weight for _, weight in found)) or 1.0
    return [(place, weight / length) for place, weight in found]


def rarity_of(papers: int, with_term: int) -> float:
    """How much a term says that stands in ``with_term`` of ``papers``: the smoothed inverse document frequency, 1 at least.

    https://scikit-learn.org/stable/modules/feature_extraction.html#tfidf-term-weighting
    """
    return math.log((1 + papers) / (1 + with_term)) + 1.0
