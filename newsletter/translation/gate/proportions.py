"""Whether each sentence of a translation is about as long as the text allows: a sentence lost, doubled or foreign shows so. Pure.

The sentences of both texts are laid side by side by their lengths (Gale and Church, https://aclanthology.org/J93-1004/); a
translator joins two or parts one, and then the lengths add up. The measure is the text itself: what its other sentences take.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from operator import itemgetter
from statistics import median

from newsletter.text.scripts import DENSE
from newsletter.text.sentences import sentences

# How many sentences of both texts may belong together, and what that costs beside the lengths.
_GROUPS = {(1, 1): 0.0, (1, 2): 0.3, (2, 1): 0.3, (2, 2): 1.2, (1, 3): 0.7, (3, 1): 0.7, (0, 1): 1.0, (1, 0): 1.0}
STRAY = 4
# Shorter sentences say nothing by their length (characters of the source, without spaces).
FROM = 45
# Shortest and longest of a group as a share of what the other groups take: where sentences were joined or parted, and where not.
JOINED, PARTED, ALONE = 0.62, 1.65, (0.38, 2.7)
# So much of the words of a sentence stands in the one that says it again.
SAID_TWICE, SAID_AGAIN = 0.6, 0.42
_DENSE_LETTER = re.compile(f"[{DENSE}]")


@dataclass(frozen=True, slots=True)
class Group:
    """Sentences that belong together: how many of the source and the result, and how long they are."""

    before: int
    after: int
    source: int
    result: int

    @property
    def ratio(self) -> float:
        return self.result / max(1, self.source)


def lost_or_added(source: str, result: str) -> bool:
    """True where a sentence of ``source`` has no room in ``result``, or one of ``result`` no ground in ``source``."""
    before, after = [_size(one) for one in sentences(source)], [_size(one) for one in sentences(result)]
    if len(before) < 2 or not after:
        return False
    usual = sum(after) / max(1, sum(before))
    cost, groups = _grouped(tuple(before), tuple(after), usual)
    if len(before) > 2 and len(before) != len(after):
        # One too many or too few has shifted the mean: once more by what a sentence takes if the rest answer to each other.
        other, shifted = _grouped(tuple(before), tuple(after), usual * len(before) / len(after))
        cost, groups = min((cost, groups), (other, shifted), key=itemgetter(0))
    return any(_stands_out(group, groups) for group in groups)


def _usual_beside(group: Group, groups: Sequence[Group]) -> float:
    """What the other groups take; 0 where there are none that tell."""
    others = [one.ratio for one in groups if one is not group and one.before and one.after and one.source >= FROM // 2]
    return max(0.01, median(others)) if others else 0.0


def _stands_out(group: Group, groups: Sequence[Group]) -> bool:
    measure = _usual_beside(group, groups)
    if not measure:
        return False
    if not group.before or not group.after:
        return max(group.source, group.result / measure) >= FROM
    if group.source < FROM:
        return False
    share = group.ratio / measure
    if group.before > group.after:
        return share < JOINED
    if group.before < group.after:
        return share > PARTED
    return not ALONE[0] <= share <= ALONE[1]


@lru_cache(maxsize=64)
def _grouped(before: tuple[int, ...], after: tuple[int, ...], usual: float) -> tuple[float, tuple[Group, ...]]:
    """The cheapest way to lay the sentences side by side, with its cost."""
    best: dict[tuple[int, int], tuple[float, tuple[Group, ...]]] = {(0, 0): (0.0, ())}
    for i in range(len(before) + 1):
        for j in range(len(after) + 1):
            # No good translation strays so far from the straight way.
            if (i, j) not in best or abs(i / max(1, len(before)) - j / len(after)) * max(len(before), len(after)) > STRAY:
                continue
            cost, groups = best[i, j]
            for group, price in _next(before[i:], after[j:]):
                total = cost + price + _unlikely(group, usual)
                place = (i + group.before, j + group.after)
                if place not in best or total < best[place][0]:
                    best[place] = (total, (*groups, group))
    return best.get((len(before), len(after)), (math.inf, (Group(0, 1, 0, sum(after)), Group(1, 0, sum(before), 0))))


def _next(before: tuple[int, ...], after: tuple[int, ...]) -> Iterator[tuple[Group, float]]:
    """The groups that may come next, with their prices."""
    for (m, n), price in _GROUPS.items():
        if m <= len(before) and n <= len(after):
            yield Group(m, n, sum(before[:m]), sum(after[:n])), price


def _unlikely(group: Group, usual: float) -> float:
    """How far a group is from the usual ratio; long ones weigh more, and what stands alone has none."""
    if not group.before or not group.after:
        return 0.0
    return abs(math.log(max(0.01, group.ratio) / max(0.01, usual))) * math.sqrt(min(group.source, 300) / 60)


def says_twice(source: str, result: str) -> bool:
    """True where a sentence of ``result`` is said again in about the same words, which no two of ``source`` are."""
    if _most_alike(result, 5) >= SAID_TWICE and _most_alike(source, 3) < 0.6 * SAID_TWICE:
        return True
    one = len(sentences(source)) == 1
    return one and _again(result) >= SAID_AGAIN and _again(source) < SAID_TWICE / 3


def _again(text: str) -> float:
    """The share of the words of a text that stand there once more."""
    bag = _bag(text)
    return sum(count - 1 for count in bag.values()) * 2 / max(8, bag.total())


def _most_alike(text: str, least: int) -> float:
    bags = [bag for sentence in sentences(text) if (bag := _bag(sentence)).total() >= least]
    most = 0.0
    for number, one in enumerate(bags):
        for other in bags[number + 1 :]:
            most = max(most, (one & other).total() / min(one.total(), other.total()))
    return most


def _bag(sentence: str) -> Counter[str]:
    """The words of a sentence that are long enough to mean something; pairs of letters in scripts without spaces."""
    dense = _DENSE_LETTER.findall(sentence)
    return (
        Counter(map("".join, pairwise(dense)))
        if len(dense) >= 8
        else Counter(word for word in re.findall(r"\w+", sentence.casefold()) if len(word) > 3)
    )


def _size(sentence: str) -> int:
    return len("".join(sentence.split()))
