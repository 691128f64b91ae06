"""Rows as values, the lock under which the collection changes, and the record of each change. Decides nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from itertools import takewhile
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from newsletter.collection.values import FIRST, Change, ChangeKind, Conflict, Node, NodeKind, json_of_pieces, pieces_of_json
from newsletter.db import take_numbers
from newsletter.errors import InputError
from newsletter.tables.collection import CollectionChangeRow, CollectionNodeRow
from newsletter.values.standing import Standing

# Entries take their places in the order in which papers are stored, so that one cursor of a reader says what is new of both.
COUNTER = Standing.NEW
OLDER = "older collection entry"
# Six levels are all that Markdown knows: https://spec.commonmark.org/0.31.2/#atx-headings
DEEPEST = 6


def lock(session: Session) -> None:
    """One writer at a time: what is read from here on cannot change before the commit."""
    take_numbers(session, COUNTER, 0)


def row_of(session: Session, node_id: int) -> CollectionNodeRow:
    """The row, removed or not. Raises InputError where there is none."""
    row = session.get(CollectionNodeRow, node_id, populate_existing=True)
    if row is None:
        raise InputError(f"the collection has no entry {node_id}: look for it on the page of the collection")
    return row


def standing_row(session: Session, node_id: int, *, mine: Mapping[str, Any] | None = None) -> CollectionNodeRow:
    """The row of a node that stands. Raises InputError where it never was, Conflict (with ``mine``) where it was removed."""
    row = row_of(session, node_id)
    if row.removed_at is not None and mine is not None:
        raise Conflict(as_node(row), mine)
    if row.removed_at is not None:
        raise InputError(f"{row.title[:60]!r} was removed: undo that first")
    return row


def section_row(session: Session, node_id: int | None) -> CollectionNodeRow | None:
    """The row of a parent; None for the top. Raises InputError where it is no section that stands."""
    if node_id is None:
        return None
    row = standing_row(session, node_id)
    if row.kind != NodeKind.SECTION:
        raise InputError(f"{row.title[:60]!r} is no section: put it into a section")
    return row


def refuse_zero(value: Any) -> None:
    """Raises InputError where a text in ``value`` (fields as columns keep them) holds a zero character: PostgreSQL keeps none."""
    if isinstance(value, str) and "\x00" in value:
        raise InputError("the text holds a zero character: copy it anew, as plain text")
    if isinstance(value, Mapping | list):
        for inner in value.values() if isinstance(value, Mapping) else value:
            refuse_zero(inner)


def free_place(session: Session, parent_id: int | None, after: int | None, kind: NodeKind) -> int:
    """The place after the sibling ``after``; where it is None the last, for all but a section before the sections of its parent.

    (On a page, what stands behind a section of a section would belong to the inner one.) The later siblings make room.
    Raises InputError where ``after`` does not stand in this parent.
    """
    siblings = session.execute(
        select(CollectionNodeRow.id, CollectionNodeRow.place, CollectionNodeRow.kind)
        .where(CollectionNodeRow.parent_id.is_not_distinct_from(parent_id))
        .order_by(CollectionNodeRow.place)
    ).all()
    places: dict[int, int] = {row.id: row.place for row in siblings}
    if after is None:
        stays_above_sections = parent_id is not None and kind is not NodeKind.SECTION
        ahead = [*takewhile(lambda row: row.kind != NodeKind.SECTION, siblings)] if stays_above_sections else siblings
        after = ahead[-1].id if ahead else FIRST
    if after != FIRST and after not in places:
        raise InputError("what it was to stand after is no longer in that section: look at the page and choose again")
    place = places.get(after, 0) + 1
    session.execute(
        update(CollectionNodeRow)
        .where(CollectionNodeRow.parent_id.is_not_distinct_from(parent_id), CollectionNodeRow.place >= place)
        .values(place=CollectionNodeRow.place + 1)
        .execution_options(synchronize_session=False)
    )
    return place


def fitting_level(session: Session, parent: CollectionNodeRow | None, kind: NodeKind) -> int:
    """The level of the siblings of this kind, else one below the parent; 0 for a text. Raises InputError below the sixth."""
    if kind is NodeKind.TEXT:
        return 0
    siblings = select(CollectionNodeRow.level).where(
        CollectionNodeRow.parent_id.is_not_distinct_from(parent.id if parent else None), CollectionNodeRow.kind == kind
    )
    found: int | None = session.execute(siblings.order_by(CollectionNodeRow.place).limit(1)).scalar_one_or_none()
    level: int = found or (parent.level if parent else 0) + 1
    if level > DEEPEST:
        raise InputError(f"{parent.title[:60]!r} is too deep to hold another level" if parent else "this is too deep")
    return level


def change_row(
    row: CollectionNodeRow,
    what: ChangeKind,
    *,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    who: str,
    now: dt.datetime,
    undoes: int | None = None,
) -> CollectionChangeRow:
    """The record of a change of ``row``, whose version has to be that after the change."""
    return CollectionChangeRow(
        node_id=row.id,
        version=row.version,
        what=what.value,
        before=dict(before),
        after=dict(after),
        who=who,
        at=now,
        undoes=undoes,
    )


def as_node(row: CollectionNodeRow) -> Node:
    return Node(
        id=row.id,
        parent_id=row.parent_id,
        place=row.place,
        kind=NodeKind(row.kind),
        level=row.level,
        title=row.title,
        url=row.url,
        dated=row.dated,
        pieces=pieces_of_json(row.pieces),
        paper_ref=row.paper_ref,
        picked_by=row.picked_by,
        added_at=row.added_at,
        number=row.number,
        version=row.version,
        heading=row.heading,
        origin=row.origin,
        removed_at=row.removed_at,
    )


def as_change(row: CollectionChangeRow) -> Change:
    return Change(row.id, row.node_id, ChangeKind(row.what), row.before, row.after, row.who, row.at, row.version, row.undoes)


def as_json(name: str, value: Any) -> Any:
    """The value of a field as its column keeps it."""
    return json_of_pieces(value) if name == "pieces" else value
