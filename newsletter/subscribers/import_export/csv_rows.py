"""Reads the rows of a list of people and says what is wrong with each. Pure; one bad row stops no other."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from itertools import chain

from newsletter.errors import InputError
from newsletter.languages import BY_CODE
from newsletter.subscribers.addresses import normalise
from newsletter.subscribers.choices import Choices, faults_of, settled
from newsletter.subscribers.import_export.cells import (
    REASONS,
    address_in,
    hour_in,
    is_plain_answer,
    is_sign,
    language_in,
    leaving_in,
    status_in,
    timezone_in,
    topics_in,
)
from newsletter.subscribers.import_export.columns import FIELDS, Header, delimiter_of, header_of
from newsletter.subscribers.subscriber import State

COLUMNS = FIELDS
# What somebody gets whose list says nothing of it, and nobody else did.
USUAL = {"language": "en", "timezone": "UTC", "hour": "7", "status": "confirmed"}

# Where the lists are that the sentences speak of, for somebody who has a file before them and no form.
HINTS = {
    "topics": "`newsletter topics list` shows them; several are joined by a semicolon.",
    "language": f"They are {', '.join(BY_CODE)}.",
    "timezone": "They have names such as Europe/Berlin; empty is UTC.",
    "hour": "",
}

Remark = tuple[int, str]
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Reading:
    """How a list is read: fields by the names of columns, and what holds where the list says nothing, by field."""

    mapped: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)


# A spreadsheet takes a cell that begins so for a formula, https://owasp.org/www-community/attacks/CSV_Injection: it is written
# with an apostrophe before it, and read without. One that begins with an apostrophe itself gets another.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠", "'")
QUOTED = tuple(f"'{sign}" for sign in FORMULA)


@dataclass(frozen=True, slots=True)
class Row:
    """One usable row; ``line`` is where it ends in the file, the choices hold no topic only for somebody who left.

    ``reason`` says why somebody left; ``alone`` that the list has nothing but the address of such a person.
    """

    line: int
    email: str = field(repr=False)
    key: str = field(repr=False)
    choices: Choices
    status: State
    reason: State = State.UNSUBSCRIBED
    alone: bool = False

    @property
    def left(self) -> bool:
        """True for somebody to whom nothing may be sent."""
        return self.status is State.UNSUBSCRIBED


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a file holds: usable rows with each address once, refused lines with the reason, and notes.

    ``cells`` are the first line (0) and the refused lines as they came, so that they can be mended.
    """

    rows: tuple[Row, ...]
    refused: tuple[Remark, ...]
    notes: tuple[Remark, ...]
    cells: Mapping[int, tuple[str, ...]] = field(default_factory=dict, repr=False)


def read(lines: Iterable[str], *, known: Set[str], how: Reading | None = None, progress: Progress = lambda _done: None) -> Sheet:
    """All rows of ``lines`` (an iterable of lines, or an open text file); ``known`` are the catalogue's slugs.

    Where an address comes twice, the last row of it wins, but one that says that somebody left wins over others. Raises
    InputError where the header is missing or wrong.
    """
    how = how or Reading()
    numbered, first = _numbered(lines)
    header = header_of(first[1], how.mapped)
    if header.is_list and first[1]:
        numbered = chain([(first[0], first[1])], numbered)
    _check_topics(header, how)
    rows: dict[str, Row] = {}
    refused: list[Remark] = []
    notes: list[Remark] = _about_columns(header, how)
    kept: dict[int, tuple[str, ...]] = {0: ("email",) if header.is_list else tuple(first[1] or ())}
    for count, (line, cells) in enumerate(numbered, start=1):
        if count % 1000 == 0:
            progress(count)
        try:
            row, told = _row(line, cells, header=header, how=how, known=known)
        except InputError as error:
            refused.append((line, str(error)))
            kept[line] = tuple(cells)
            continue
        if told:
            notes.append((line, told))
        if row.key in rows:
            row, doubled = _of_two(rows.pop(row.key), row)
            notes.append(doubled)
        rows[row.key] = row
    return Sheet(tuple(rows.values()), tuple(refused), tuple(notes), kept)


def _of_two(first: Row, second: Row) -> tuple[Row, Remark]:
    """Which of two rows about one address counts, with the sentence about the other.

    Who left stays away, in whatever order the lists of several audiences were put together.
    """
    counts, other = (first, second) if first.left and not second.left else (second, first)
    return counts, (other.line, f"the same address stands in line {counts.line} again, which counts")


