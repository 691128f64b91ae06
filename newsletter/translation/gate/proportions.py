"""Whether each sentence of a translation is about as long as the text allows: a sentence lost, doubled or foreign shows so. Pure.

The sentences of both texts are laid side by side by their lengths (Gale and Church, https://aclanthology.org/J93-1004/); a
translator joins two or parts one, and then the lengths add up. The measure is the text itself: what its other sentences take.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise
from operator import itemgetter
from statistics import median, pstdev

from newsletter.text.scripts import DENSE
from newsletter.text.sentences import sentences

# How many sentences of both texts may belong together, and what that costs beside the lengths.
_GROUPS = {(1, 1): 0.0, (1, 2): 0.3, (2, 1): 0.3, (2, 2): 1.2, (1, 3): 0.7, (3, 1): 0.7, (0, 1): 1.0, (1, 0): 1.0}
STRAY = 4
# Shorter sentences say nothing by their length (characters of the source, without spaces).
FROM = 45
# Shortest and longest of a group as a share of what the other groups take: where sentences were joined or parted, and where not.
JOINED, PARTED, ALONE = 0.62, 1.65, (0.38, 2.7)
# A single sentence in two: so much longer than usual at most, and where what it ends with stands in the first of them.
MOST_PARTED, MOST_WITHOUT, LATE = 1.3, 1.1, 0.75
# Japanese and Korean, which usually take these shares of the English text, vary more.
VARYING, MOST_PARTED_VARYING = (0.5, 0.6), 1.6
_STOP_WITHIN = re.compile(r"[.!?]\s+\S")
NOT_JOINED = 0.9
# So many sentences that fit, and how near (standard deviation of the logarithm; of the pairs in tests/translation 0.06 to 0.18).
FITTING, FIT = 4, 0.22
# A sentence said again, short ones too: so long beside the others, in a text so much longer than usual.
ONE_MORE, MOST_MORE = math.log(1.55), 1.25
# So much of the words of a sentence stands in the one that says it again.
SAID_TWICE, SAID_AGAIN = 0.6, 0.42
SAID_IN_HALVES, HALVES = 0.9, range(12, 90)
MUCH_MORE = 1.8
_PART = re.compile("[\ue000-\uf8ff]")
_DENSE_LETTER = re.compile(f"[{DENSE}]")
# Vietnamese parts words into syllables, which many words share.
_VIETNAMESE = re.compile("[\u1ea0-\u1ef9ơưđ]")
# Of two texts: so many sentences of the one and so many of the other.
Place = tuple[int, int]


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

    @property
    def is_pair(self) -> bool:
        return self.before == self.after == 1


def lost_or_added(source: str, result: str, usual: float) -> bool:
    """True where a sentence of ``source`` has no room in ``result``, or one of ``result`` no ground in ``source``.

    ``usual`` is how long a translation is as a share of the source; of texts with more sentences the text itself says it.
    """
    before, after = _sizes(source), _sizes(result)
    mean = sum(after) / max(1, sum(before))
    if len(before) < 2 or not after:
        return len(after) > 1 and _has_one_too_many(source, result, mean, usual)
    groups = _best_grouped(before, after, mean)
    if any(_stands_out(group, groups) for group in groups) or _lacks_one(groups, before) or _stops_early(before, after):
        return True
    return mean > MOST_MORE * usual and _has_one_more(groups)


def _best_grouped(before: Sequence[int], after: Sequence[int], mean: float) -> tuple[Group, ...]:
    cost, groups = _grouped(tuple(before), tuple(after), mean)
    if len(before) > 2 and len(before) != len(after):
        # One too many or too few has shifted the mean: once more by what a sentence takes if the rest answer to each other.
        other, shifted = _grouped(tuple(before), tuple(after), mean * len(before) / len(after))
        cost, groups = min((cost, groups), (other, shifted), key=itemgetter(0))
    return groups


def _has_one_too_many(source: str, result: str, mean: float, usual: float) -> bool:
    """True where a single sentence became two of which the last adds to it.

    Who parts a sentence leaves to the last part what the sentence holds at its end. ``mean`` and ``usual`` are shares of the
    source's length.
    """
    if _STOP_WITHIN.search(source):
        return False
    parts = [match.start() / len(source) for match in _PART.finditer(source)]
    if parts and parts[-1] >= LATE and not _PART.search(sentences(result)[-1]):
        return mean > MOST_WITHOUT * usual
    return mean > (MOST_PARTED_VARYING if VARYING[0] < usual < VARYING[1] else MOST_PARTED) * usual


def _has_one_more(groups: Sequence[Group]) -> bool:
    """True where all sentences answer to each other but one, which became two, or stands alone, and takes the room of both."""
    other = [one for one in groups if not one.is_pair]
    fitting = [math.log(one.ratio) for one in groups if one.is_pair and one.result]
    if len(other) != 1 or not fitting or pstdev(fitting) > FIT:
        return False
    return other[0].after > other[0].before and math.log(max(1, other[0].result) / max(1, other[0].source)) > ONE_MORE + median(
        fitting
    )


def _stops_early(before: Sequence[int], after: Sequence[int]) -> bool:
    """True where there are fewer sentences than in the source, and each is as long as the one of the same number there takes.

    Where a translator joined two, those that follow would not fit.
    """
    shares = [math.log(two / one) for one, two in zip(before, after, strict=False) if one >= FROM // 2 and two]
    if len(after) >= len(before) or len(shares) < FITTING or pstdev(shares) > FIT:
        return False
    whole, told = math.exp(median(shares)) * sum(before), math.exp(median(shares)) * sum(before[: len(after)])
    return sum(after) < (whole + told) / 2


def _lacks_one(groups: Sequence[Group], before: Sequence[int]) -> bool:
    """True where the last two sentences have the room of one, or the first two (unless short), and all others stand alone."""
    ends = [(groups[-1], groups[:-1]), *([(groups[0], groups[1:])] if before[0] >= FROM else [])]
    return any(
        (both.before, both.after) == (2, 1) and all(one.is_pair for one in others) and 0 < both.ratio < NOT_JOINED * measure
        for both, others in ends
        if (measure := _usual_beside(both, groups))
    )


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
    told, said = [0, *accumulate(before)], [0, *accumulate(after)]
    best: dict[Place, tuple[float, Place]] = {(0, 0): (0.0, (0, 0))}
    steps = max(len(before), len(after))
    for i in range(len(before) + 1):
        # No good translation strays so far from the straight way.
        straight = i / max(1, len(before)) * len(after)
        stray = STRAY * len(after) / steps
        for j in range(max(0, math.ceil(straight - stray)), min(len(after), math.floor(straight + stray)) + 1):
            if (i, j) not in best:
                continue
            cost, _ = best[i, j]
            for (m, n), price in _next(told, said, (i, j), usual):
                place = (i + m, j + n)
                if place not in best or cost + price < best[place][0]:
                    best[place] = (cost + price, (m, n))
    place = (len(before), len(after))
    if place not in best:
        return math.inf, (Group(0, 1, 0, said[-1]), Group(1, 0, told[-1], 0))
    way = _way_to(place, best)
    return best[place][0], tuple(Group(m, n, told[i + m] - told[i], said[j + n] - said[j]) for (i, j), (m, n) in way)


def _way_to(place: Place, best: Mapping[Place, tuple[float, Place]]) -> list[tuple[Place, Place]]:
    """The places on the cheapest way, each with the step that leads on from it."""
    way: list[tuple[Place, Place]] = []
    while place != (0, 0):
        m, n = best[place][1]
        place = (place[0] - m, place[1] - n)
        way.append((place, (m, n)))
    return way[::-1]


def _next(told: Sequence[int], said: Sequence[int], place: Place, usual: float) -> Iterator[tuple[Place, float]]:
    """The steps that may come next, with their prices; what stands alone has no ratio."""
    i, j = place
    for (m, n), price in _GROUPS.items():
        if i + m < len(told) and j + n < len(said):
            alone = not m or not n
            yield (m, n), price + (0.0 if alone else _unlikely(told[i + m] - told[i], said[j + n] - said[j], usual))


def _unlikely(source: int, result: int, usual: float) -> float:
    """How far two lengths are from the usual ratio; long ones weigh more."""
    ratio = result / max(1, source)
    return abs(math.log(max(0.01, ratio) / max(0.01, usual))) * math.sqrt(min(source, 300) / 60)


def says_twice(source: str, result: str) -> bool:
    """True where a sentence of ``result`` is said again in about the same words, which no two of ``source`` are."""
    if _most_alike(result, 5) >= SAID_TWICE and _most_alike(source, 3) < 0.6 * SAID_TWICE:
        return True
    if len(sentences(source)) != 1:
        return False
    if _halves_are_alike(result) and not _halves_are_alike(source):
        return True
    return _again(result) >= SAID_AGAIN and _again(source) < SAID_TWICE / 3 and _again(result) > MUCH_MORE * _words_again(source)


def _words_again(text: str) -> float:
    """As ``_again``, of all words, also "the" and "and": other languages have longer ones."""
    words = Counter(re.findall(r"\w+", text.casefold()))
    return sum(count - 1 for count in words.values()) * 2 / max(8, words.total())


def _halves_are_alike(text: str) -> bool:
    """True where the second half of a text, or a little more or less, is made of the letters of the first (in dense scripts)."""
    letters = _DENSE_LETTER.findall(text)
    middle, stray = len(letters) // 2, len(letters) // 10
    if len(letters) not in HALVES:
        return False
    return any(
        (Counter(letters[:at]) & Counter(letters[at:])).total() >= SAID_IN_HALVES * max(at, len(letters) - at)
        for at in range(middle - stray, middle + stray + 1)
    )


def _again(text: str) -> float:
    """The share of the words of a text that stand there once more."""
    bag = _bag(text)
    return sum(count - 1 for count in bag.values()) * 2 / max(8, bag.total())


def _most_alike(text: str, least: int) -> float:
    bags = [bag for sentence in sentences(text) if (bag := _bag(sentence)).total() >= least]
    most = 0.0
    for number, one in enumerate(bags):
        for other in bags[number + 1 :]:
            if shared := one.keys() & other.keys():
                most = max(most, sum(min(one[word], other[word]) for word in shared) / min(one.total(), other.total()))
    return most


def _bag(sentence: str) -> Counter[str]:
    """The words of a sentence that are long enough to mean something; pairs of letters in scripts without spaces."""
    dense = _DENSE_LETTER.findall(sentence)
    if len(dense) >= 8:
        return Counter(map("".join, pairwise(dense)))
    words = re.findall(r"\w+", sentence.casefold())
    if len(_VIETNAMESE.findall(sentence)) > len(words) / 4:
        return Counter(map(" ".join, pairwise(words)))
    return Counter(word for word in words if len(word) > 3)


def _sizes(text: str) -> list[int]:
    return [len("".join(sentence.split())) for sentence in sentences(text)]
