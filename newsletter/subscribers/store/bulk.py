"""Many rows into a table at once: one JSON value a statement in PostgreSQL, whose driver reads lists slowly."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table, Text, bindparam, cast, column, func, insert, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session


def insert_rows(
    session: Session, table: Table, rows: Sequence[Mapping[str, Any]], *, unless_there: bool = False
) -> list[Any] | None:
    """Writes ``rows``, which all name the same columns; with ``unless_there`` rows that exist already stay as they are.

    Gives the primary keys of those written; None in SQLite, which is all of them: nobody else can write meanwhile.
    """
    if not rows:
        return []
    full = _with_defaults(table, rows)
    if session.get_bind().dialect.name == "sqlite":
        session.connection().execute(insert(table), full)
        return None
    names = list(full[0])
    whole = cast(bindparam("rows", type_=Text), JSONB)
    typed = [column(name, table.c[name].type) for name in names]
    given = func.jsonb_to_recordset(whole).table_valued(*typed).render_derived(with_types=True)
    statement = postgresql.insert(table).from_select(names, select(*(given.c[name] for name in names)), include_defaults=False)
    if unless_there:
        statement = statement.on_conflict_do_nothing()
    told = json.dumps(full, default=_iso, separators=(",", ":"))
    return list(session.connection().execute(statement.returning(*table.primary_key), {"rows": told}))


def _with_defaults(table: Table, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rows with what columns are given that they do not name, each row anew: a default may be a random number."""
    missing: list[tuple[str, Any]] = [
        (one.name, one.default) for one in table.columns if one.default is not None and one.name not in rows[0]
    ]
    given = ({name: default.arg(None) if default.is_callable else default.arg for name, default in missing} for _ in rows)
    return [{**row, **more} for row, more in zip(rows, given, strict=True)]


def _iso(value: dt.date) -> str:
    return value.isoformat()