def quoted(cell: str) -> str:
    """``cell`` as no spreadsheet takes it for a formula."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def unquoted(cell: str) -> str:
    """What `quoted` was given."""
    return cell[1:] if cell.startswith(QUOTED) else cell


def _check_topics(header: Header, how: Reading) -> None:
    """Raises InputError where nobody says which topics people get; those who left need none."""
    leaving = how.defaults.get("status") in REASONS or "status" in header.fields or header.signs
    if "topics" not in header.fields and not how.defaults.get("topics") and not leaving:
        raise InputError(
            "the first line names no column topics: give --topics SLUG;SLUG for everybody, or --map COLUMN=topics;"
            " a list of people who left needs --status unsubscribed and no topics"
        )


def _about_columns(header: Header, how: Reading) -> list[Remark]:
    notes: list[Remark] = []
    if header.ignored:
        notes.append((1, f"these columns are not read: {', '.join(header.ignored)}"[:400]))
    if header.guessed:
        notes.append((1, f"these columns were taken to say who left: {', '.join(header.guessed.values())}"[:400]))
    return [*notes, *_about_usual(header, how)]


def _about_usual(header: Header, how: Reading) -> list[Remark]:
    """What everybody gets because the list says nothing of it."""
    usual = [name for name in USUAL if name not in header.fields and name not in how.defaults]
    told = ", ".join(f"{name} {USUAL[name]}" for name in usual if name != "status" or not header.signs)
    if not told or how.defaults.get("status") in REASONS:
        return []
    return [(1, f"the list says nothing of this, so everybody gets: {told}; options of the same names say otherwise")]


def _numbered(lines: Iterable[str]) -> tuple[Iterator[tuple[int, list[str]]], tuple[int, list[str] | None]]:
    """The rows behind the first with their line numbers, and the first; empty lines are left out.

    One that cannot be read comes as no cells at all.
    """
    source = iter(lines)
    skipped = 0
    head = next(source, None)
    while head is not None and not head.strip("\ufeff \r\n\t,;"):
        head, skipped = next(source, None), skipped + 1
    if head is None:
        return iter(()), (0, None)
    delimiter, is_said = delimiter_of(head)
    if is_said:
        skipped += 1
    rows = _rows(chain([] if is_said else [head], source), delimiter, skipped)
    return rows, next(rows, (0, None))


def _rows(lines: Iterable[str], delimiter: str, skipped: int) -> Iterator[tuple[int, list[str]]]:
    # Not strict on purpose: a stray quote then spoils its own field, and not every line after it.
    reader = csv.reader(lines, skipinitialspace=True, delimiter=delimiter)
    while True:
        try:
            cells = next(reader, None)
        except csv.Error:
            yield reader.line_num + skipped, []
            continue
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            yield reader.line_num + skipped, cells


def _row(line: int, cells: list[str], *, header: Header, how: Reading, known: Set[str]) -> tuple[Row, str]:
    """The row, and what of it people should know."""
    cells = _fitting(cells, header)
    cell = _said(cells, header, how)
    bare, told = address_in(cell["email"])
    address = normalise(bare)
    meaning = _status(cell["status"], cells, header)
    reason = REASONS.get(meaning)
    if reason is not None and header.addresses_alone:
        nothing = Choices((), USUAL["language"], USUAL["timezone"], int(USUAL["hour"]))
        return Row(line, address.email, address.key, nothing, State.UNSUBSCRIBED, reason, alone=True), told
    chosen = _choices(cell, known=known, may_lack_topics=reason is not None)
    if reason is not None:
        return Row(line, address.email, address.key, chosen, State.UNSUBSCRIBED, reason), told
    return Row(line, address.email, address.key, chosen, State(meaning)), told


def _fitting(cells: list[str], header: Header) -> list[str]:
    """As many cells as the header has. Raises InputError where there are others; empty ones at the end are none."""
    if header.is_list:
        return [",".join(cells)]
    while len(cells) > header.width and not cells[-1].strip():
        cells = cells[:-1]
    if len(cells) != header.width:
        raise InputError(f"has {len(cells)} fields instead of {header.width}: put fields with a comma in them into quotes")
    return cells


def _said(cells: list[str], header: Header, how: Reading) -> dict[str, str]:
    """The cell of each field, what holds for everybody where that is empty, and the usual where there is no column."""
    cell = {name: unquoted(cells[place].strip()) for name, place in header.fields.items()}
    said = {name: cell.get(name, "") or how.defaults.get(name, "") for name in FIELDS}
    return {name: text or (USUAL.get(name, "") if name not in header.fields else "") for name, text in said.items()}


def _choices(cell: dict[str, str], *, known: Set[str], may_lack_topics: bool) -> Choices:
    """What somebody chose. Raises InputError with all that is wrong with it."""
    topics = topics_in(cell["topics"], known=known)
    chosen = Choices(topics, language_in(cell["language"]), timezone_in(cell["timezone"]), hour_in(cell["hour"]))
    faults = faults_of(chosen, known=known)
    if may_lack_topics and not topics:
        faults.pop("topics", None)
    if faults:
        cell["topics"] = ";".join(topic for topic in topics if topic not in known)
        told = (f"{name} is {cell[name][:40]!r}: {fault} {HINTS[name]}".strip() for name, fault in faults.items())
        raise InputError(" ".join(told))
    return settled(chosen)


def _status(text: str, cells: list[str], header: Header) -> str:
    """What the column for it says; but who left by a column of its own left."""
    signs = (
        meaning
        for place, meaning, says_yes in header.signs
        if is_sign(cells[place], says_yes=says_yes) and (place not in header.guessed or is_plain_answer(cells[place]))
    )
    meaning = status_in(text)
    # Whatever column says so in a plain word is believed.
    beside = filter(None, (leaving_in(cell) for place, cell in enumerate(cells) if place not in header.fields.values()))
    return meaning if meaning in REASONS else next(chain(signs, beside), meaning)
