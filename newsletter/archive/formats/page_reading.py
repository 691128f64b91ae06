"""A Markdown page of papers while it is read: the next line, the topic that stands above it, what was found. Pure.

A heading is a topic once papers follow it; a folded block has a topic of its own where its summary names one, and behind it the
one from before goes on.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from newsletter.archive.formats.document import Block, Item, Kind, Piece, Remark, Role, glue
from newsletter.archive.formats.page_structure import Structure, structure_of
from newsletter.archive.formats.visible_ids import refs_by_line
from newsletter.errors import InputError

# Characters. An abstract has 2,000 at most (https://info.arxiv.org/help/prep.html); reading takes the square of the length.
LONGEST_LINE = 30_000


def lines_of(text: str) -> list[str]:
    """The lines with their ends. Raises InputError, naming it, for one that is too long for any row."""
    lines = text.split("\n")
    kept = [*(f"{line}\n" for line in lines[:-1]), *([lines[-1]] if lines[-1] else [])]
    for number, line in enumerate(kept, start=1):
        if len(line) > LONGEST_LINE:
            raise InputError(f"line {number}: it has {len(line)} characters, and a row of papers {LONGEST_LINE} at most")
    return kept


@dataclass(frozen=True, slots=True)
class Pending:
    """A heading that becomes a topic where papers follow: the place of its block, its name, the level; ``outer`` is around it."""

    block: int
    name: str
    level: int
    raw: str
    outer: Pending | None = None


@dataclass(frozen=True, slots=True)
class _Fold:
    """A folded block: the line behind it, and what held before it."""

    end: int
    topic: int | None
    pending: Pending | None


@dataclass
class Reading:
    """``place`` is the next line, ``topic`` that which stands above it, ``day`` that of a heading which is a date."""

    lines: list[str]
    place: int = 0
    topic: int | None = None
    pending: Pending | None = None
    day: dt.date | None = None
    blocks: list[Block] = field(default_factory=list)
    topics: list[str] = field(default_factory=list)
    # Of the headings of the topics.
    levels: list[int] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    folds: list[_Fold] = field(default_factory=list)

    @cached_property
    def structure(self) -> Structure:
        return structure_of(self.lines)

    @cached_property
    def last(self) -> int:
        """The place of the last line that is not blank."""
        return max((place for place, line in enumerate(self.lines) if line.strip()), default=0)

    @cached_property
    def refs(self) -> dict[int, list[str]]:
        """The papers that each line names, but for code and comments."""
        return {number - 1: refs for number, refs in refs_by_line(self.lines) if number - 1 not in self.structure.hidden}

    @cached_property
    def within_items(self) -> set[int]:
        """The lines that stand within items of lists."""
        return {place for first, end in self.structure.items.items() for place in range(first, end)}

    @cached_property
    def _places_of_refs(self) -> list[int]:
        return sorted(self.refs)

    @cached_property
    def headings(self) -> list[int]:
        return sorted(self.structure.headings)

    @cached_property
    def _ends(self) -> list[int]:
        return [place for place, line in enumerate(self.lines) if "</details>" in line.lower()]

    def line(self, place: int) -> str:
        return self.lines[place] if place < len(self.lines) else ""

    def refs_within(self, first: int, end: int) -> list[str]:
        """The papers that the lines from ``first`` up to ``end`` name, each once."""
        places = self._places_of_refs
        some = places[bisect_left(places, first) : bisect_left(places, end)]
        return list(dict.fromkeys(ref for place in some for ref in self.refs[place]))

    def next_heading(self, after: int) -> int:
        """The place of the first heading behind ``after``; that of the end where there is none."""
        found = bisect_left(self.headings, after + 1)
        return self.headings[found] if found < len(self.headings) else len(self.lines)

    def end_of_details(self) -> int | None:
        """The place of the next line that closes a folded block, those within left out; None where none does."""
        depth = 0
        for place in range(self.place, len(self.lines)):
            line = self.lines[place].lower()
            depth += line.count("<details") - line.count("</details>")
            if depth <= 0:
                return place
            if place > self.place + 20_000:
                break
        found = bisect_left(self._ends, self.place)
        return self._ends[found] if found < len(self._ends) else None

    def add(self, kind: Kind, *pieces: Piece, item: Item | None = None, lines: int = 1) -> None:
        """A block of so many lines, with what it says of a paper."""
        if kind in (Kind.HEADER, Kind.ROW):
            self._promote()
        if item is not None and item.date is None and self.day is not None:
            item = replace(item, date=self.day)
        self.blocks.append(Block(kind, self.place + 1, pieces, self.topic, item))
        self.place += lines

    def text(self, kind: Kind, upto: int) -> None:
        """The lines up to ``upto`` as they are."""
        while self.place < upto:
            self.add(kind, *glue(self.lines[self.place]))

    def remark(self, words: str) -> None:
        self.remarks.append(Remark(self.place + 1, words))

    def await_papers(
        self, name: str, level: int, *, kind: Kind = Kind.TEXT, pieces: Sequence[Piece] = (), lines: int = 1
    ) -> None:
        """Takes a heading that becomes the topic ``name`` where papers follow it."""
        raw = "".join(self.lines[self.place : self.place + lines])
        outer = self.pending
        while outer is not None and outer.level >= level:
            outer = outer.outer
        self.pending = Pending(len(self.blocks), name, level, raw, outer)
        self.add(kind, *(pieces or glue(raw)), lines=lines)

    def part(self, level: int) -> None:
        """Takes a heading that is no topic, as a day is: it stays within the topic above it, and ends one of its level or deeper.

        The title of a page is no topic of what stands below its parts.
        """
        self.end_topics(level)
        if self.pending is not None and self.pending.level <= 1:
            self.pending = None

    def end_topics(self, level: int) -> None:
        """Ends the topic of a heading of this level or deeper, as a heading that is the title of a paper does."""
        while self.pending is not None and self.pending.level >= level:
            self.pending = self.pending.outer
        if self.topic is not None and self.levels[self.topic] >= level:
            self.topic = None

    def _promote(self) -> None:
        """Makes the heading that waits a topic, and puts what stands under it there."""
        if self.pending is None:
            return
        pending, self.pending = self.pending, None
        self.topic = len(self.topics)
        self.topics.append(pending.name)
        self.levels.append(pending.level)
        block = self.blocks[pending.block]
        self.blocks[pending.block] = replace(block, kind=Kind.TOPIC, pieces=_named(pending))
        # What a folded block below the heading has under a topic of its own stays there.
        self.blocks[pending.block :] = [
            replace(one, topic=self.topic) if one.topic == block.topic else one for one in self.blocks[pending.block :]
        ]

    def fold(self, end: int) -> None:
        """Begins a folded block that ends on the line before ``end``."""
        self.folds.append(_Fold(end, self.topic, self.pending))

    def unfold(self) -> None:
        """Ends the folded blocks that the next line is behind: a topic of their own ends with them."""
        while self.folds and self.folds[-1].end <= self.place:
            fold = self.folds.pop()
            outer = fold.pending
            if outer is not None and self.blocks[outer.block].kind is Kind.TOPIC:
                self.topic = self.blocks[outer.block].topic
                self.pending = None
            else:
                self.topic, self.pending = fold.topic, outer


def _named(pending: Pending) -> tuple[Piece, ...]:
    """The heading with its name as a piece, where it stands there as such."""
    raw = pending.raw
    start = raw.find(pending.name)
    if start < 0:
        return (
            (*glue(raw), Piece(Role.TOPIC, ""))
            if not raw.endswith("\n")
            else (*glue(raw[:-1]), Piece(Role.TOPIC, ""), *glue("\n"))
        )
    return (*glue(raw[:start]), Piece(Role.TOPIC, pending.name), *glue(raw[start + len(pending.name) :]))
