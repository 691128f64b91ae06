"""The collection in the database: reading it, adding to it, comments. What changes or takes back stands in ``history``.

Every writer runs in the caller's transaction and takes the collection's lock first, so that the order of numbers is the
order of commit. It renders nothing and asks no network.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from newsletter.collection.document import Item
from newsletter.collection.named_papers import paper_ref
from newsletter.collection.store.history import change, changes, move, remove, undo
from newsletter.collection.store.rows import (
    COUNTER,
    OLDER,
    as_node,
    change_row,
    fitting_level,
    free_place,
    lock,
    refuse_zero,
    row_of,
    section_row,
)
from newsletter.collection.values import FIRST, ChangeKind, Comment, Draft, Node, NodeKind, json_of_pieces
from newsletter.db import take_numbers
from newsletter.errors import InputError
from newsletter.tables.collection import CollectionChangeRow, CollectionCommentRow, CollectionNodeRow
from newsletter.values.batches import batches

__all__ = [
    "add", "add_items", "change", "changes", "comment", "comments_of", "entries_between", "entries_since", "has_entries",
    "highest_number", "lock", "move", "node", "nodes", "nodes_of_origins", "paper_refs", "remove", "tree", "undo",
]  # fmt: skip

LONGEST_COMMENT = 5000

# ---------------------------------------------------------------- reading


def tree(session: Session) -> list[Node]:
    """All nodes that stand, in document order: each section before what it holds. [] for an empty collection."""
    rows = session.execute(
        select(CollectionNodeRow)
        .where(CollectionNodeRow.removed_at.is_(None))
        .order_by(CollectionNodeRow.place, CollectionNodeRow.id)
        .execution_options(populate_existing=True)
    ).scalars()
    children: dict[int | None, list[Node]] = defaultdict(list)
    for row in rows:
        children[row.parent_id].append(as_node(row))
    ordered: list[Node] = []
    waiting = children[None][::-1]
    while waiting:
        ordered.append(waiting.pop())
        waiting += children[ordered[-1].id][::-1]
    return ordered


def node(session: Session, node_id: int) -> Node | None:
    """The node with this id, one that was removed too (``removed_at`` says so); None where there never was one."""
    row = session.get(CollectionNodeRow, node_id, populate_existing=True)
    return None if row is None else as_node(row)


def entries_since(session: Session, since: int | dt.datetime) -> list[Node]:
    """The entries that stand and came after a number or a moment, newest first.

    Numbers tell what is news: what came by an import has none above 0, and is found by its moment only.
    """
    newer = CollectionNodeRow.added_at > since if isinstance(since, dt.datetime) else CollectionNodeRow.number > since
    statement = select(CollectionNodeRow).where(
        newer, CollectionNodeRow.kind == NodeKind.ENTRY, CollectionNodeRow.removed_at.is_(None)
    )
    rows = session.execute(statement.order_by(CollectionNodeRow.number.desc())).scalars().all()
    sections = _sections_in_sight(session) if rows else set()
    return [as_node(row) for row in rows if row.parent_id is None or row.parent_id in sections]


def entries_between(session: Session, *, after: int, upto: int) -> list[tuple[int, int]]:
    """(number, id) of the entries that stand with a number in (``after``, ``upto``], newest first; imported ones are no news."""
    return [(one.number, one.id) for one in entries_since(session, max(0, after)) if one.number <= upto]


def nodes(session: Session, node_ids: Collection[int]) -> dict[int, Node]:
    """The nodes with these ids, removed ones too."""
    found: dict[int, Node] = {}
    for some in batches(sorted(set(node_ids))):
        statement = select(CollectionNodeRow).where(CollectionNodeRow.id.in_(some))
        found |= {row.id: as_node(row) for row in session.execute(statement).scalars()}
    return found


def _sections_in_sight(session: Session) -> set[int]:
    """The sections that stand, and all above them."""
    statement = select(CollectionNodeRow.id, CollectionNodeRow.parent_id)
    sections = statement.where(CollectionNodeRow.kind == NodeKind.SECTION, CollectionNodeRow.removed_at.is_(None))
    children: dict[int | None, list[int]] = defaultdict(list)
    for row in session.execute(sections):
        children[row.parent_id].append(row.id)
    found: set[int] = set()
    waiting = children[None][:]
    while waiting:
        found.add(one := waiting.pop())
        waiting += children[one]
    return found


def highest_number(session: Session) -> int:
    """The number of the newest entry that editors added, removed ones too; 0 where there is none."""
    return max(0, session.execute(select(func.max(CollectionNodeRow.number))).scalar_one() or 0)


def has_entries(session: Session) -> bool:
    """Whether any entry stands."""
    statement = select(CollectionNodeRow.id).where(
        CollectionNodeRow.kind == NodeKind.ENTRY, CollectionNodeRow.removed_at.is_(None)
    )
    return session.execute(statement.limit(1)).first() is not None


def paper_refs(session: Session) -> list[str]:
    """The base ids of the papers that entries which stand lead to, the newest entry first, each once."""
    row = CollectionNodeRow
    statement = select(row.paper_ref).where(row.paper_ref != "", row.removed_at.is_(None)).order_by(row.number.desc(), row.id)
    return list(dict.fromkeys(session.execute(statement).scalars()))


def nodes_of_origins(session: Session, origins: Collection[str]) -> dict[str, Node]:
    """The nodes that came from a file, by their origin; removed, moved and changed ones too."""
    found: dict[str, Node] = {}
    for some in batches(origin for origin in origins if origin):
        statement = select(CollectionNodeRow).where(CollectionNodeRow.origin.in_(some))
        found |= {row.origin: as_node(row) for row in session.execute(statement).scalars()}
    return found


# ---------------------------------------------------------------- adding


def add(session: Session, draft: Draft, *, after: int | None = None, parent: int | None, who: str, now: dt.datetime) -> Node:
    """Adds a node behind the sibling ``after`` (`values.FIRST`: before all) in the section ``parent`` (None: top).

    With no ``after`` it comes last, an entry before the sections in its section. An entry is news: it takes the next number.
    Raises InputError for an empty title, or a place that is not there.
    """
    lock(session)
    section = section_row(session, parent)
    if draft.kind is not NodeKind.TEXT and not draft.title.strip():
        raise InputError("the title is empty: give one")
    refuse_zero([draft.title, draft.url, draft.dated, draft.picked_by, *json_of_pieces(draft.pieces)])
    level = draft.level or fitting_level(session, section, draft.kind)
    number = take_numbers(session, COUNTER, 1) if draft.kind is NodeKind.ENTRY else 0
    row = _row(draft, parent_id=parent, place=free_place(session, parent, after, draft.kind), level=level, number=number, now=now)
    session.add(row)
    session.flush()
    session.add(_addition(row, draft, who=who, now=now))
    session.flush()
    return as_node(row)


def add_items(session: Session, items: Sequence[Item], known: Mapping[int, Node], *, who: str, now: dt.datetime) -> list[int]:
    """Adds the items of a document that are not ``known`` (by index), each where it stands in the document; gives all ids.

    They are news to nobody: entries are numbered under every cursor, the first one highest. What stands in a section that was
    there before comes behind the item before it, or last where that one was moved away.
    """
    lock(session)
    number = 1 - take_numbers(session, OLDER, len(items) - len(known))
    rows: dict[int, CollectionNodeRow] = {}
    places: dict[int, int] = {}
    before: dict[int | None, int] = {}
    for index, item in enumerate(items):
        if index not in known:
            if any(one in rows and rows[one].id is None for one in (item.parent, before.get(item.parent))):
                session.flush()
            parent_id = _id_of(item.parent, rows, known)
            if item.parent in rows:
                places[item.parent] = place = places.get(item.parent, 0) + 1
            else:
                place = free_place(session, parent_id, _after(before.get(item.parent), parent_id, rows, known), item.draft.kind)
            row = _row(item.draft, parent_id=parent_id, place=place, level=item.draft.level, number=number, now=now)
            number -= 1
            session.add(row)
            rows[index] = row
        before[item.parent] = index
    session.flush()
    session.add_all(_addition(row, items[index].draft, who=who, now=now) for index, row in rows.items())
    session.flush()
    return [known[index].id if index in known else rows[index].id for index in range(len(items))]


def _id_of(index: int | None, rows: Mapping[int, CollectionNodeRow], known: Mapping[int, Node]) -> int | None:
    if index is None:
        return None
    return known[index].id if index in known else rows[index].id


def _after(
    index: int | None, parent_id: int | None, rows: Mapping[int, CollectionNodeRow], known: Mapping[int, Node]
) -> int | None:
    """The sibling to stand after: that of the document's item before, `FIRST` where it has none, None (last) where it is away."""
    if index is None:
        return None if parent_id is None else FIRST
    if index in known:
        return known[index].id if known[index].parent_id == parent_id else None
    return rows[index].id


