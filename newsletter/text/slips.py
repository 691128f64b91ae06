"""Which of the known words a word may be a slip of. Pure.

Distances of words are rapidfuzz's: https://rapidfuzz.github.io/RapidFuzz/Usage/distance/OSA.html
"""

from __future__ import annotations

from collections.abc import Sequence

from rapidfuzz import process
from rapidfuzz.distance import OSA

# One letter of a word may be wrong, missing or too many, or two of them swapped; two times so of a longer one.
LONG = 7
# Words that are equally near are hardly ever more.
MOST = 20


def nearest_words(word: str, known: Sequence[str]) -> list[tuple[str, int]]:
    """The ``known`` words that ``word`` may be a slip of, each with how many slips it takes, the fewest first; may be none."""
    found = process.extract(word, known, scorer=OSA.distance, score_cutoff=1 if len(word) <= LONG else 2, limit=MOST)
    return [(one, int(distance)) for one, distance, _ in found]
