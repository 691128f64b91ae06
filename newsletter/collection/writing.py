"""Writes a collection as Markdown in the form that people keep by hand. Pure.

What came from a file and was not changed comes out letter by letter; what was added takes the usual form.
"""

from __future__ import annotations

from collections.abc import Iterable

from newsletter.collection.headings import written
from newsletter.collection.values import Draft, Node, NodeKind, Piece

RULE = "---------"


def write(nodes: Iterable[Draft | Node]) -> str:
    """The document of ``nodes``, in their order; "" for none. `reading.read` is the way back."""
    out: list[str] = []
    for node in nodes:
        _apart(out, blank=node.kind is not NodeKind.TEXT and not node.heading)
        out.append(text_of(node))
    return "".join(out)


def text_of(node: Draft | Node) -> str:
    """One node as it stands in the document. An entry that came from no file ends with a rule."""
    body = body_of(node.pieces)
    if node.kind is NodeKind.TEXT:
        return body
    heading = written(
        node.heading,
        level=node.level or 1,
        title=node.title,
        url=node.url,
        dated=node.dated,
        is_section=node.kind is NodeKind.SECTION,
    )
    if node.heading:
        return heading + body
    body = body.rstrip("\n")
    end = f"\n\n{RULE}\n\n" if node.kind is NodeKind.ENTRY else "\n" + ("\n" if body else "")
    return heading.rstrip("\n") + ("\n" if body else "") + body + end


def body_of(pieces: Iterable[Piece]) -> str:
    """The pieces joined, as written."""
    return "".join(piece.text + piece.tail for piece in pieces)


def _apart(out: list[str], *, blank: bool) -> None:
    """Ends the line before what comes, and leaves a blank one before what came from no file."""
    if not out:
        return
    end = "".join(out[-2:])[-2:]
    if not end.endswith("\n"):
        out.append("\n\n" if blank else "\n")
    elif blank and end != "\n\n":
        out.append("\n")
