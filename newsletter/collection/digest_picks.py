"""Turns an entry of the collection into what a digest shows of it. Pure."""

from __future__ import annotations

from newsletter.collection.notes import plain_of
from newsletter.collection.values import Node, PieceKind
from newsletter.values.digests import Pick

# A note is a few sentences; the whole one stands on the entry's page.
LONGEST_NOTE = 600


def pick_of(node: Node, base_url: str) -> Pick | None:
    """The entry for a mail; None for one that was removed since."""
    if node.removed_at is not None:
        return None
    url = node.url if node.url.startswith(("https://", "http://")) else ""
    notes = [piece.text for piece in node.pieces if piece.kind is PieceKind.NOTE]
    note = plain_of("\n\n".join(notes))
    shown = note if len(note) <= LONGEST_NOTE else note[: LONGEST_NOTE - 1].rstrip() + "…"
    return Pick(plain_of(node.title) or node.title, url, f"{base_url}/collection/{node.id}", node.dated, node.picked_by, shown)
