"""Editors' work on the collection: add, change, move, remove, comment, undo. Each is one transaction, kept with who and when.

A ``place`` is where something is put: "in:7" last in section 7 (0: in none), "top:7" first in it, "after:7" behind node 7.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from newsletter.collection.store import nodes as nodes_store
from newsletter.collection.values import FIRST, Conflict, Draft, Node
from newsletter.errors import InputError

if TYPE_CHECKING:
    from newsletter.bootstrap import Services


def add(services: Services, draft: Draft, place: str, *, who: str, now: dt.datetime) -> Node:
    """Adds what the draft says. Raises InputError where the title is empty, or the place is gone or has no room for it."""
    with services.database.transaction() as session:
        parent, after = _place(session, place)
        return nodes_store.add(session, draft, after=after, parent=parent, who=who, now=now)


def change(services: Services, node_id: int, *, seen_version: int, fields: Mapping[str, Any], who: str, now: dt.datetime) -> Node:
    """Stores new values of ``fields``, as somebody wrote them who saw ``seen_version``.

    Raises Conflict where somebody else changed the same meanwhile, with the node as it stands once the other fields are stored:
    saving again would else write the old values of what others changed beside the conflict. Raises InputError for values that
    cannot be, or a node that never was.
    """
    try:
        return _change(services, node_id, seen_version=seen_version, fields=fields, who=who, now=now)
    except Conflict as conflict:
        node = conflict.node
        if node.removed_at is None:
            rest = {name: value for name, value in fields.items() if name not in conflict.fields}
            try:
                node = _change(services, node_id, seen_version=seen_version, fields=rest, who=who, now=now)
            except Conflict as again:
                node = again.node
        raise Conflict(node, conflict.mine) from None


def move(services: Services, node_id: int, place: str, *, who: str, now: dt.datetime) -> Node:
    """Puts a node with all below it elsewhere. Raises InputError where the place is gone, inside of the node, or too deep."""
    with services.database.transaction() as session:
        parent, after = _place(session, place)
        return nodes_store.move(session, node_id, parent=parent, after=after, who=who, now=now)


def remove(services: Services, node_id: int, *, who: str, now: dt.datetime) -> bool:
    """Takes a node with all below it out of sight; False where no such node stands."""
    with services.database.transaction() as session:
        if not _stands(session, node_id):
            return False
        nodes_store.remove(session, node_id, who=who, now=now)
        return True


def comment(services: Services, node_id: int, text: str, *, who: str, now: dt.datetime) -> bool:
    """Keeps what somebody said about a node; False where no such node stands. Raises InputError for an empty or too long text."""
    with services.database.transaction() as session:
        if not _stands(session, node_id):
            return False
        nodes_store.comment(session, node_id, text, who=who, now=now)
        return True


def undo(services: Services, change_id: int, *, who: str, now: dt.datetime) -> Node:
    """Takes one change back and gives the node as it stands then. Raises InputError where that cannot be."""
    with services.database.transaction() as session:
        return nodes_store.undo(session, change_id, who=who, now=now)


def _change(
    services: Services, node_id: int, *, seen_version: int, fields: Mapping[str, Any], who: str, now: dt.datetime
) -> Node:
    with services.database.transaction() as session:
        return nodes_store.change(session, node_id, seen_version=seen_version, fields=fields, who=who, now=now)


def _stands(session: Session, node_id: int) -> bool:
    node = nodes_store.node(session, node_id)
    return node is not None and node.removed_at is None


def _place(session: Session, place: str) -> tuple[int | None, int | None]:
    """Parent and sibling that ``place`` names, as the store takes them. Raises InputError for one that is gone."""
    kind, _colon, number = (place or "in:0").partition(":")
    if kind == "in" and number == "0":
        return None, None
    node = next((one for one in nodes_store.tree(session) if str(one.id) == number), None)
    if node is None or kind not in ("in", "top", "after"):
        raise InputError("the place you chose is there no more: choose another one")
    return (node.parent_id, node.id) if kind == "after" else (node.id, FIRST if kind == "top" else None)
