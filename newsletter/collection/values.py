"""What a collection is made of: nodes in a tree, the pieces of their bodies, changes and comments. Pure: knows no Markdown.

Texts are raw Markdown as people wrote it; whoever shows them renders and sanitises.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from newsletter.errors import InputError

# Given as ``after``, it puts a node before all others of its parent.
FIRST = 0
# What ``change`` takes; everything else about a node is moved, removed or fixed.
FIELDS = ("title", "url", "dated", "pieces", "picked_by")


class NodeKind(StrEnum):
    """A section holds nodes; an entry is one picked thing; a text stands between entries and belongs to none."""

    SECTION = "section"
    ENTRY = "entry"
    TEXT = "text"


class PieceKind(StrEnum):
    """What a part of a body is. A heading stands above the pieces after it (``#### Abstract``)."""

    IMAGE = "image"
    REPOSITORY = "repository"
    DEMO = "demo"
    DOWNLOAD = "download"
    LINK = "link"
    HEADING = "heading"
    NOTE = "note"
    ABSTRACT = "abstract"
    TABLE = "table"
    RULE = "rule"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Piece:
    """One part of a body: ``text`` as written, and the white space after it (``tail``), so that a body is the pieces joined.

    ``label`` is the words of a link, an image's alternative text or a heading's words; ``size`` an image's size hint (``50%x``);
    ``language`` a code of `newsletter.languages` for an abstract, "" where it is not known.
    """

    kind: PieceKind
    text: str
    tail: str = "\n"
    label: str = ""
    url: str = ""
    size: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A node on its way in. ``level`` 0 takes the level that fits where it is put.

    ``heading`` is the heading as it was written, "" for the usual form; ``origin`` tells an imported node again, "" for others.
    """

    kind: NodeKind
    title: str = ""
    url: str = ""
    dated: str = ""
    pieces: tuple[Piece, ...] = ()
    picked_by: str = ""
    level: int = 0
    heading: str = ""
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Node:
    """A node as stored. ``dated`` is a date or venue as written; ``paper_ref`` a base arXiv id or "".

    ``number`` rises in the order in which entries were added, and is 0 or less for what came with an import: that is new to
    nobody. ``removed_at`` is None while it stands.
    """

    id: int
    parent_id: int | None
    place: int
    kind: NodeKind
    level: int
    title: str
    url: str
    dated: str
    pieces: tuple[Piece, ...]
    paper_ref: str
    picked_by: str
    added_at: dt.datetime
    number: int
    version: int
    heading: str = ""
    origin: str = ""
    removed_at: dt.datetime | None = None


class ChangeKind(StrEnum):
    ADDED = "added"
    CHANGED = "changed"
    MOVED = "moved"
    REMOVED = "removed"
    RESTORED = "restored"


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a node: the fields it touched as they were and as they became, as JSON.

    ``pieces`` in them are lists of objects (see `pieces_of_json`). ``version`` is the node's version after it; ``undoes`` the
    change that it takes back.
    """

    id: int
    node_id: int
    what: ChangeKind
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    who: str
    at: dt.datetime
    version: int
    undoes: int | None = None


@dataclass(frozen=True, slots=True)
class Comment:
    """What an editor said about a node, raw Markdown."""

    id: int
    node_id: int
    text: str
    who: str
    at: dt.datetime


class Conflict(InputError):
    """Somebody else changed the same fields meanwhile: nothing was stored, and both versions are here.

    ``node`` is how it stands now; ``mine`` are the values that were to be stored, by field, of ``fields`` alone.
    """

    def __init__(self, node: Node, mine: Mapping[str, Any]) -> None:
        self.node = node
        self.mine = dict(mine)
        self.fields = tuple(mine)
        super().__init__(
            f"somebody else changed {', '.join(self.fields)} of {node.title[:60]!r} meanwhile: look at both and save again"
        )


def json_of_pieces(pieces: tuple[Piece, ...]) -> list[dict[str, str]]:
    """The pieces as JSON objects, empty fields left out."""
    names = ("label", "url", "size", "language")
    return [
        {"kind": piece.kind.value, "text": piece.text, "tail": piece.tail}
        | {name: getattr(piece, name) for name in names if getattr(piece, name)}
        for piece in pieces
    ]


def pieces_of_json(items: list[dict[str, str]]) -> tuple[Piece, ...]:
    """The way back from ``json_of_pieces``."""
    return tuple(Piece(**{**item, "kind": PieceKind(item["kind"])}) for item in items)  # type: ignore[arg-type]
