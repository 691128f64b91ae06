"""Numbers as a translator may write them: a word as digits, a million in ten thousands. Pure."""

from __future__ import annotations

import re
from collections import Counter

_DIGITS = re.compile(r"\d+(?:\.\d+)?")
_NUMBER = re.compile(
    r"(?:[A-Za-zα-ω]\s?[=<>≤≥≈∼~]\s?)?[+\-−±~≈<>≤≥≲≳]?\d[\d,.]*(?:\s?[\-–—]\s?\d[\d,.]*)?(?:[eE][+\-]?\d+)?(?:\s?[^\W\d]{1,5}(?:/[A-Za-z]{1,3})?|\s?\W{1,2})?\Z"
)
_WORD = re.compile(r"[a-z]+")
_VALUES = {
    word: number
    for number, words in {
        0: "zero no",
        1: "one single first once a an",
        2: "two second twice double both pair half binary bi",
        3: "three third triple tri",
        4: "four fourth quarter quad",
        5: "five fifth",
        6: "six sixth",
        7: "seven seventh",
        8: "eight eighth",
        9: "nine ninth",
        10: "ten tenth",
        11: "eleven",
        12: "twelve dozen",
        15: "fifteen",
        20: "twenty",
        50: "fifty half",
        100: "hundred hundreds",
        1000: "thousand thousands",
    }.items()
    for word in words.split()
}
_SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_MYRIADS = {"万": 10**4, "萬": 10**4, "만": 10**4, "亿": 10**8, "億": 10**8, "억": 10**8}


def added(source: str, result: str) -> Counter[str]:
    """The numbers in ``result`` that ``source`` has neither in digits nor in words; digits of any script count as digits."""
    before, after = (Counter(_plain(number) for number in _DIGITS.findall(text)) for text in (source, result))
    words = Counter(str(_VALUES[word]) for word in _WORD.findall(source.lower()) if word in _VALUES)
    return after - before - words


def is_number(part: str) -> bool:
    """True for a protected part that is a number, with its sign and unit where it has them."""
    return bool(_NUMBER.match(part))


def _plain(number: str) -> str:
    return "".join(digit if digit == "." else str(int(digit)) for digit in number)


def scaled(number: str, source: str) -> list[str]:
    """How ``number`` may be written where million or the like follows in ``source``: ``10`` as ``1000 万`` or ``10,000,000``."""
    if not re.fullmatch(r"\d+(?:\.\d+)?", number):
        return []
    ways = []
    for scale in re.findall(rf"(?<![\d.]){re.escape(number)}[\s\-]({'|'.join(_SCALES)})", source):
        value = round(float(number) * _SCALES[scale])
        ways.append(f"{value:,}")
        for unit, size in _MYRIADS.items():
            count = f"{value / size:.10g}"
            if value >= size and float(count) * size == value:
                grouped = f"{int(count):,}" if count.isdigit() else count
                ways += [f"{one}{space}{unit}" for one in dict.fromkeys((count, grouped)) for space in (" ", "")]
    return ways
