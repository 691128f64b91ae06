"""The record of fetches, which of them are under way, and the slots of polite requests. It sends nothing itself."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from newsletter.models import FetchRow, RequestSlotRow
from newsletter.side_tables import RunningFetchRow

# A slot further ahead than this comes from a clock that was wrong once, not from a queue of requests.
SLOT_HORIZON = dt.timedelta(minutes=15)


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


def reserve_slot(session: Session, service: str, *, delay: float, now: dt.datetime) -> dt.datetime:
    """Takes the next free slot of ``service`` and says when that request may leave; slots lie ``delay`` seconds apart.

    The slot is taken once the transaction commits: commit before sleeping. A slot too far ahead (a clock that was wrong) is
    forgotten.
    """
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    first = dialect.insert(RequestSlotRow).values(service=service, next_at=now).on_conflict_do_nothing()
    session.execute(first)
    mine = RequestSlotRow.service == service
    free = session.execute(select(RequestSlotRow.next_at).where(mine).with_for_update()).scalar_one()
    slot = free if now <= free <= now + SLOT_HORIZON else now
    session.execute(update(RequestSlotRow).where(mine).values(next_at=slot + dt.timedelta(seconds=delay)))
    return slot


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
    row = session.execute(select(FetchRow).order_by(FetchRow.started_at.desc(), FetchRow.id.desc()).limit(1)).scalar_one_or_none()
    if row is None:
        return None
    return FetchRecord(
        source=row.source,
        started_at=row.started_at,
        ended_at=row.ended_at,
        since=row.since,
        until=row.until,
        found=row.found,
        new=row.new,
        updated=row.updated,
        error=row.error,
        note=row.note,
    )


def first_failures_since(session: Session) -> dt.datetime | None:
    """Since when fetches have been tried, where none has ended well yet; None once one has, and before the first."""
    if session.scalar(select(exists().where(FetchRow.error == ""))):
        return None
    return session.scalar(select(func.min(FetchRow.started_at)))


def keep_running(session: Session, run: str, *, until: dt.datetime, now: dt.datetime) -> None:
    """Says that the fetch ``run`` is under way, and counts as such ``until`` then; what others left behind goes."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    session.execute(delete(RunningFetchRow).where(RunningFetchRow.until <= now))
    statement = dialect.insert(RunningFetchRow).values(run=run, until=until)
    session.execute(statement.on_conflict_do_update(index_elements=[RunningFetchRow.run], set_={"until": until}))


def end_running(session: Session, run: str) -> None:
    """Says that the fetch ``run`` has come to its end."""
    session.execute(delete(RunningFetchRow).where(RunningFetchRow.run == run))


def is_running(session: Session, *, now: dt.datetime) -> bool:
    """True while a fetch is under way, on any machine."""
    return bool(session.scalar(select(exists().where(RunningFetchRow.until > now))))
