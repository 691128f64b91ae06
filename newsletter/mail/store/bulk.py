"""Many rows into the ledger at once, in each database's quickest way: planning writes a hundred thousand in one go.

Both take the values of a column together, by a statement of the driver's own: what SQLAlchemy does for each value of a row took
longer than the writing. PostgreSQL gets an array a column, in binary form (as text its driver takes 30 times as long to make
one), SQLite executes one prepared statement for each row.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import repeat
from typing import Any, cast

from sqlalchemy import JSON, Connection, Dialect, Table, text
from sqlalchemy.orm import Session

from newsletter.db import Database
from newsletter.tables.deliveries import DeliveryRow

DELIVERIES = cast("Table", DeliveryRow.__table__)
_as_json = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


def write_rows(session: Session, same: Mapping[str, Any], columns: Mapping[str, Sequence[Any]]) -> int:
    """Writes rows of these ``columns``, a value a row in each, with those of ``same`` besides; gives how many were new.

    Rows that are there already stay as they are. At least one row, and no more than one statement may hold: some thousands.
    """
    connection = session.connection()
    # What all rows say alike goes once; never the subscriber, so that a column is left.
    varying = {
        name: values for name, values in columns.items() if name == "subscriber_id" or values.count(values[0]) < len(values)
    }
    alike = {**same, **{name: values[0] for name, values in columns.items() if name not in varying}}
    given = {name: _plain(name, values, connection.dialect) for name, values in varying.items()}
    shared = {name: _plain(name, [value], connection.dialect)[0] for name, value in alike.items()}
    write = _write_arrays if connection.dialect.name == "postgresql" else _write_each
    return write(connection, given, shared)


def analyse(database: Database) -> None:
    """Has PostgreSQL count the ledger's rows after very many came: claims begin at once, and autovacuum looks a minute later.

    Till then each claim sorted all that wait (200 ms, not 7).
    """
    if database.engine.dialect.name == "postgresql":
        with database.transaction() as session:
            session.execute(text("ANALYZE deliveries (subscriber_id, kind, period, state, priority, due_at)"))


def _plain(name: str, values: Sequence[Any], dialect: Dialect) -> list[Any]:
    """The values of a column as the driver takes them."""
    kind = DELIVERIES.c[name].type
    convert = _as_json if isinstance(kind, JSON) else kind.dialect_impl(dialect).bind_processor(dialect)
    return [convert(value) for value in values] if convert else list(values)


def _write_each(connection: Connection, given: Mapping[str, Sequence[Any]], shared: Mapping[str, Any]) -> int:
    names = (*given, *shared)
    marks = ", ".join("?" * len(names))
    statement = f"INSERT INTO {DELIVERIES.name} ({', '.join(names)}) VALUES ({marks}) ON CONFLICT DO NOTHING"  # noqa: S608 - ours
    return _execute(connection, statement, list(zip(*given.values(), *map(repeat, shared.values()), strict=False)))


def _write_arrays(connection: Connection, given: Mapping[str, Sequence[Any]], shared: Mapping[str, Any]) -> int:
    types = {name: DELIVERIES.c[name].type.compile(connection.dialect) for name in (*given, *shared)}
    # An array of texts is what both texts and JSON come as.
    arrays = [f"%({name})b::{_element(types[name])}[]" for name in given]
    chosen = [f"{name}::{types[name]}" for name in given] + [f"%({name})s::{types[name]}" for name in shared]
    statement = (
        f"INSERT INTO {DELIVERIES.name} ({', '.join((*given, *shared))}) SELECT {', '.join(chosen)} "  # noqa: S608 - names of ours
        f"FROM unnest({', '.join(arrays)}) AS given ({', '.join(given)}) ON CONFLICT DO NOTHING"
    )
    return _execute(connection, statement, {**given, **shared})


def _element(kind: str) -> str:
    return "TEXT" if kind.startswith(("VARCHAR", "JSON")) else kind


def _execute(connection: Connection, statement: str, values: Any) -> int:
    return connection.exec_driver_sql(statement, values, execution_options={"preserve_rowcount": True}).rowcount
