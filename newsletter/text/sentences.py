"""Where sentences end, in English and in a translation, and whether two texts keep the same things in the same sentences. Pure.

A translator may join two sentences or part one, but in order; so the sentences of both texts are laid side by side (the groups
of Gale and Church, https://aclanthology.org/J93-1004/, with the marks in place of their lengths).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

_SHORT = (
    r"e\.?g|i\.?e|cf|vs|etc|al|Fig|Figs|Eq|Eqs|Sec|Ref|Refs|Tab|No|Nos|vol|resp|approx|ca|Dr|Prof|Mr|Ms|Mrs|St|avg|incl|viz|wrt|Inc|Corp|Ltd|Jr|Thm|Lem|Def|eqs?|figs?"
    # Initials; what ends so and is no person may end a sentence too.
    r"|(?!U\.[SKN]|D\.C|E\.U)(?:[A-Z]\.){1,2}[A-Z]"
    r"|bzw|vgl|usw|sog|Nr|Abb|ggf|evtl|inkl|bspw|ej|ex|env|Sr|Sra|Ud|p|pp|[A-Za-z]"
)
_OPEN_END, _WIDE_END = "[.!?؟۔।]", "[。！？｡]"
_FILE_OR_SITE = "Com|Org|Net|Edu|Gov|Io|Js|Ts|Py|Ya?ml|Json|Csv|Txt|Md|Pdf|Html|Xml|Toml|Cpp|Rs|Jl"
# A full stop ends a sentence where white space and no small letter follow, no short form before; a full-width one always does.
# Some abstracts lack the space: annotations.A practical; Node.Js and Example.Com do not.
# The pattern begins with the sign itself, which is looked for quickly.
_END = re.compile(
    rf"""[.!?؟۔।。！？｡](?:
      (?<={_OPEN_END})(?<!{_OPEN_END}.){_OPEN_END}*[)\]"'”’»]*(?=\s+[^\sa-z]|\s*\Z)
    | (?<={_WIDE_END}){_WIDE_END}*[」』）)”’"]*
    | (?<=[a-z]{{3}}[.!?])(?=[A-Z][a-z]*,?\s)(?!(?:{_FILE_OR_SITE})\b))""",
    re.VERBOSE,
)
_SHORT_BEFORE = re.compile(rf"(?<![\w.\-])(?:{_SHORT})\Z")
LONGEST_SHORT = 6

Marks = Sequence[Counter[str]]


def sentences(text: str) -> list[str]:
    """``text`` in sentences, each without the white space around it; a text without a full stop is one, an empty one none."""
    return list(_cut(text))


@lru_cache(maxsize=128)
def _cut(text: str) -> tuple[str, ...]:
    """Kept for the last texts: a translation's sentences are asked for by each rule of the gate."""
    parts: list[str] = []
    at = 0
    for match in _END.finditer(text):
        if not _is_of_short(text, match.start(), match.end()):
            parts.append(text[at : match.end()].strip())
            at = match.end()
    return tuple(part for part in [*parts, text[at:].strip()] if part)


def _is_of_short(text: str, start: int, end: int) -> bool:
    """Whether what stands there is the full stop of a short form, with white space behind."""
    is_stop = text[start:end] == "." and text[end : end + 1].isspace()
    return is_stop and _SHORT_BEFORE.search(text, max(0, start - LONGEST_SHORT), start) is not None


def same_places(before: Marks, after: Marks) -> bool:
    """True where the marks of ``before``, counted by sentence, stand in the same sentences of ``after``.

    Where both have as many sentences, each answers to its own; else some are joined or some parted, never both, and never out of
    order. A mark may stand in ``after`` more often, where the numbers of it were found fit otherwise.
    """
    if len(before) == len(after):
        return all(_holds(one, other) for one, other in zip(before, after, strict=True))
    return _parted(before, after) if len(before) < len(after) else _joined(before, after)


def _parted(before: Marks, after: Marks) -> bool:
    """True where ``after`` falls into one run for each of ``before``, in order, that holds its marks.

    A run is as short as can be: what is left over is good for the next.
    """
    at = 0
    for place, one in enumerate(before):
        missing, start, last = Counter(one), at, len(after) - (len(before) - place - 1)
        while at < last and (at == start or missing):
            missing -= after[at]
            at += 1
        if missing:
            return False
    return True


def _joined(before: Marks, after: Marks) -> bool:
    """True where ``before`` falls into one run for each of ``after``, in order, whose marks that one holds.

    A run is as long as can be.
    """
    at = 0
    for one in after:
        room = Counter(one)
        while at < len(before) and _holds(before[at], room):
            room.subtract(before[at])
            at += 1
    return at == len(before)


def _holds(one: Counter[str], other: Counter[str]) -> bool:
    return all(other[mark] >= count for mark, count in one.items())
