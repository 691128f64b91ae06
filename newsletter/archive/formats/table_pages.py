"""Reads table pages: the README or Jekyll page of a daily list, with a table of papers under each topic. Pure.

Every line becomes a block, also those that nobody understands; joined they are the page again. What a row holds that cannot be
read is a remark and stays in the row as it is.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from newsletter.archive.formats.cells import pieces_of
from newsletter.archive.formats.columns import is_header_of_papers, roles_of
from newsletter.archive.formats.document import Block, Document, Item, Kind, Piece, Remark, Role, glue
from newsletter.archive.formats.items import item_of, with_languages
from newsletter.archive.formats.table_rows import has_pipe, is_separator, rejoined, split_row
from newsletter.errors import InputError
from newsletter.values.list_formats import ListFormat

# Characters. An abstract has 2,000 at most (https://info.arxiv.org/help/prep.html); reading takes the square of the length.
LONGEST_LINE = 30_000
NO_PAPER = "no cell of this row names a paper of a known server: the row is kept as it is"
_HEADING = re.compile(r"\s{0,3}(#{1,6})\s+(.*?)\s*#*\s*")
_UPDATED = re.compile(r"updated\s+on|last\s+update|更新于|更新於|更新时间|更新時間|更新日期|最后更新|最後更新", re.IGNORECASE)
_DAY = re.compile(r"((?:19|20)\d\d)([-./]?)(\d\d)\2(\d\d)(?!\d)")
_BADGE = re.compile(r"\s*(?:\[?!\[|<img\b|<a [^>]*><img\b)")
_DEFINITION = re.compile(r"\s{0,3}\[(?!\^)[^\]]+\]:\s*\S+")
_BACK = re.compile(r"back to (?:the )?top|返回顶部|返回頂部|回到顶部|回到頂部|トップへ", re.IGNORECASE)
_INSIDE = re.compile(r"""href=["']?#|\]\(#""")
_CONTENTS_LINE = re.compile(r"\s*(?:[-*+]|\d+\.)\s+\[[^\]]*\]\(#[^)]*\)\s*")


def recognise_table_page(text: str) -> float:
    """How sure it is, from 0 to 1, that ``text`` is a page of tables of papers."""
    lines = text.splitlines()
    tables = sum(1 for place in range(len(lines) - 1) if _starts_papers(lines, place))
    if not tables:
        return 0.0
    rows = sum(1 for line in lines if has_pipe(line))
    filled = sum(1 for line in lines if line.strip())
    return min(0.9, 0.5 + 0.4 * rows / max(1, filled))


def read_table_page(text: str, *, family: ListFormat = ListFormat.README) -> Document:
    """``text`` as a document. Raises InputError, naming the line, where the page ends in the middle of a row."""
    reading = _Reading(lines_of(text))
    while reading.place < len(reading.lines):
        _next(reading)
    if not any(block.kind is Kind.ROW for block in reading.blocks):
        raise InputError("no table of papers was found: it needs a header with a title or a link, and rows under it")
    return Document(family, tuple(reading.blocks), tuple(reading.topics), tuple(reading.remarks))


def lines_of(text: str) -> list[str]:
    """The lines with their ends. Raises InputError, naming it, for one that is too long for any row."""
    lines = text.split("\n")
    kept = [*(f"{line}\n" for line in lines[:-1]), *([lines[-1]] if lines[-1] else [])]
    for number, line in enumerate(kept, start=1):
        if len(line) > LONGEST_LINE:
            raise InputError(f"line {number}: it has {len(line)} characters, and a row of papers {LONGEST_LINE} at most")
    return kept


@dataclass
class _Reading:
    """A page in reading: ``place`` is the next line, ``topic`` the topic that stands above it."""

    lines: list[str]
    place: int = 0
    topic: int | None = None
    blocks: list[Block] = field(default_factory=list)
    topics: list[str] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)

    @cached_property
    def last(self) -> int:
        """The place of the last line that is not blank."""
        return max((place for place, line in enumerate(self.lines) if line.strip()), default=0)

    @cached_property
    def _ends(self) -> list[int]:
        return [place for place, line in enumerate(self.lines) if "</details>" in line.lower()]

    def end_of_details(self) -> int | None:
        """The place of the next line that closes a folded block; None where none does."""
        found = bisect_left(self._ends, self.place)
        return self._ends[found] if found < len(self._ends) else None

    def add(self, kind: Kind, *pieces: Piece, item: Item | None = None, lines: int = 1) -> None:
        self.blocks.append(Block(kind, self.place + 1, pieces, self.topic, item))
        self.place += lines

    def remark(self, words: str) -> None:
        self.remarks.append(Remark(self.place + 1, words))


def _next(reading: _Reading) -> None:
    line = reading.lines[reading.place]
    if reading.place == 0 and line.strip() in ("---", "+++"):
        end = _end_of(reading.lines, 1, lambda one: one.strip() == line.strip())
        if end is not None:
            return _take(reading, Kind.FRONT, end + 1)
    if _starts_papers(reading.lines, reading.place):
        return _table(reading)
    if heading := _HEADING.fullmatch(line.rstrip("\r\n")):
        return _heading(reading, line, heading[2])
    if re.match(r"\s*<details", line, re.IGNORECASE):
        end = reading.end_of_details()
        if end is not None:
            leads = any(_INSIDE.search(line) for line in reading.lines[reading.place : end + 1])
            return _take(reading, Kind.CONTENTS if leads else Kind.TEXT, end + 1)
    return reading.add(_kind_of(line), *_dated(line))


