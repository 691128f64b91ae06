"""The values that a published list is read into. Pure: nothing is decided and nothing is stored here.

A document is its blocks in order, a block is its pieces in order, and the raw texts of the pieces joined are the document as it
was, byte for byte. A piece that says something of a paper has a role, so that it alone is written anew when the paper changes.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum

from newsletter.values.list_formats import ListFormat


class Kind(StrEnum):
    """What a block is in its document."""

    FRONT = "front matter"
    BADGE = "badge"
    DEFINITION = "link definition"
    UPDATED = "updated"
    USAGE = "usage"
    CONTENTS = "contents"
    TOPIC = "topic"
    HEADER = "header"
    SEPARATOR = "separator"
    ROW = "row"
    NOTE = "note"
    BACK = "back to top"
    TEXT = "text"
    BLANK = "blank"


class Role(StrEnum):
    """What a piece says; ``GLUE`` is what stands between, ``EXTRA`` a cell that is kept as it is.

    ``MARKER`` begins an entry that is no row of a table: the mark of a list, a heading or a quotation.
    """

    GLUE = "glue"
    DATE = "date"
    TITLE = "title"
    OTHER_TITLE = "translated title"
    AUTHORS = "authors"
    ABSTRACT = "abstract"
    TLDR = "tldr"
    REF = "ref"
    VERSION = "version"
    CATEGORY = "category"
    ANNOUNCED = "announce type"
    CODE = "code"
    PROJECT = "project"
    COMMENT = "comment"
    NOTE = "note"
    MARKER = "marker"
    PLACE = "place"
    UPDATED = "updated"
    TOPIC = "topic"
    EXTRA = "extra"


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the document; ``language`` is that of a text of its own, "" where it has none."""

    role: Role
    raw: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """What a row, or a note, says of a paper; "", () or None for what it does not say.

    ``ref`` is the base id. ``texts`` are translations as (field, language, text); ``links`` are (kind, URL).
    """

    ref: str = ""
    version: int | None = None
    date: dt.date | None = None
    title: str = ""
    authors: tuple[str, ...] = ()
    abstract: str = ""
    comment: str = ""
    categories: tuple[str, ...] = ()
    announce_type: str = ""
    texts: tuple[tuple[str, str, str], ...] = ()
    links: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """A line of a document (a note: its lines); ``topic`` is the place of its topic in the document, None before the first."""

    kind: Kind
    line: int
    pieces: tuple[Piece, ...]
    topic: int | None = None
    item: Item | None = None

    @property
    def raw(self) -> str:
        return "".join(piece.raw for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that was not understood, at ``line``; it is kept as it is."""

    line: int
    words: str


@dataclass(frozen=True, slots=True)
class Document:
    """A published list as read; ``topics`` are the headings that tables stand under."""

    format: ListFormat
    blocks: tuple[Block, ...]
    topics: tuple[str, ...]
    remarks: tuple[Remark, ...] = field(default=())

    @property
    def rows(self) -> tuple[Block, ...]:
        return tuple(block for block in self.blocks if block.kind is Kind.ROW)

    @property
    def raw(self) -> str:
        return "".join(block.raw for block in self.blocks)


def glue(raw: str) -> tuple[Piece, ...]:
    """``raw`` as one piece without a meaning; none for ""."""
    return (Piece(Role.GLUE, raw),) if raw else ()
