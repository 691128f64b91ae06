"""Changes of nodes that stand: of fields, place and presence, each kept and each undone by another change.

Two people who change different things both succeed; where they changed the same, the second one is told and nothing is stored.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter.collection.merging import merged
from newsletter.collection.named_papers import paper_ref
from newsletter.collection.store.rows import (
    DEEPEST,
    as_change,
    as_json,
    as_node,
    change_row,
    fitting_level,
    free_place,
    lock,
    refuse_zero,
    row_of,
    section_row,
    standing_row,
)
from newsletter.collection.values import (
    FIELDS,
    FIRST,
    Change,
    ChangeKind,
    Conflict,
    Node,
    NodeKind,
    json_of_pieces,
    pieces_of_json,
)
from newsletter.errors import InputError
from newsletter.tables.collection import CollectionChangeRow, CollectionNodeRow


def change(
    session: Session,
    node_id: int,
    *,
    seen_version: int,
    fields: Mapping[str, Any],
    who: str,
    now: dt.datetime,
    undoes: int | None = None,
) -> Node:
    """Stores new values of ``fields`` (of `FIELDS`), as somebody wrote them who saw ``seen_version``.

    A value that is as it was in the version seen leaves what others stored since; bodies are brought together piece by piece.
    Nothing is recorded where nothing changes. Raises Conflict where others changed the same field, or removed the node, since;
    InputError for a field that cannot be changed, an empty title, or a node that never was.
    """
    lock(session)
    row = standing_row(session, node_id, mine=fields)
    wanted = _reconciled(session, row, _checked(fields, NodeKind(row.kind)), seen_version=seen_version)
    before = {name: getattr(row, name) for name, value in wanted.items() if getattr(row, name) != value}
    if not before:
        return as_node(row)
    after = {name: wanted[name] for name in before}
    for name, value in after.items():
        setattr(row, name, value)
    row.paper_ref = paper_ref(row.url)
    row.version += 1
    session.add(change_row(row, ChangeKind.CHANGED, before=before, after=after, who=who, now=now, undoes=undoes))
    session.flush()
    return as_node(row)


def _checked(fields: Mapping[str, Any], kind: NodeKind) -> dict[str, Any]:
    """The fields as their columns keep them."""
    odd = [name for name in fields if name not in FIELDS]
    if odd:
        raise InputError(f"{odd[0]} cannot be changed: only {', '.join(FIELDS)} can")
    if kind is not NodeKind.TEXT and "title" in fields and not fields["title"].strip():
        raise InputError("the title is empty: give one")
    checked = {name: as_json(name, value) for name, value in fields.items()}
    refuse_zero(checked)
    return checked


def _reconciled(session: Session, row: CollectionNodeRow, wanted: dict[str, Any], *, seen_version: int) -> dict[str, Any]:
    """What to store: the wanted values, where others changed a field since ``seen_version`` brought together with theirs."""
    seen = _values_at(session, row.id, seen_version)
    result: dict[str, Any] = {}
    clashes: dict[str, Any] = {}
    for name, mine in wanted.items():
        theirs = getattr(row, name)
        before = seen.get(name, theirs)
        if theirs in (mine, before):
            result[name] = mine
        elif mine == before:
            continue  # only the others changed it
        elif name == "pieces" and (both := _together(before, mine, theirs)) is not None:
            result[name] = both
        else:
            clashes[name] = mine
    if clashes:
        raise Conflict(as_node(row), {name: pieces_of_json(mine) if name == "pieces" else mine for name, mine in clashes.items()})
    return result


def _together(base: Any, mine: Any, theirs: Any) -> Any:
    both = merged(pieces_of_json(base), pieces_of_json(mine), pieces_of_json(theirs))
    return None if both is None else json_of_pieces(both)


def _values_at(session: Session, node_id: int, version: int) -> dict[str, Any]:
    """The fields changed since ``version``, each with the value it had then."""
    statement = select(CollectionChangeRow.before).where(
        CollectionChangeRow.node_id == node_id,
        CollectionChangeRow.version > version,
        CollectionChangeRow.what == ChangeKind.CHANGED,
    )
    values: dict[str, Any] = {}
    for before in session.execute(statement.order_by(CollectionChangeRow.version)).scalars():
        values = before | values
    return values


def move(
    session: Session,
    node_id: int,
    *,
    parent: int | None,
    after: int | None,
    who: str,
    now: dt.datetime,
) -> Node:
    """Puts a node with all below it behind the sibling ``after`` (`FIRST`: before all; None: last) in the section ``parent``.

    Raises InputError where the section does not stand, lies inside of the node, or has no room for more levels.
    """
    lock(session)
    row = standing_row(session, node_id)
    section = section_row(session, parent)
    level = row.level if parent == row.parent_id else fitting_level(session, section, NodeKind(row.kind))
    return _moved(session, row, {"parent_id": parent, "after": after, "level": level}, who=who, now=now, undoes=None)


def _moved(
    session: Session, row: CollectionNodeRow, to: Mapping[str, Any], *, who: str, now: dt.datetime, undoes: int | None
) -> Node:
    parent, after = to["parent_id"], to["after"]
    if after == row.id:
        raise InputError("it cannot stand after itself: choose another place")
    below = _below(session, row.id)
    if parent in {row.id, *(child.id for child in below)}:
        raise InputError(f"{row.title[:60]!r} cannot go into itself: choose another section")
    _refuse_too_deep([row, *below], to["level"] - row.level)
    before = {"parent_id": row.parent_id, "after": _sibling_before(session, row), "level": row.level}
    row.place = free_place(session, parent, after, NodeKind(row.kind))
    row.parent_id = parent
    by = to["level"] - row.level
    for one in (row, *below):
        one.level += by if one.kind != NodeKind.TEXT else 0
    session.flush()
    place_now = {"parent_id": row.parent_id, "after": _sibling_before(session, row), "level": row.level}
    if place_now == before:
        return as_node(row)
    row.version += 1
    session.add(change_row(row, ChangeKind.MOVED, before=before, after=place_now, who=who, now=now, undoes=undoes))
    session.flush()
    return as_node(row)


def _refuse_too_deep(rows: Iterable[CollectionNodeRow], by: int) -> None:
    for row in rows:
        if row.kind != NodeKind.TEXT and row.level + by > DEEPEST:
            raise InputError(f"{row.title[:60]!r} would be {row.level + by} levels deep, and {DEEPEST} are the most")


def _below(session: Session, node_id: int) -> list[CollectionNodeRow]:
    """All nodes under this one, removed ones too."""
    found: list[CollectionNodeRow] = []
    parents = [node_id]
    while parents:
        statement = select(CollectionNodeRow).where(CollectionNodeRow.parent_id.in_(parents))
        rows = session.execute(statement).scalars().all()
        found += rows
        parents = [row.id for row in rows]
    return found


def _sibling_before(session: Session, row: CollectionNodeRow) -> int:
    """The id of the sibling that the node stands after, a removed one too; `FIRST` where it is the first."""
    statement = select(CollectionNodeRow.id).where(
        CollectionNodeRow.parent_id.is_not_distinct_from(row.parent_id),
        CollectionNodeRow.place < row.place,
        CollectionNodeRow.id != row.id,
    )
    return session.execute(statement.order_by(CollectionNodeRow.place.desc()).limit(1)).scalar_one_or_none() or FIRST


def remove(session: Session, node_id: int, *, who: str, now: dt.datetime, undoes: int | None = None) -> Node:
    """Takes a node with all below it out of sight; it is kept, and undoing brings all of it back.

    Raises InputError where it is removed already.
    """
    lock(session)
    return _presence(session, standing_row(session, node_id), ChangeKind.REMOVED, who=who, now=now, undoes=undoes)


def _presence(
    session: Session, row: CollectionNodeRow, what: ChangeKind, *, who: str, now: dt.datetime, undoes: int | None
) -> Node:
    stands = what is ChangeKind.RESTORED
    row.removed_at = None if stands else now
    row.version += 1
    session.add(change_row(row, what, before={"removed": stands}, after={"removed": not stands}, who=who, now=now, undoes=undoes))
    session.flush()
    return as_node(row)


def changes(session: Session, *, node: int | None = None, before: int | None = None, limit: int = 50) -> list[Change]:
    """The latest changes, newest first; of one node where it is given, and of those before the change ``before``."""
    statement = select(CollectionChangeRow).order_by(CollectionChangeRow.id.desc()).limit(limit)
    if before is not None:
        statement = statement.where(CollectionChangeRow.id < before)
    if node is not None:
        statement = statement.where(CollectionChangeRow.node_id == node)
    return [as_change(row) for row in session.execute(statement).scalars()]


def undo(session: Session, change_id: int, *, who: str, now: dt.datetime) -> Node:
    """Takes one change back, whoever made it and whenever, by a change of its own; what others did since stays.

    Raises Conflict where the same field was changed again since; InputError where there is nothing left to take back.
    """
    lock(session)
    found = session.get(CollectionChangeRow, change_id)
    if found is None:
        raise InputError(f"there is no change {change_id}: look at the history of the entry")
    made = as_change(found)
    row = row_of(session, made.node_id)
    version = row.version
    node = _taken_back(session, row, made, who=who, now=now)
    if node.version == version:
        raise InputError("nothing is left to undo: it stands as it did before that change")
    return node


def _taken_back(session: Session, row: CollectionNodeRow, made: Change, *, who: str, now: dt.datetime) -> Node:
    if made.what is ChangeKind.CHANGED:
        before = {name: pieces_of_json(value) if name == "pieces" else value for name, value in made.before.items()}
        return change(session, row.id, seen_version=made.version, fields=before, who=who, now=now, undoes=made.id)
    if made.what is ChangeKind.MOVED:
        return _moved_back(session, row, made, who=who, now=now)
    if made.what is ChangeKind.REMOVED:
        if row.removed_at is None:
            return as_node(row)
        section_row(session, row.parent_id)
        return _presence(session, row, ChangeKind.RESTORED, who=who, now=now, undoes=made.id)
    return as_node(row) if row.removed_at else remove(session, row.id, who=who, now=now, undoes=made.id)


def _moved_back(session: Session, row: CollectionNodeRow, made: Change, *, who: str, now: dt.datetime) -> Node:
    """To the old section, and behind the sibling it stood after where that one is still there."""
    if _moves_since(session, made):
        raise InputError(f"{row.title[:60]!r} was moved again since: undo that first")
    parent, after = made.before["parent_id"], made.before["after"]
    if after != FIRST and row_of(session, after).parent_id != parent:
        after = None
    section_row(session, parent)
    return _moved(session, row, {**made.before, "after": after}, who=who, now=now, undoes=made.id)


def _moves_since(session: Session, made: Change) -> set[int]:
    """The later moves of the node that nobody took back."""
    later = select(CollectionChangeRow.id, CollectionChangeRow.undoes).where(
        CollectionChangeRow.node_id == made.node_id,
        CollectionChangeRow.what == ChangeKind.MOVED,
        CollectionChangeRow.version > made.version,
    )
    standing: set[int] = set()
    for one in session.execute(later.order_by(CollectionChangeRow.version)):
        if one.undoes in standing:
            standing.remove(one.undoes)
        else:
            standing.add(one.id)
    return standing
