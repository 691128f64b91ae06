"""An imported list as the database keeps it: its topics, and its blocks with the papers they are about. Pure values."""

from __future__ import annotations

from dataclasses import dataclass

from newsletter.archive.formats.document import Kind, Piece


@dataclass(frozen=True, slots=True)
class StoredList:
    """An imported list: ``slugs`` are the catalogue's topics by place, "" for none; ``upto`` as in the table."""

    id: int
    name: str
    format: str
    hash: str
    upto: int
    topics: tuple[str, ...] = ()
    slugs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StoredBlock:
    """A block of an imported list: each piece with the fingerprint of the text that the database had for it, "" for none."""

    kind: Kind
    line: int
    topic: int | None
    paper_id: int | None
    pieces: tuple[tuple[Piece, str], ...]
    announce_type: str = ""
