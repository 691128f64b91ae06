"""A source and its translation, made comparable: one character, a mark, stands in the place of each protected part. Pure.

Parts are then counted, found by sentence and left out of the words around them without another look at what they hold.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from newsletter.languages import Language
from newsletter.text.sentences import same_places, sentences
from newsletter.translation.gate.local_names import local_ways
from newsletter.translation.gate.numbers import is_number, scaled
from newsletter.translation.glossary import EMPTY, KEEP, Glossary
from newsletter.translation.number_styles import written_otherwise
from newsletter.translation.protected_spans import is_acronym, marked

# The private use area of Unicode: no text of a paper holds its characters. The first stands for all rendered terms.
_TERM, _FIRST, _LAST = "\ue000", 0xE001, 0xF8FF
_MARK = re.compile(r"[\ue000-\uf8ff]")
_PART = re.compile(r"[\ue001-\uf8ff]")
_LINK = re.compile(r"https?://|ftp://|www\.|[^\s/]+\.[a-z]{2,}(?:/|\Z)|[^\s@]+@", re.ASCII)
# What makes another link of one that it follows; a full stop and a word stand there where a space was lost.
_LINK_GOES_ON = re.compile(r"[.,;:!?]*[A-Za-z0-9/_~%#=&+@\-]|[.,;:!?]+[^\W_]")
_LINK_BEFORE = re.compile(r"(?<=[/.@-])")
# A place within an ASCII word, or within a number: 1.5 and 1,000 are one. Between Han and Latin letters there is no space, so
# other letters part words here.
_BEGUN_BEFORE = re.compile(r"(?<=[A-Za-z0-9])(?=[A-Za-z0-9])|(?<=\d[.,])(?=[0-9])")
_GOES_ON = re.compile(r"(?<=[A-Za-z0-9])(?=[A-Za-z0-9])|(?<=[0-9])(?=[.,]\d)")
_ORDINAL = re.compile(r"(\d+)(?:st|nd|rd|th|s)\Z")
_PLURAL = re.compile(r"(?<=[A-Za-z])([A-Z])s\Z")


@dataclass(frozen=True, slots=True)
class Compared:
    """``source`` and ``result`` with marks, and the part that each stands for.

    Parts that may stand in ``result`` more often than in ``source`` are ``loose``.
    """

    source: str
    result: str
    loose: frozenset[str]
    parts: Mapping[str, str]

    @property
    def source_words(self) -> str:
        return _MARK.sub(" ", self.source)

    @property
    def result_words(self) -> str:
        return _MARK.sub(" ", self.result)

    def not_kept(self) -> tuple[str, ...]:
        """The parts that stand in the result not as often as in the source; loose ones, less often."""
        before, after = Counter(_PART.findall(self.source)), Counter(_PART.findall(self.result))
        return tuple(
            self.parts[mark]
            for mark, count in before.items()
            if after[mark] != count and not (mark in self.loose and after[mark] > count)
        )

    def parts_in_place(self) -> bool:
        """True where each part stands in the sentence of the result that answers to its own."""
        return same_places(_by_sentence(self.source), _by_sentence(self.result))


def compared(source: str, result: str, glossary: Glossary = EMPTY, language: Language | None = None) -> Compared:
    """``source`` and ``result`` with marks for the parts of ``source``; the longest parts are looked for first.

    Numbers may stand there as ``language`` writes them.
    """
    marks: dict[str, str] = {}
    wanted: Counter[str] = Counter()
    written: list[str] = []
    renderings: set[str] = set()
    at = 0
    for start, end, term in marked(source, glossary):
        part = source[start:end]
        if term is None or term.rendering in ("", KEEP):
            mark = marks.setdefault(_one(part), chr(min(_FIRST + len(marks), _LAST)))
            wanted[part] += 1
        else:
            mark = _TERM
            renderings.add(term.rendered(part))
        written += [source[at:start], mark]
        at = end
    loose = frozenset(mark for part, mark in marks.items() if is_acronym(part))
    masked_source = "".join(written) + source[at:]

    def against(masked: str) -> Compared:
        return Compared(masked_source, masked, loose, {mark: part for part, mark in marks.items()})

    masked = _masked_result(source, result, wanted, marks, renderings)
    found = against(_with_local_numbers(masked, wanted, marks, language) if language else masked)
    if not found.not_kept():
        return found
    # Parts are cut out of the result as they were out of the source: what looked for by itself stands within another one there.
    again = against(_masked_result(source, _cut_alike(result, glossary, marks), Counter(), marks, renderings))
    return found if again.not_kept() else again


def _cut_alike(result: str, glossary: Glossary, marks: Mapping[str, str]) -> str:
    """``result`` with marks for those of its own parts that are parts of the source."""
    written, at = [], 0
    for start, end, term in marked(result, glossary):
        mark = marks.get(_one(result[start:end])) if term is None or term.rendering in ("", KEEP) else _TERM
        if mark and (not _LINK.match(result, start, end) or _is_whole(result, start, end)):
            written += [result[at:start], mark]
            at = end
    return "".join(written) + result[at:]


def _masked_result(source: str, result: str, wanted: Counter[str], marks: dict[str, str], renderings: set[str]) -> str:
    looked_for = [(part, marks[_one(part)]) for part in wanted] + [(rendering, _TERM) for rendering in renderings]
    for text, mark in sorted(looked_for, key=lambda pair: -len(pair[0])):
        result = _with_mark(result, text, mark)
    missing: Counter[str] = Counter()
    for part, count in wanted.items():
        missing[marks[_one(part)]] += count
    missing -= Counter(_PART.findall(result))
    for part in wanted:
        if (mark := marks[_one(part)]) in missing:
            for text in _other_ways(part, source):
                result = _with_mark(result, text, mark)
    return result


def _with_local_numbers(result: str, wanted: Counter[str], marks: Mapping[str, str], language: Language) -> str:
    """``result`` with marks for numbers that are missing and stand there as ``language`` writes them."""
    there = Counter(_PART.findall(result))
    for part in sorted(wanted, key=len, reverse=True):
        mark = marks[_one(part)]
        missing = wanted[part] - there[mark]
        if missing > 0 and is_number(part) and (pattern := written_otherwise(part, language)):
            result = pattern.sub(mark, result, count=missing)
    return result


def _one(part: str) -> str:
    """What two ways to write a part have in common: a plural of letters (ViTs), the ending of an ordinal or a decade."""
    if is_acronym(part):
        return part.removesuffix("s")
    ordinal = _ORDINAL.match(part)
    return ordinal.group(1) if ordinal else _PLURAL.sub(r"\1", part)


def _other_ways(part: str, source: str) -> list[str]:
    """How a translator may write ``part``: languages without a plural ending drop it, and Chinese counts in ten thousands."""
    ways = [_one(part), *([_one(part) + "s"] if is_acronym(part) else []), *scaled(part, source), *local_ways(part)]
    return [way for way in dict.fromkeys(ways) if way != part]


def _with_mark(text: str, part: str, mark: str) -> str:
    """``text`` with ``mark`` for each ``part`` that is not cut out of a longer word or number."""
    at = text.find(part)
    while at >= 0:
        end = at + len(part)
        if _is_whole(text, at, end):
            text = text[:at] + mark + text[end:]
            end = at + 1
        at = text.find(part, end)
    return text


def _is_whole(text: str, start: int, end: int) -> bool:
    """True where the part is not cut out of a longer word, number or link."""
    if _LINK.match(text, start, end) and (_LINK_BEFORE.match(text, start) or _LINK_GOES_ON.match(text, end)):
        return False
    return not (_BEGUN_BEFORE.match(text, start) or _GOES_ON.match(text, end))


def _by_sentence(text: str) -> list[Counter[str]]:
    return [Counter(_PART.findall(sentence)) for sentence in sentences(text)]
