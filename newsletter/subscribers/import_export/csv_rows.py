"""Reads the rows of a CSV file of subscribers and says what is wrong with each. Pure; one bad row stops no other."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, field

from newsletter.errors import InputError
from newsletter.languages import BY_CODE
from newsletter.subscribers.addresses import normalise
from newsletter.subscribers.choices import Choices, faults_of, hour_of, settled
from newsletter.subscribers.subscriber import State

COLUMNS = ("email", "topics", "language", "timezone", "hour", "status")
STATUSES = (State.CONFIRMED, State.PENDING, State.PAUSED, State.UNSUBSCRIBED)

# Where the lists are that the sentences speak of, for somebody who has a file before them and no form.
HINTS = {
    "topics": "`newsletter topics list` shows them; several are joined by a semicolon.",
    "language": f"They are {', '.join(BY_CODE)}.",
    "timezone": "They have names such as Europe/Berlin; empty is UTC.",
    "hour": "",
}

Remark = tuple[int, str]

# A spreadsheet takes a cell that begins so for a formula, https://owasp.org/www-community/attacks/CSV_Injection: it is written
# with an apostrophe before it, and read without. One that begins with an apostrophe itself gets another.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")
QUOTED = tuple(f"'{sign}" for sign in FORMULA)


@dataclass(frozen=True, slots=True)
class Row:
    """One usable row; ``line`` is where it ends in the file, the choices hold no topic only for somebody who left."""

    line: int
    email: str = field(repr=False)
    key: str = field(repr=False)
    choices: Choices
    status: State


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a file holds: usable rows with each address once, refused lines with the reason, and notes."""

    rows: tuple[Row, ...]
    refused: tuple[Remark, ...]
    notes: tuple[Remark, ...]


def decode(data: bytes) -> io.StringIO:
    """The lines of a file in UTF-8, with or without a byte order mark. Raises InputError naming the line that is not."""
    try:
        return io.StringIO(data.decode("utf-8-sig"), newline="")
    except UnicodeDecodeError as exc:
        line = data[: exc.start].count(b"\n") + 1
        raise InputError(f"line {line} of the file is not UTF-8: save it as CSV in UTF-8 and try again") from exc


def read(lines: Iterable[str], *, known: Set[str]) -> Sheet:
    """All rows of ``lines`` (an iterable of lines, or an open text file); ``known`` are the catalogue's slugs.

    Where an address comes twice, the last row of it wins. Raises InputError where the header is missing or wrong.
    """
    numbered = _numbered(lines)
    _, header = next(numbered, (0, None))
    places = _header(header)
    rows: dict[str, Row] = {}
    refused: list[Remark] = []
    notes: list[Remark] = []
    for line, cells in numbered:
        try:
            row = _row(line, cells, places=places, known=known)
        except InputError as error:
            refused.append((line, str(error)))
            continue
        if row.key in rows:
            notes.append((rows[row.key].line, f"the same address stands in line {line} again, which counts"))
            del rows[row.key]
        rows[row.key] = row
    return Sheet(tuple(rows.values()), tuple(refused), tuple(notes))


def quoted(cell: str) -> str:
    """``cell`` as no spreadsheet takes it for a formula."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def unquoted(cell: str) -> str:
    """What `quoted` was given."""
    return cell[1:] if cell.startswith(QUOTED) else cell


def _header(cells: list[str] | None) -> dict[str, int]:
    wanted = ",".join(COLUMNS)
    if cells is None:
        raise InputError(f"the file is empty: its first line has to name the columns {wanted}")
    names = [cell.strip().lstrip("\ufeff").lower() for cell in cells]
    missing = [name for name in COLUMNS if name not in names]
    if missing:
        raise InputError(f"the first line names no column {', '.join(missing)}: it has to name the columns {wanted}")
    odd = [name for name in names if name not in COLUMNS or names.count(name) > 1]
    if odd:
        raise InputError(f"the first line names the column {odd[0][:40]!r}, unknown here or there twice: take it out")
    return {name: names.index(name) for name in COLUMNS}


def _numbered(lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    """Rows with their line numbers, empty lines left out; one that cannot be read comes as no cells at all."""
    # Not strict on purpose: a stray quote then spoils its own field, and not every line after it.
    reader = csv.reader(lines, skipinitialspace=True)
    while True:
        try:
            cells = next(reader, None)
        except csv.Error:
            yield reader.line_num, []
            continue
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            yield reader.line_num, cells


def _row(line: int, cells: list[str], *, places: dict[str, int], known: Set[str]) -> Row:
    if len(cells) != len(places):
        raise InputError(f"has {len(cells)} fields instead of {len(places)}: put fields with a comma in them into quotes")
    cell = {name: unquoted(cells[place].strip()) for name, place in places.items()}
    address = normalise(cell["email"])
    status = _status(cell["status"])
    topics = tuple(part.strip() for part in cell["topics"].split(";") if part.strip())
    chosen = Choices(topics, cell["language"], cell["timezone"], hour_of(cell["hour"]))
    faults = faults_of(chosen, known=known)
    if status is State.UNSUBSCRIBED and not topics:
        del faults["topics"]
    if faults:
        cell["topics"] = ";".join(topic for topic in topics if topic not in known)
        told = (f"{name} is {cell[name][:40]!r}: {fault} {HINTS[name]}".strip() for name, fault in faults.items())
        raise InputError(" ".join(told))
    return Row(line, address.email, address.key, settled(chosen), status)


def _status(text: str) -> State:
    status = next((status for status in STATUSES if status == text), None)
    if status is None:
        raise InputError(f"status is {text[:40]!r}: give one of {', '.join(STATUSES)}")
    return status
