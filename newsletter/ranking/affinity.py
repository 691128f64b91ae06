"""In which order a reader's taste puts papers, and why: the papers they favour most, each with what explains it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from newsletter.ranking.pool import Places, Pool
from newsletter.ranking.taste import Taste, Text
from newsletter.ranking.words import Corpus
from newsletter.values.affinity import Affinity
from newsletter.values.readers import Explanation

# Of so many papers the place is kept, and of so many the reason; what comes after them is all alike.
MOST_KEPT, MOST_EXPLAINED = 200, 25
# From this nearness on a paper is told to be like one that the reader knows.
LIKE_FROM = 0.6
TOLD_WORDS = 3
# A paper that stands under none of a reader's topics comes this much later, in standard deviations.
BESIDE = 1.0

Flags = npt.NDArray[np.bool_]


def rank(
    taste: Taste,
    pool: Pool,
    places: Places,
    asked_for: Flags,
    *,
    numbers: Mapping[int, int],
    titles: Mapping[int, str],
) -> Affinity:
    """How much a reader of this taste favours the papers at ``places`` of the pool, of which they asked for some anyway.

    ``numbers`` are those of the papers by id, ``titles`` those of the papers and examples that the reader likes, by key.
    """
    worth = pool.worth(taste, places) - np.float32(BESIDE) * ~asked_for
    order = np.argsort(-worth, kind="stable")[:MOST_KEPT]
    kept = [(pool.texts[places[at]], round(float(worth[at]), 3)) for at in order]
    explained = [text for text, above in kept[:MOST_EXPLAINED] if above > 0]
    explanations = {text.key: _explanation(taste, text, pool.corpus, titles) for text in explained}
    return Affinity(
        {text.key: above for text, above in kept},
        taste.trust,
        {key: one for key, one in explanations.items() if one.like or one.word},
        floor=kept[-1][1] if kept else 0.0,
        numbers={text.key: numbers[text.key] for text, _ in kept},
    )


def _explanation(taste: Taste, paper: Text, corpus: Corpus, titles: Mapping[int, str]) -> Explanation:
    """Why the reader favours the paper: one that they know and that is like it, or the words that weigh most."""
    nearness = {key: liked.nearness(paper) for key, liked in taste.liked.items() if key in titles}
    nearest = max(nearness, key=nearness.__getitem__, default=0)
    if nearness and nearness[nearest] >= LIKE_FROM:
        return Explanation("", 0, titles[nearest])
    worth = {word: taste.words[word][0] * part for word, part in paper.words.items() if word in taste.words}
    telling = [word for word in worth if worth[word] > 0 and taste.words[word][1] and corpus.explains(word)]
    best = sorted(telling, key=lambda word: (-worth[word], word))[:TOLD_WORDS]
    return Explanation(", ".join(map(paper.counts.as_written, best)), taste.words[best[0]][1] if best else 0)


def to_json(affinity: Affinity) -> dict[str, Any]:
    """The affinity as it is kept; ``from_json`` reads it."""
    return {
        "scores": [[key, affinity.numbers[key], above] for key, above in affinity.scores.items()],
        "trust": affinity.trust,
        "floor": affinity.floor,
        "because": [[key, one.word, one.count, one.like] for key, one in affinity.explanations.items()],
    }


def from_json(kept: Mapping[str, Any]) -> Affinity:
    return Affinity(
        {key: above for key, _, above in kept["scores"]},
        kept["trust"],
        {key: Explanation(word, count, like) for key, word, count, like in kept["because"]},
        floor=kept["floor"],
        numbers={key: number for key, number, _ in kept["scores"]},
    )
