"""Marks the words of a search in a text that is shown, by the rules that the index finds them by. Pure.

Characters are folded one by one here, to know where each came from. The index folds whole texts, which gives the same but for
letters that are written as several characters (https://www.unicode.org/reports/tr15/): a word with such a letter is found and not
marked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from newsletter.search.terms import Phrase, placed_terms

# This part (one third) of an excerpt stands before the first word found.
LEAD = 3


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text; ``found`` where it is what was searched for."""

    text: str
    found: bool


def marked(text: str, phrases: Sequence[Phrase]) -> list[Piece]:
    """The whole of ``text`` in pieces; no piece is empty, none is found where no phrase stands in it."""
    return _cut(text, _spans(text, phrases), 0, len(text))


def excerpt(text: str, phrases: Sequence[Phrase], *, length: int) -> list[Piece]:
    """About ``length`` characters of ``text`` in pieces, around the first phrase found, else its beginning; "…" at a cut."""
    spans = _spans(text, phrases)
    start = 0
    if spans and spans[0][1] > length:
        start = _word_at(text, max(0, spans[0][0] - length // LEAD))
    end = len(text) if len(text) - start <= length + length // 10 else _word_before(text, start + length)
    pieces = _cut(text, spans, start, end)
    before, after = [Piece("… ", found=False)] if start else [], [Piece("…", found=False)] if end < len(text) else []
    return [*before, *pieces, *after]


def _spans(text: str, phrases: Sequence[Phrase]) -> list[tuple[int, int]]:
    """The places of all phrases, in order; those that touch or overlap are one."""
    if not phrases:
        return []
    terms, starts, ends = placed_terms(text)
    # All terms in one string with spaces around each, which is searched quickly.
    line = f" {' '.join(terms)} "
    joined: list[tuple[int, int]] = []
    for start, end in sorted(span for phrase in phrases for span in _places(phrase, line, starts, ends)):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], end)
        else:
            joined.append((start, end))
    return joined


def _places(phrase: Phrase, line: str, starts: Sequence[int], ends: Sequence[int]) -> Iterator[tuple[int, int]]:
    wanted = f" {' '.join(phrase.terms)}{'' if phrase.beginning else ' '}"
    at, counted, first = line.find(wanted), 0, 0
    while at >= 0:
        # Before each term stands one space.
        first, counted = first + line.count(" ", counted, at), at
        last_term = first + len(phrase.terms) - 1
        # Of a pair of letters only the first was asked for.
        yield starts[first], starts[last_term] + 1 if phrase.beginning else ends[last_term]
        # Go on at the last place that overlaps this one: the places between lie within these two, and looking at each of them
        # would take very long in a text that repeats itself.
        last = line.rfind(wanted, at + 1, at + 2 * len(wanted) - 2)
        at = last if last >= 0 else line.find(wanted, at + 1)


def _cut(text: str, spans: Sequence[tuple[int, int]], start: int, end: int) -> list[Piece]:
    pieces, at = [], start
    for first, last in spans:
        if last <= start or first >= end:
            continue
        opening, closing = max(first, at), min(last, end)
        pieces += [Piece(text[at:opening], found=False), Piece(text[opening:closing], found=True)]
        at = closing
    return [piece for piece in [*pieces, Piece(text[at:end], found=False)] if piece.text]


def _word_at(text: str, place: int) -> int:
    """The next beginning of a word from ``place`` on, where one is near; else the place itself."""
    space = text.find(" ", place, place + 20)
    return space + 1 if space >= 0 else place


def _word_before(text: str, place: int) -> int:
    """The last end of a word before ``place``, where one is near; else the place itself."""
    space = text.rfind(" ", place - 20, place)
    return space if space >= 0 else place
