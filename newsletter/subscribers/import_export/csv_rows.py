"""Reads the rows of a CSV file of subscribers and says what is wrong with each. Pure; one bad row stops no other."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, field

from newsletter.errors import InputError
from newsletter.languages import BY_CODE
from newsletter.subscribers.addresses import normalise
from newsletter.subscribers.choices import once, zone_or_utc, zones
from newsletter.subscribers.subscriber import State

COLUMNS = ("email", "topics", "language", "timezone", "hour", "status")
STATUSES = (State.CONFIRMED, State.PENDING, State.PAUSED, State.UNSUBSCRIBED)

Remark = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Row:
    """One usable row; ``line`` is where it ends in the file, ``topics`` is empty only for somebody who left."""

    line: int
    email: str = field(repr=False)
    key: str = field(repr=False)
    topics: tuple[str, ...]
    language: str
    timezone: str
    hour: int
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
    cell = {name: cells[place].strip() for name, place in places.items()}
    address = normalise(cell["email"])
    status = _status(cell["status"])
    return Row(
        line=line,
        email=address.email,
        key=address.key,
        topics=_topics(cell["topics"], known=known, optional=status is State.UNSUBSCRIBED),
        language=_language(cell["language"]),
        timezone=_timezone(cell["timezone"]),
        hour=_hour(cell["hour"]),
        status=status,
    )


def _status(text: str) -> State:
    status = next((status for status in STATUSES if status == text), None)
    if status is None:
        raise InputError(f"status is {text[:40]!r}: give one of {', '.join(STATUSES)}")
    return status


def _topics(text: str, *, known: Set[str], optional: bool) -> tuple[str, ...]:
    topics = once(part.strip() for part in text.split(";") if part.strip())
    unknown = [topic for topic in topics if topic not in known]
    if unknown:
        raise InputError(f"topic {unknown[0][:40]!r} is not in the catalogue: see `newsletter topics list`")
    if not topics and not optional:
        raise InputError("names no topic: give at least one slug, several joined by ;")
    return topics


def _language(text: str) -> str:
    if text not in BY_CODE:
        raise InputError(f"language is {text[:40]!r}: give one of {', '.join(BY_CODE)}")
    return text


def _timezone(text: str) -> str:
    if zone_or_utc(text) not in zones():
        raise InputError(f"timezone is {text[:40]!r}: give a name such as Europe/Berlin, or leave it empty for UTC")
    return zone_or_utc(text)


def _hour(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 2 and int(text) <= 23):
        raise InputError(f"hour is {text[:40]!r}: give a whole number from 0 to 23")
    return int(text)
