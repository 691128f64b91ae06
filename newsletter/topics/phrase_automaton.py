"""Many phrases looked for in one text at once: the only place that knows the library for it (Aho and Corasick's automaton).

The time grows with the text and the hits, not with the number of phrases. It knows neither topics nor queries: a phrase
stands for whatever value it was added with.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

import ahocorasick

from newsletter.text.tokens import Text, fold, glued, is_acronym, spellings

Value = TypeVar("Value")


class Hit(NamedTuple, Generic[Value]):
    """The run of tokens from ``first`` up to, not including, ``after`` that a phrase was found in."""

    first: int
    after: int
    value: Value


@dataclass(slots=True)
class _Found(Generic[Value]):
    length: int
    whole: list[Value]
    beginnings: list[Value]


class Patterns(Generic[Value]):
    """Phrases by spelling. Add them all, then look; safe to share between threads once nothing is added any more."""

    def __init__(self) -> None:
        self._folded: dict[str, _Found[Value]] = {}
        self._exact: dict[str, _Found[Value]] = {}
        self._automata: list[tuple[bool, ahocorasick.Automaton]] | None = None

    def add(self, words: str, value: Value, *, beginning: bool = False) -> None:
        """Looks for ``words`` in any spelling (see ``text.spellings``); a ``beginning`` may end within a longer word."""
        table = self._exact if is_acronym(words) else self._folded
        for spelling in _beginning(words) if beginning else spellings(words):
            self._put(table, spelling, value, beginning=beginning)

    def add_exactly(self, words: str, value: Value, *, beginning: bool = False) -> None:
        """Looks for ``words`` as written but for case and hyphens: no plural, no acronym. Names of people are such words."""
        self._put(self._folded, fold(glued(words)), value, beginning=beginning)

    def _put(self, table: dict[str, _Found[Value]], spelling: str, value: Value, *, beginning: bool) -> None:
        found = table.setdefault(spelling, _Found(len(spelling), [], []))
        (found.beginnings if beginning else found.whole).append(value)
        self._automata = None

    def hits(self, text: Text) -> Iterator[Hit[Value]]:
        """Each place in ``text`` where a phrase stands as whole words, in the order of their ends."""
        starts = text.starts
        token_at = {place: number for number, place in enumerate(starts)}
        for exact, automaton in self._automata or self._built():
            for last, found in automaton.iter(text.raw if exact else text.folded):
                end = last + 1
                first = token_at.get(end - found.length)
                # The automaton finds letters anywhere; a phrase begins where a word does, and one letter is a name by itself.
                if first is None or (found.length == 1 and first not in text.alone):
                    continue
                after = bisect_left(starts, end)
                if end in token_at:
                    yield from (Hit(first, after, value) for value in found.whole)
                yield from (Hit(first, after, value) for value in found.beginnings)

    def _built(self) -> list[tuple[bool, ahocorasick.Automaton]]:
        tables = ((False, self._folded), (True, self._exact))
        self._automata = [(exact, _automaton(table)) for exact, table in tables if table]
        return self._automata


def _beginning(words: str) -> tuple[str, ...]:
    joined = glued(words)
    return (joined if is_acronym(words) else fold(joined),)


def _automaton(table: dict[str, _Found[Value]]) -> ahocorasick.Automaton:
    automaton = ahocorasick.Automaton()
    for spelling, found in table.items():
        automaton.add_word(spelling, found)
    automaton.make_automaton()
    return automaton