def _row(draft: Draft, *, parent_id: int | None, place: int, level: int, number: int, now: dt.datetime) -> CollectionNodeRow:
    return CollectionNodeRow(
        parent_id=parent_id,
        place=place,
        kind=draft.kind.value,
        level=level,
        title=draft.title,
        url=draft.url,
        dated=draft.dated,
        heading=draft.heading,
        pieces=json_of_pieces(draft.pieces),
        paper_ref=paper_ref(draft.url),
        picked_by=draft.picked_by,
        added_at=now,
        number=number,
        version=1,
        origin=draft.origin,
    )


def _addition(row: CollectionNodeRow, draft: Draft, *, who: str, now: dt.datetime) -> CollectionChangeRow:
    told = {"title": draft.title, "url": draft.url, "dated": draft.dated, "picked_by": draft.picked_by}
    after = {name: value for name, value in told.items() if value} | {"pieces": json_of_pieces(draft.pieces)}
    return change_row(row, ChangeKind.ADDED, before={}, after=after, who=who, now=now)


# ---------------------------------------------------------------- comments


def comment(session: Session, node_id: int, text: str, *, who: str, now: dt.datetime) -> Comment:
    """Keeps what somebody said about a node. Raises InputError where it is empty, too long, or about nothing that is there."""
    if not text.strip() or len(text) > LONGEST_COMMENT:
        raise InputError(f"a comment has 1 to {LONGEST_COMMENT} characters: this one has {len(text.strip())}")
    refuse_zero(text)
    row = CollectionCommentRow(node_id=row_of(session, node_id).id, text=text.strip(), who=who, at=now)
    session.add(row)
    session.flush()
    return Comment(row.id, row.node_id, row.text, row.who, row.at)


def comments_of(session: Session, node_ids: Iterable[int]) -> dict[int, list[Comment]]:
    """The comments of these nodes by id, oldest first; a node without any has no entry."""
    found: dict[int, list[Comment]] = defaultdict(list)
    for some in batches(node_ids):
        statement = select(CollectionCommentRow).where(CollectionCommentRow.node_id.in_(some))
        for row in session.execute(statement.order_by(CollectionCommentRow.id)).scalars():
            found[row.node_id].append(Comment(row.id, row.node_id, row.text, row.who, row.at))
    return dict(found)
