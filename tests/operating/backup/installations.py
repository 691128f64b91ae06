"""An installation with something in every table, and what a whole database says, for tests that carry it elsewhere."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from newsletter.db import Database
from newsletter.operating.backup import store
from newsletter.operating.backup.rows import Kind, Plain, Shape, encoded
from newsletter.tables.base import Base
from tests.factories import NOW

PAPER = "the paper of every row"
# What the tables want of each other, and of nobody else.
FIXED: Mapping[str, Any] = {
    "state": "confirmed",
    "layout": "standard",
    "timezone": "UTC",
    "language": "en",
    "kind": "digest",
    "own_queries.kind": "query",
    "deliveries.state": "sent",
}
VALUES: Mapping[Kind, Any] = {
    Kind.INTEGER: 1,
    Kind.FLOAT: 0.1,
    Kind.BOOLEAN: True,
    Kind.TEXT: "señor 書 \U0001f600 ' \" \\ ; %",
    Kind.TIME: NOW + dt.timedelta(microseconds=123_456),
    Kind.DATE: NOW.date(),
    Kind.JSON: {"zeta": [1, None, "é"], "alpha": {"b": 1.5, "a": []}},
    Kind.BYTES: b"\x00\xff",
}


def fill(session: Session, *, twice: bool = True) -> None:
    """Puts one row, or two, into each table; the second has nothing where nothing is allowed."""
    for number in (1, 2) if twice else (1,):
        for shape in store.shapes():
            if not (shape.name == store.FACTS and number == 2):
                session.execute(insert(Base.metadata.tables[shape.name]).values(_row(shape, number)))
    store.go_on_after(session, {})


def _row(shape: Shape, number: int) -> dict[str, Any]:
    columns = Base.metadata.tables[shape.name].columns
    row: dict[str, Any] = {}
    for name, kind in shape.columns:
        if number == 2 and columns[name].nullable:
            row[name] = None
        elif name in shape.own:
            # Of each other: the first names a row that comes after it.
            row[name] = None if number == 2 else 1
        elif kind is Kind.INTEGER:
            row[name] = number
        elif kind is Kind.TEXT:
            any_text = f"{VALUES[kind]}{number}"[-(getattr(columns[name].type, "length", None) or 60) :]
            # Two rows never have one key.
            fixed = None if columns[name].primary_key else FIXED.get(name)
            row[name] = FIXED.get(f"{shape.name}.{name}") or fixed or any_text
        else:
            row[name] = VALUES[kind]
    return row


def dump(database: Database) -> dict[str, list[str]]:
    """All rows of all tables as text, in an order that does not depend on the database."""
    with database.reading() as session:
        return {shape.name: sorted(encoded(row) for row in store.rows(session, shape)) for shape in store.shapes()}


def rows_of(database: Database, name: str) -> list[Plain]:
    """The rows of one table as they travel."""
    shape = next(shape for shape in store.shapes() if shape.name == name)
    with database.reading() as session:
        return list(store.rows(session, shape))
