"""A published list as it is kept in the database: its topics, and its blocks with the papers they lead to. Pure values."""

from __future__ import annotations

from dataclasses import dataclass

from newsletter.archive.formats.document import Kind, Piece


@dataclass(frozen=True, slots=True)
class Stored:
    """A list as it is kept: ``slugs`` are the catalogue's topics by place, "" for none; ``upto`` as in the table."""

    id: int
    name: str
    family: str
    hash: str
    upto: int
    topics: tuple[str, ...] = ()
    slugs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """A block as it is kept: each piece with the print of what the database said in its place ("" where it says nothing)."""

    kind: Kind
    line: int
    topic: int | None
    paper_id: int | None
    pieces: tuple[tuple[Piece, str], ...]
    announce_type: str = ""
