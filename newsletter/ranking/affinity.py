"""In which order a reader's taste puts papers, and why: the papers they favour most, each with what explains it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from newsletter.ranking.pool import Places, Pool
from newsletter.ranking.taste import Taste, Text
from newsletter.text.term_weights import Corpus
from newsletter.values.affinity import Affinity
from newsletter.values.readers import Explanation

# Of so many papers the place is kept, and of so many the reason; what comes after them is all alike.
MOST_KEPT, MOST_EXPLAINED = 200, 25
# From this nearness on a paper is told to be like one that the reader knows.
LIKE_FROM = 0.6
TOLD_WORDS = 3
# A paper that stands under none of a reader's topics comes this much later, in standard deviations, and the later the less
# what is learned can be trusted: what they asked for is known.
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
    beside = BESIDE / taste.trust if taste.trust else 0.0
    worth = pool.worth(taste, places) - np.float32(beside) * ~asked_for
    order = np.argsort(-worth, kind="stable")[:MOST_KEPT]
    texts = [pool.texts[place] for place in places[order]]
    scores = {text.key: round(float(above), 3) for text, above in zip(texts, worth[order], strict=True)}
    explained = {
        text.key: _explanation(taste, text, pool.corpus, titles) for text in texts[:MOST_EXPLAINED] if scores[text.key] > 0
    }
    return Affinity(
        scores,
        taste.trust,
        {key: one for key, one in explained.items() if one},
        floor=min(scores.values(), default=0.0),
        numbers={key: numbers[key] for key in scores},
    )


def _explanation(taste: Taste, paper: Text, corpus: Corpus, titles: Mapping[int, str]) -> Explanation | None:
    """Why the reader favours the paper: one that they know is like it, or the words that weigh most; None for neither."""
    nearness = {key: liked.nearness(paper) for key, liked in taste.liked.items() if key in titles}
    nearest = max(nearness, key=nearness.__getitem__, default=0)
    if nearness.get(nearest, 0.0) >= LIKE_FROM:
        return Explanation("", 0, titles[nearest])
    telling = _telling_words(taste, paper, corpus)
    return Explanation(", ".join(map(paper.counts.as_written, telling)), taste.words[telling[0]][1]) if telling else None


def _telling_words(taste: Taste, paper: Text, corpus: Corpus) -> list[str]:
    """The words of the paper and of liked ones that weigh most, and say to people what a paper is about."""
    worth = {word: taste.words[word][0] * part for word, part in paper.words.items() if word in taste.words}
    telling = (word for word in worth if worth[word] > 0 and taste.words[word][1] and corpus.explains(word))
    return sorted(telling, key=lambda word: (-worth[word], word))[:TOLD_WORDS]


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
