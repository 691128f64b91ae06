"""What of a document was not understood, told line by line. Pure; everything it tells of is kept as it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from newsletter.collection.dates import is_dated
from newsletter.collection.document import Item, Remark
from newsletter.collection.headings import parse
from newsletter.collection.inline import link_at
from newsletter.collection.labels import is_part
from newsletter.collection.values import Draft, NodeKind, Piece, PieceKind


def remarks_of(items: Sequence[Item]) -> tuple[Remark, ...]:
    """The remarks on a document, by line; () where all of it was understood."""
    found: list[Remark] = []
    for place, item in enumerate(items):
        if item.draft.kind is NodeKind.TEXT:
            found += [Remark(item.line, "a text between entries: kept in its place")] if place else []
        else:
            found += [Remark(item.line, what) for what in _of_heading(item.draft)]
        line = item.line + item.draft.heading.count("\n")
        for piece in item.draft.pieces:
            found += [Remark(line, what) for what in _of_piece(piece, item.draft.kind)]
            line += (piece.text + piece.tail).count("\n")
    return tuple(sorted(found, key=lambda remark: remark.line))


def _of_heading(draft: Draft) -> Iterator[str]:
    if not draft.title:
        yield "a heading without words: kept as it stands"
    elif parse(draft.heading).is_open:
        yield "the link of this heading does not end: kept as its title"
    if draft.dated and not is_dated(draft.dated):
        yield f"{draft.dated!r} is neither a date nor a venue with its year: kept as text"


def _of_piece(piece: Piece, kind: NodeKind) -> Iterator[str]:
    if piece.kind is PieceKind.HEADING and kind is NodeKind.ENTRY and not is_part(piece.label):
        yield f"the heading {piece.label[:60]!r} inside of an entry is not known: kept with what stands below it"
    if piece.kind is PieceKind.IMAGE:
        start = max(piece.text.find("!["), 0)
        link = link_at(piece.text, start)
        if link is not None and link.glued:
            yield "a size hint without a space before it: read as a size, kept as it stands"
        if not piece.url:
            yield "an image without an address: kept as it stands"
    elif piece.kind is PieceKind.LINK and not piece.url:
        yield "a link without an address: kept as it stands"
