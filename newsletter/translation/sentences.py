"""Where sentences end, in English and in a translation, and whether two texts keep the same things in the same sentences. Pure.

A translator may join two sentences or part one, but in order; so the sentences of both texts are laid side by side (the groups
of Gale and Church, https://aclanthology.org/J93-1004/, with the marks in place of their lengths).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence

_SHORT = (
    r"e\.?g|i\.?e|cf|vs|etc|al|Fig|Figs|Eq|Eqs|Sec|Ref|Refs|Tab|No|Nos|vol|resp|approx|ca|Dr|Prof|Mr|Ms|Mrs|St"
    r"|bzw|vgl|usw|sog|Nr|Abb|ggf|evtl|inkl|bspw|ej|ex|env|Sr|Sra|Ud|p|pp|[A-Za-z]"
)
# A full stop ends a sentence where white space and no small letter follow, no short form before; a full-width one always does.
_END = re.compile(
    rf"""(?<![\w.\-])(?P<short>{_SHORT})\.(?=\s)
    | (?P<end>[.!?؟۔।]+[)\]"'”’»]*(?=\s+[^\sa-z]|\s*\Z) | [。！？｡]+[」』）)”’"]*)""",
    re.VERBOSE,
)

Marks = Sequence[Counter[str]]


def sentences(text: str) -> list[str]:
    """``text`` in sentences, each without the white space around it; a text without a full stop is one, an empty one none."""
    parts: list[str] = []
    at = 0
    for match in _END.finditer(text):
        if match["end"]:
            parts.append(text[at : match.end()].strip())
            at = match.end()
    return [part for part in [*parts, text[at:].strip()] if part]


def same_places(before: Marks, after: Marks) -> bool:
    """True where the marks of ``before``, counted by sentence, stand in the same sentences of ``after``.

    Where both have as many sentences, each answers to its own; else some are joined or some parted, never both, and never out of
    order. A mark may stand in ``after`` more often, where the numbers of it were found fit otherwise.
    """
    if len(before) == len(after):
        return all(_holds(one, other) for one, other in zip(before, after, strict=True))
    if len(before) < len(after):
        return _parted(before, after, _holds)
    return _parted(after, before, lambda one, other: _holds(other, one))


def _parted(
    few: Sequence[Counter[str]], many: Sequence[Counter[str]], fits: Callable[[Counter[str], Counter[str]], bool]
) -> bool:
    """True where ``many`` falls into one run of sentences for each of ``few``, in order, each of which ``fits``."""
    ends = {0}  # how many of ``many`` may be used up so far
    for place, one in enumerate(few):
        reached = set()
        for start in ends:
            run: Counter[str] = Counter()
            for end in range(start, len(many) - (len(few) - place - 1)):
                run = run + many[end]
                if fits(one, run):
                    reached.add(end + 1)
        ends = reached
    return len(many) in ends


def _holds(one: Counter[str], other: Counter[str]) -> bool:
    return all(other[mark] >= count for mark, count in one.items())
