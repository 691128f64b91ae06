"""The record of fetches, and which of them are under way."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, fields

from sqlalchemy import delete, exists, func, select
from sqlalchemy.orm import Session

from newsletter.db import dialect_insert
from newsletter.tables.papers import FetchRow, RunningFetchRow


@dataclass(frozen=True, slots=True)
class FetchRecord:
    """One run of a fetch. ``since`` and ``until`` are inclusive days of submission; ``error`` is "" where it went well.

    ``note`` says what was remarkable: how the roads differed, or that nothing was announced.
    """

    source: str
    started_at: dt.datetime
    ended_at: dt.datetime
    since: dt.date
    until: dt.date
    found: int
    new: int
    updated: int
    error: str = ""
    note: str = ""


def record_fetch(session: Session, record: FetchRecord) -> None:
    """Notes a run of the fetch, a failed one too."""
    session.add(
        FetchRow(
            source=record.source,
            started_at=record.started_at,
            ended_at=record.ended_at,
            since=record.since,
            until=record.until,
            found=record.found,
            new=record.new,
            updated=record.updated,
            error=record.error,
            note=record.note,
        )
    )


def last_fetch(session: Session) -> FetchRecord | None:
    """The run that started last, failed or not; None before the first."""
    return next(iter(newest(session, most=1)), None)


def newest(session: Session, *, most: int) -> list[FetchRecord]:
    """The runs that started last, failed or not, the newest first."""
    rows = session.scalars(select(FetchRow).order_by(FetchRow.started_at.desc(), FetchRow.id.desc()).limit(most))
    return [FetchRecord(**{field.name: getattr(row, field.name) for field in fields(FetchRecord)}) for row in rows]


def new_by_day(session: Session, *, since: dt.date) -> dict[dt.date, int]:
    """How many new papers the fetches brought on each day (UTC) from ``since`` on; days without any are left out."""
    begin = dt.datetime.combine(since, dt.time(), dt.UTC)
    found: dict[dt.date, int] = {}
    for ended_at, new in session.execute(
        select(FetchRow.ended_at, FetchRow.new).where(FetchRow.started_at >= begin, FetchRow.new > 0)
    ):
        found[ended_at.date()] = found.get(ended_at.date(), 0) + new
    return found


def new_between(session: Session, begin: dt.datetime, end: dt.datetime) -> int:
    """How many new papers the fetches brought that ended from ``begin`` until before ``end``."""
    statement = select(func.sum(FetchRow.new)).where(FetchRow.ended_at >= begin, FetchRow.ended_at < end)
    return int(session.scalar(statement) or 0)


def first_failures_since(session: Session) -> dt.datetime | None:
    """Since when fetches have been tried, where none has ended well yet; None once one has, and before the first."""
    if session.scalar(select(exists().where(FetchRow.error == ""))):
        return None
    return session.scalar(select(func.min(FetchRow.started_at)))


def keep_running(session: Session, run: str, *, until: dt.datetime, now: dt.datetime) -> None:
    """Says that the fetch ``run`` is under way, and counts as such ``until`` then; what others left behind goes."""
    session.execute(delete(RunningFetchRow).where(RunningFetchRow.until <= now))
    statement = dialect_insert(session, RunningFetchRow).values(run=run, until=until)
    session.execute(statement.on_conflict_do_update(index_elements=[RunningFetchRow.run], set_={"until": until}))


def end_running(session: Session, run: str) -> None:
    """Says that the fetch ``run`` has come to its end."""
    session.execute(delete(RunningFetchRow).where(RunningFetchRow.run == run))


def is_running(session: Session, *, now: dt.datetime) -> bool:
    """True while a fetch is under way, on any machine."""
    return bool(session.scalar(select(exists().where(RunningFetchRow.until > now))))