def _kind_of(line: str) -> Kind:
    if not line.strip():
        return Kind.BLANK
    kinds = ((Kind.BADGE, _BADGE), (Kind.DEFINITION, _DEFINITION), (Kind.CONTENTS, _CONTENTS_LINE))
    for kind, pattern in kinds:
        if pattern.match(line):
            return kind
    if _BACK.search(line):
        return Kind.BACK
    if _UPDATED.search(line) and _DAY.search(line):
        return Kind.UPDATED
    return Kind.USAGE if line.lstrip().startswith(">") else Kind.TEXT


def _end_of(lines: Sequence[str], start: int, ends: Callable[[str], bool]) -> int | None:
    return next((place for place in range(start, len(lines)) if ends(lines[place])), None)


def _take(reading: _Reading, kind: Kind, upto: int) -> None:
    while reading.place < upto:
        reading.add(kind, *glue(reading.lines[reading.place]))


def _dated(line: str) -> tuple[Piece, ...]:
    """A line whose day of updating, also in an anchor (``#updated-on-20240102``), is a piece of its own."""
    if not (_UPDATED.search(line) or "#updated-on-" in line.lower()):
        return glue(line)
    pieces: list[Piece] = []
    end = 0
    for found in _DAY.finditer(line):
        pieces += (*glue(line[end : found.start()]), Piece(Role.UPDATED, found.group()))
        end = found.end()
    return (*pieces, *glue(line[end:]))


def _heading(reading: _Reading, line: str, name: str) -> None:
    if _UPDATED.search(name):
        return reading.add(Kind.UPDATED, *_dated(line))
    if not name or not _leads_to_papers(reading.lines, reading.place + 1):
        return reading.add(Kind.TEXT, *glue(line))
    reading.topic = len(reading.topics)
    reading.topics.append(name)
    start = line.index(name, line.index("#"))
    return reading.add(Kind.TOPIC, *glue(line[:start]), Piece(Role.TOPIC, name), *glue(line[start + len(name) :]))


def _leads_to_papers(lines: Sequence[str], start: int) -> bool:
    """Whether a table of papers comes before the next heading."""
    for place in range(start, len(lines)):
        if _starts_papers(lines, place):
            return True
        if _HEADING.fullmatch(lines[place].rstrip("\r\n")):
            return False
    return False


def _starts_papers(lines: Sequence[str], place: int) -> bool:
    if place + 1 >= len(lines) or not has_pipe(lines[place]) or not is_separator(lines[place + 1].rstrip("\r\n")):
        return False
    return is_header_of_papers(roles_of(split_row(lines[place]).cells))


def _table(reading: _Reading) -> None:
    header = split_row(reading.lines[reading.place])
    roles = roles_of(header.cells)
    for role, cell in zip(roles, header.cells, strict=True):
        if role is Role.EXTRA:
            reading.remark(f"nobody knows the column {cell.strip()!r}: it is kept as it is")
    reading.add(Kind.HEADER, *glue(reading.lines[reading.place]))
    reading.add(Kind.SEPARATOR, *glue(reading.lines[reading.place]))
    while reading.place < len(reading.lines) and has_pipe(reading.lines[reading.place]):
        line = reading.lines[reading.place]
        refuse_cut_row(line, len(roles), number=reading.place + 1, last=reading.place == reading.last)
        pieces, item, words = read_row(line, roles)
        for one in words:
            reading.remark(one)
        reading.add(Kind.ROW, *pieces, item=item)


def refuse_cut_row(line: str, columns: int, *, number: int, last: bool) -> None:
    """Raises InputError for a ``last`` row that stops in the middle: its closing pipe, or cells, are missing."""
    row = split_row(line, columns=columns)
    open_ended = row.lead.endswith("|") and not row.tail.startswith("|")
    if last and (open_ended or (len(row.cells) < columns and not line.endswith("\n"))):
        raise InputError(
            f"line {number}: the file ends in the middle of a row, after {len(row.cells)} of {columns} cells:"
            " nothing is imported; give the whole file"
        )


def read_row(line: str, roles: Sequence[Role]) -> tuple[tuple[Piece, ...], Item, tuple[str, ...]]:
    """The row as pieces, what it says, and what of it was not understood."""
    row = split_row(line, columns=len(roles))
    cells = rejoined(row.cells, roles)
    named = [(roles[place] if place < len(roles) else Role.EXTRA, cell) for place, cell in enumerate(cells)]
    pieces: list[Piece] = [*glue(row.lead)]
    for place, (role, cell) in enumerate(named):
        pieces += (*(glue("|") if place else ()), *pieces_of(role, cell))
    pieces += glue(row.tail)
    told = with_languages(pieces)
    item = item_of(told, cells=named)
    words = [] if item.ref else [NO_PAPER]
    if len(cells) < len(roles):
        words.append(f"the row has {len(cells)} of {len(roles)} cells")
    if Role.DATE in roles and item.date is None:
        words.append("the date of this row cannot be read")
    return told, item, tuple(words)
