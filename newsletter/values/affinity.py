"""How much a reader favours papers, as a value, and the standard deviation that it is measured in."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from newsletter.values.readers import Explanation


@dataclass(frozen=True, slots=True)
class Affinity:
    """How much a reader favours papers, by id, the best first: in standard deviations above the mean of what is new to them.

    ``floor`` is that of papers that come after all of these. ``trust`` (0 to 1) grows with what there was to learn from;
    ``explanations`` has the reason for those that they favour most, ``numbers`` the number of each paper.
    """

    scores: Mapping[int, float]
    trust: float
    explanations: Mapping[int, Explanation]
    floor: float = 0.0
    numbers: Mapping[int, int] = field(default_factory=dict)


def deviation(values: Collection[float]) -> float:
    """The standard deviation of all of ``values``; 0 of none."""
    mean = math.fsum(values) / max(1, len(values))
    return math.sqrt(math.fsum((value - mean) ** 2 for value in values) / max(1, len(values)))
