"""The SQL of all that is kept of one person, by what the tables say of themselves: to show it, and to erase it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Table, Text, cast, delete, func, select, update
from sqlalchemy.orm import Session

from newsletter.db import take_numbers
from newsletter.operating.backup.rows import Shape
from newsletter.operating.backup.store import rows, shapes
from newsletter.subscribers.store.confirmations import forget_unsent
from newsletter.subscribers.store.saved_queries import prune
from newsletter.tables.about import NOTHING_SAID, About, Person, Reach
from newsletter.tables.base import Base
from newsletter.tables.collection import EditorRow


def erase_subscriber(session: Session, subscriber_id: int) -> None:
    """Deletes a person, as `erase_subscribers` does."""
    erase_subscribers(session, [subscriber_id])


def erase_subscribers(session: Session, ids: Sequence[int]) -> None:
    """Deletes the rows of these few people in every table, theirs before the one they hang on, and their names as editors.

    Queries that nobody else has saved go with their matches.
    """
    for subscriber_id in ids:
        forget_unsent(session, subscriber_id)
    take_numbers(session, "query", 0)  # the lock of saved queries: see their store
    names = list(session.scalars(select(EditorRow.name).where(EditorRow.subscriber_id.in_(ids))))
    for table, person in reversed(list(_people())):
        column = table.c[person.column]
        if person.reach is Reach.SUBSCRIBER:
            session.execute(delete(table).where(column.in_(ids)))
        elif person.reach is Reach.NAME and names:
            session.execute(update(table).where(column.in_(names)).values({column: ""}))
    prune(session)


def erase_mentions(session: Session, address: str) -> int:
    """Deletes the rows of other matters in which ``address`` stands, in whatever case; gives how many."""
    gone = 0
    for table, person in _people():
        if person.reach is Reach.MENTION:
            said = func.lower(cast(table.c[person.column], Text))
            mentioned = delete(table).where(said.contains(address.lower(), autoescape=True))
            gone += len(session.execute(mentioned.returning(*table.primary_key)).all())
    return gone


def records(session: Session, *, subscriber_id: int | None, address_key: str, address: str) -> dict[str, list[dict[str, Any]]]:
    """The person's rows by table, ready for JSON, without secrets; tables without any are left out."""
    name = _editor_name(session, subscriber_id) if subscriber_id is not None else None
    wanted = {Reach.SUBSCRIBER: subscriber_id, Reach.ADDRESS_KEY: address_key, Reach.NAME: name}
    by_name = {shape.name: shape for shape in shapes()}
    found: dict[str, list[dict[str, Any]]] = {}
    for table, person in _people():
        shape = by_name[table.name]
        value = wanted.get(person.reach)
        if value is not None:
            told = [_told(row, shape, person) for row in rows(session, shape, where=(person.column, value))]
        elif person.reach is Reach.MENTION:
            told = [_told(row, shape, person) for row in rows(session, shape) if address.lower() in str(row).lower()]
        else:
            told = []
        if told:
            found.setdefault(table.name, []).extend(told)
    return found


def _told(row: list[Any], shape: Shape, person: Person) -> dict[str, Any]:
    return {name: value for name, value in zip(shape.names, row, strict=True) if name not in person.hidden}


def _people() -> Iterator[tuple[Table, Person]]:
    """Each table that holds something of people with how it is reached; no table comes before one that its rows name."""
    for table in Base.metadata.sorted_tables:
        about: About = table.info.get("about", NOTHING_SAID)
        for person in about.people:
            yield table, person


def _editor_name(session: Session, subscriber_id: int) -> str | None:
    return session.scalar(select(EditorRow.name).where(EditorRow.subscriber_id == subscriber_id))
