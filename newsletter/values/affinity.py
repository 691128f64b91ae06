"""How a reader leans towards papers, as a value, and the measure that it is given in."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from newsletter.values.readers import Explanation


@dataclass(frozen=True, slots=True)
class Affinity:
    """How a reader leans towards papers, by paper id: in standard deviations above the mean of what is new to them.

    ``trust`` (0 to 1) grows with what they said; ``explanations`` tells of those that they lean towards most.
    """

    scores: Mapping[int, float]
    trust: float
    explanations: Mapping[int, Explanation]


def deviation(values: Collection[float]) -> float:
    """The standard deviation of all of ``values``; 0 of none."""
    mean = math.fsum(values) / max(1, len(values))
    return math.sqrt(math.fsum((value - mean) ** 2 for value in values) / max(1, len(values)))
