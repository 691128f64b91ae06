"""Imports a document into the collection: new nodes are added in their place, nodes imported before are updated or left.

A node of a file is known again by what it is about, not by where it stands: an entry by its address, a section by its path. So a
second import of a file changes nothing, whatever editors moved, changed or removed meanwhile.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy.orm import Session

from newsletter.collection.document import Document, Item, Remark
from newsletter.collection.store import nodes as nodes_store
from newsletter.collection.values import Change, ChangeKind, Draft, Node, NodeKind, Piece, PieceKind, json_of_pieces
from newsletter.errors import InputError

# What stands before the name of whoever imported, so that an import knows its own changes from those of editors.
IMPORT = "import: "
# What a file says about a node and an import follows where nobody changed it here.
FOLLOWED = ("title", "url", "dated", "pieces")


@dataclass(frozen=True, slots=True)
class Report:
    """What an import did: how many sections, entries and texts it added, how many it changed, how many it left as they are.

    ``remarks`` are what was not understood, and what differs from what editors made of it here.
    """

    sections: int = 0
    entries: int = 0
    texts: int = 0
    changed: int = 0
    unchanged: int = 0
    remarks: tuple[Remark, ...] = field(default=())

    @property
    def did_nothing(self) -> bool:
        """Whether the collection is as it was before."""
        return not (self.sections or self.entries or self.texts or self.changed)


def import_document(session: Session, document: Document, *, now: dt.datetime, who: str) -> Report:
    """Adds what the collection lacks, in the caller's transaction; entries are news to nobody.

    What the file says otherwise than at its last import is changed here too, unless an editor changed the node meanwhile: then
    it is told and left. Raises InputError for a document without a section or entry.
    """
    if all(item.draft.kind is NodeKind.TEXT for item in document.items):
        raise InputError(
            "line 1: no section and no entry is in it: an entry is a heading with a link, as in `### [Title](https://…)[2026]`"
        )
    nodes_store.lock(session)
    who = f"{IMPORT}{who}"
    items = with_origins(document.items)
    known = _known(session, items)
    changed, told = (0, []) if document.is_published else _follow(session, items, known, who=who, now=now)
    nodes_store.add_items(session, items, known, who=who, now=now)
    added = Counter(item.draft.kind for place, item in enumerate(items) if place not in known)
    return Report(
        sections=added[NodeKind.SECTION],
        entries=added[NodeKind.ENTRY],
        texts=added[NodeKind.TEXT],
        changed=changed,
        unchanged=len(known) - changed,
        remarks=tuple(sorted([*document.remarks, *told], key=lambda remark: remark.line)),
    )


def with_origins(items: Sequence[Item]) -> tuple[Item, ...]:
    """The items, each with what an import knows it by; the second of two that are alike is told apart from the first."""
    seen: Counter[str] = Counter()
    paths: list[str] = []
    result: list[Item] = []
    for item in items:
        draft = item.draft
        above = "" if item.parent is None else paths[item.parent]
        paths.append(f"{above}\n{draft.title}")
        about = "\n".join((draft.kind.value, *_about(draft, above)))
        seen[about] += 1
        origin = hashlib.sha256(f"{about}\n{seen[about]}".encode()).hexdigest()[:32]
        result.append(Item(replace(draft, origin=origin), item.parent, item.line))
    return tuple(result)


def _about(draft: Draft, above: str) -> tuple[str, ...]:
    if draft.kind is NodeKind.ENTRY:
        return (draft.url or draft.title,)
    if draft.kind is NodeKind.SECTION:
        return (above, draft.title)
    # However it is cut into pieces: an earlier version kept text and quotation below it as one.
    return (" ".join(word for piece in draft.pieces for word in piece.text.split()),)


def _known(session: Session, items: Sequence[Item]) -> dict[int, Node]:
    """The nodes that items of a file are, by index: those that came from a file as such, else those that read so now."""
    origins = [item.draft.origin for item in items]
    found = nodes_store.nodes_of_origins(session, origins)
    taken = {node.id for node in found.values()}
    standing = nodes_store.tree(session)
    places = {node.id: place for place, node in enumerate(standing)}
    as_read_now = with_origins([Item(_draft(node), places.get(node.parent_id or 0)) for node in standing])
    for item, node in zip(as_read_now, standing, strict=True):
        if node.id not in taken:
            found.setdefault(item.draft.origin, node)
    return {place: found[origin] for place, origin in enumerate(origins) if origin in found}


def _draft(node: Node) -> Draft:
    return Draft(node.kind, node.title, node.url, node.dated, node.pieces)


def _follow(
    session: Session, items: Sequence[Item], known: Mapping[int, Node], *, who: str, now: dt.datetime
) -> tuple[int, list[Remark]]:
    """Changes the known nodes that the file has otherwise now and nobody touched here; gives how many, and what was left."""
    changed = 0
    told: list[Remark] = []
    for place, node in known.items():
        draft = items[place].draft
        said = {name: getattr(draft, name) for name in FOLLOWED}
        if _is_same(node, draft):
            continue
        history = nodes_store.changes(session, node=node.id, limit=1000)
        if node.removed_at is None and all(_by_import(one) or one.what is ChangeKind.MOVED for one in history):
            nodes_store.change(session, node.id, seen_version=node.version, fields=said, who=who, now=now)
            changed += 1
        elif _last_said(history) != _as_json(said):
            told.append(Remark(items[place].line, f"{node.title[:60]!r} was changed here and in the file: the one here stays"))
    return changed, told


def _is_same(node: Node, draft: Draft) -> bool:
    """Whether a node stands as a file says, but for white space and the rule that ends it."""
    same = (node.title, node.url, node.dated) == (draft.title, draft.url, draft.dated)
    return same and _words(node.pieces) == _words(draft.pieces)


def _words(pieces: Sequence[Piece]) -> list[str]:
    return [word for piece in pieces if piece.kind is not PieceKind.RULE for word in piece.text.split()]


def _by_import(change: Change) -> bool:
    return change.who.startswith(IMPORT)


def _last_said(history: Sequence[Change]) -> dict[str, object]:
    """What the file said at the last import, by the changes that imports made."""
    said: dict[str, object] = {"title": "", "url": "", "dated": "", "pieces": []}
    for change in reversed(history):
        if _by_import(change) and change.what in (ChangeKind.ADDED, ChangeKind.CHANGED):
            said |= {name: value for name, value in change.after.items() if name in FOLLOWED}
    return said


def _as_json(said: Mapping[str, object]) -> dict[str, object]:
    return {name: json_of_pieces(value) if name == "pieces" else value for name, value in said.items()}  # type: ignore[arg-type]
