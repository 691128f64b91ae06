"""What a mail begins with: the papers that the reader will like best, or whose names stand on top of the others. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from newsletter.values.affinity import Affinity, deviation
from newsletter.values.readers import Reader

# The heading that they stand under (no slug of the catalogue has a colon).
FOR_YOU = ":for-you"
# So many papers at least, as many more as are above the bar, and half of a mail at most.
LEAST, MOST = 3, 10
# In standard deviations above the mean of what is new to the reader.
BAR = 1.0
# So many papers are named on top of a digest, where it has more than them.
MOST_TOP = 5


def for_you(reader: Reader, affinity: Affinity, *, kept_out: Callable[[int], bool], covers_to: int) -> list[int]:
    """The ids of these papers, the best first; none where nothing was learned of what the reader likes.

    Each can be explained. The less there was to learn from, the fewer are above the bar. ``kept_out`` says which papers the
    reader wants to see nowhere. What is numbered above ``covers_to`` is left to the next digest, which would show it again: the
    reader's cursor goes there.
    """
    new = [
        paper_id
        for paper_id in affinity.scores
        if paper_id in affinity.explanations
        and (reader.cursor is None or affinity.numbers.get(paper_id, 0) > reader.cursor)
        and affinity.numbers.get(paper_id, 0) <= covers_to
        and not kept_out(paper_id)
    ]
    above = sum(affinity.trust * affinity.scores[paper_id] >= BAR for paper_id in new)
    least = 0 if reader.choosy else LEAST
    return new[: min(MOST, reader.max_papers // 2, max(above, least))]


def is_above_the_bar(affinity: Affinity, paper_id: int) -> bool:
    """Whether the paper is much like what the reader likes, and among those whose place was kept."""
    return affinity.scores.get(paper_id, -math.inf) >= BAR


def top_papers(scores: Mapping[int, float], affinity: Affinity, *, weight: float) -> tuple[int, ...]:
    """The ids of the papers that matter most to the reader: by their ``scores``, and with this ``weight`` by what was learned."""
    if len(scores) <= MOST_TOP:
        return ()
    if not affinity.scores:
        return tuple(sorted(scores, key=scores.__getitem__, reverse=True)[:MOST_TOP])
    spread = deviation(scores.values()) or 1.0

    def worth(paper_id: int) -> float:
        return scores[paper_id] / spread + weight * affinity.trust * affinity.scores.get(paper_id, affinity.floor)

    return tuple(sorted(scores, key=worth, reverse=True)[:MOST_TOP])
