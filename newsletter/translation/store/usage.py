"""The SQL of what engines were asked and answered, by day: all processes of an installation count here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from newsletter.db import dialect_insert
from newsletter.tables.translations import EngineCountRow


def add(session: Session, counts: Mapping[tuple[str, str], int], *, day: dt.date) -> None:
    """Adds counts by engine and what they count (see ``Report.counts``) to those of ``day``."""
    rows = [{"day": day, "engine": engine, "what": what, "count": count} for (engine, what), count in counts.items() if count]
    if not rows:
        return
    statement = dialect_insert(session, EngineCountRow)
    added = {"count": EngineCountRow.count + statement.excluded.count}
    # In one order, so that two processes never wait for each other.
    rows.sort(key=lambda row: (row["engine"], row["what"]))
    session.execute(statement.on_conflict_do_update(index_elements=["day", "engine", "what"], set_=added), rows)


def by_day(session: Session, *, since: dt.date) -> dict[tuple[dt.date, str, str], int]:
    """The counts by (day, engine, what they count) from the day ``since`` on, in order of days."""
    row = EngineCountRow
    statement = select(row.day, row.engine, row.what, row.count).where(row.day >= since).order_by(row.day)
    return {(day, engine, what): count for day, engine, what, count in session.execute(statement)}


def totals(session: Session, *, since: dt.date | None = None, what: str | None = None) -> dict[tuple[str, str], int]:
    """The sums by engine and what they count, of all days or those from ``since`` on."""
    statement = select(EngineCountRow.engine, EngineCountRow.what, func.sum(EngineCountRow.count))
    if since is not None:
        statement = statement.where(EngineCountRow.day >= since)
    if what is not None:
        statement = statement.where(EngineCountRow.what == what)
    rows = session.execute(statement.group_by(EngineCountRow.engine, EngineCountRow.what))
    return {(engine, kind): int(count) for engine, kind, count in rows}
