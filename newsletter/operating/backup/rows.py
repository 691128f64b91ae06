"""Rows of tables on their way from one database to another, or into a file: plain values, and checksums over them. Pure.

A row travels as a list of values that JSON can hold, in the order of its table's columns; a time is text in ISO form, bytes are
text in PostgreSQL's form (``\\x6869``). So a row says the same whichever database it comes from.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

Plain = list[Any]
_MODULUS = 2**256


class Kind(StrEnum):
    """What the values of a column are."""

    INTEGER = "integer"
    FLOAT = "float"
    BOOLEAN = "boolean"
    TEXT = "text"
    TIME = "time"
    DATE = "date"
    JSON = "json"
    BYTES = "bytes"


@dataclass(frozen=True, slots=True)
class Shape:
    """A table: its columns with their kinds, its key, and the columns that name rows of the very table (a parent)."""

    name: str
    columns: tuple[tuple[str, Kind], ...]
    key: tuple[str, ...]
    own: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self.columns)

    def place(self, column: str) -> int:
        """Where the value of ``column`` stands in a row."""
        return self.names.index(column)


@dataclass(slots=True)
class Checksum:
    """How many rows, and the sum of their hashes: the same in any order, because databases sort texts differently."""

    rows: int = 0
    _sum: int = field(default=0, repr=False)

    def add(self, row: Plain) -> None:
        self.rows += 1
        self._sum = (self._sum + int.from_bytes(hashlib.sha256(encoded(row).encode()).digest(), "big")) % _MODULUS

    @property
    def hash(self) -> str:
        """64 hex digits."""
        return f"{self._sum:064x}"


def counted(rows: Iterable[Plain], into: Checksum) -> Iterator[Plain]:
    """The same rows, each added to ``into`` as it passes."""
    for row in rows:
        into.add(row)
        yield row


def encoded(row: Plain) -> str:
    """A row as one line of JSON, its objects in the order of their names: PostgreSQL keeps no other."""
    return json.dumps(row, ensure_ascii=True, sort_keys=True, separators=(",", ":"))


def to_plain(value: Any, kind: Kind) -> Any:
    """A value of a database as it travels."""
    if value is None:
        return None
    if kind in (Kind.TIME, Kind.DATE):
        return value.isoformat()
    return f"\\x{bytes(value).hex()}" if kind is Kind.BYTES else value


def from_plain(value: Any, kind: Kind) -> Any:
    """The value that ``to_plain`` made it of. Raises ValueError or TypeError for what it cannot have made."""
    if value is None:
        return None
    if kind is Kind.TIME:
        return dt.datetime.fromisoformat(value)
    if kind is Kind.DATE:
        return dt.date.fromisoformat(value)
    return bytes.fromhex(value.removeprefix("\\x")) if kind is Kind.BYTES else value
