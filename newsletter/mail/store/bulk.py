"""Bulk insert into the ledger, in each database's fastest way: planning writes a hundred thousand rows in one transaction.

PostgreSQL takes them as one JSON value a statement: its driver takes longer to read a list of values than the server to write the
rows (1.1 ms a row became 0.2 ms). SQLite executes one prepared statement for each.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Table, Text, bindparam, column, func, literal, select, text
from sqlalchemy import cast as cast_to
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from newsletter.db import dialect_insert
from newsletter.tables.deliveries import DeliveryRow
from newsletter.values.batches import batches

ROWS_PER_STATEMENT = 5000
# From so many rows on the statistics of the table are renewed.
ANALYZE_FROM = 1000
DELIVERIES = cast("Table", DeliveryRow.__table__)


def write_rows(session: Session, same: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> int:
    """Writes ``rows``, which all name the same columns, each with the columns ``same`` besides; gives how many were new.

    Rows that are there already stay as they are.
    """
    on_postgresql = session.get_bind().dialect.name == "postgresql"
    write = _write_as_json if on_postgresql else _write_each
    written = sum(write(session, same, some) for some in batches(rows, ROWS_PER_STATEMENT))
    if on_postgresql and written >= ANALYZE_FROM:
        # Claims begin at once, but autovacuum looks up to a minute later: without new statistics each claim would sort all the
        # waiting rows (200 ms instead of 7).
        session.execute(text("ANALYZE deliveries (subscriber_id, kind, period, state, priority, due_at)"))
    return written


def _write_each(session: Session, same: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> int:
    statement = dialect_insert(session, DELIVERIES).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
    return session.connection().execute(statement, [{**same, **row} for row in rows]).rowcount


def _write_as_json(session: Session, same: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> int:
    names = _differing(rows)
    same = {**same, **{name: value for name, value in rows[0].items() if name not in names}}
    typed = [column(name, DELIVERIES.c[name].type) for name in names]
    document = cast_to(bindparam("rows", type_=Text), JSONB)
    given = func.jsonb_to_recordset(document).table_valued(*typed).render_derived(with_types=True)
    shared = [literal(value, DELIVERIES.c[name].type) for name, value in same.items()]
    selected = select(*(given.c[name] for name in names), *shared)
    statement = dialect_insert(session, DELIVERIES).from_select([*names, *same], selected).on_conflict_do_nothing()
    # PostgreSQL reads times in ISO form.
    values = json.dumps(
        [{name: row[name] for name in names} for row in rows], default=dt.datetime.isoformat, separators=(",", ":")
    )
    return session.connection().execute(statement.execution_options(preserve_rowcount=True), {"rows": values}).rowcount


def _differing(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """The subscriber's column and those in which ``rows`` differ. What is the same in all is sent once: reading JSON is slow."""
    return [name for name, value in rows[0].items() if name == "subscriber_id" or any(row[name] != value for row in rows)]
