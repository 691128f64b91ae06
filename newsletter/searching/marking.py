"""Where the words of a query stand in a text that is shown, found as the index finds them. Pure.

Signs are folded one by one here, to know where each came from; the index folds whole texts, which comes to the same but for
letters that are written in pieces (https://www.unicode.org/reports/tr15/): such a word is found and not marked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from newsletter.searching.words import Phrase, placed_terms

# Of an excerpt, so much stands before the first word found.
LEAD = 3


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text, and whether it was asked for."""

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
    placed = placed_terms(text)
    terms = [term for term, _, _ in placed]
    found = sorted(span for phrase in phrases for span in _places(phrase, terms, [(start, end) for _, start, end in placed]))
    joined: list[tuple[int, int]] = []
    for start, end in found:
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], end)
        else:
            joined.append((start, end))
    return joined


def _places(phrase: Phrase, terms: Sequence[str], spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    count, found = len(phrase.terms), []
    wanted, last = list(phrase.terms[:-1]), phrase.terms[-1]
    for at in range(len(terms) - count + 1):
        end = at + count - 1
        fits = terms[end].startswith(last) if phrase.beginning else terms[end] == last
        if fits and list(terms[at:end]) == wanted:
            # Of a pair of letters only the first was asked for.
            stop = spans[end][0] + 1 if phrase.beginning else spans[end][1]
            found.append((spans[at][0], stop))
    return found


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
