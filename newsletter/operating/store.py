"""The SQL of the operating part: facts that all machines share, own files, heartbeats and alarms."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, String, Text, bindparam, cast, delete, exists, func, literal_column, or_, select, update
from sqlalchemy.orm import Session

from newsletter.db import dialect_insert, take_numbers
from newsletter.tables.operating import AlarmRow, HeartbeatRow, OwnFileRow, StateRow

if TYPE_CHECKING:
    from newsletter.operating.heartbeats import Beat

# So many versions of an own file are kept, those that were undone counted.
KEPT_VERSIONS = 20
# Read with each group of mails: the statement is built once, and not an object of the session's.
_STATE = select(StateRow.value).where(StateRow.name == bindparam("wanted"))


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm that somebody is to be told of; ``ended_at`` where it is over."""

    kind: str
    words: str
    since: dt.datetime
    ended_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class OwnVersion:
    """A version of an own file, without its content: ``digest`` is the SHA-256 of that, ``note`` says where it came from."""

    name: str
    number: int
    digest: str
    note: str
    given_by: str
    given_at: dt.datetime
    undone_by: str
    undone_at: dt.datetime | None


def get_state(session: Session, name: str) -> Any:
    """The JSON of the fact ``name``, None where it was never set."""
    return session.connection().execute(_STATE, {"wanted": name}).scalar()


def is_true(name: str) -> ColumnElement[bool]:
    """The condition that the fact ``name`` is true, for a statement that depends on it."""
    row = StateRow
    return exists().where(
        row.name == literal_column(f"'{name}'", String), cast(row.value, Text) == literal_column("'true'", Text)
    )


def set_state(session: Session, name: str, value: Any, *, now: dt.datetime) -> None:
    """Sets the fact ``name`` to ``value`` (anything JSON can hold but null); the last writer wins."""
    row = {"value": value, "changed_at": now}
    statement = dialect_insert(session, StateRow).values(name=name, **row)
    session.execute(statement.on_conflict_do_update(index_elements=[StateRow.name], set_=row))


def own_versions_in_use(session: Session) -> dict[str, int]:
    """The number of the version in use of each own file, by its name."""
    row = OwnFileRow
    statement = select(row.name, func.max(row.number)).where(row.undone_at.is_(None)).group_by(row.name)
    return dict(session.execute(statement).all())


def own_versions(session: Session, name: str = "") -> list[OwnVersion]:
    """The kept versions of one own file, or of all by their names; the newest first."""
    row = OwnFileRow
    columns = (row.name, row.number, row.digest, row.note, row.given_by, row.given_at, row.undone_by, row.undone_at)
    statement = select(*columns).order_by(row.name, row.number.desc())
    if name:
        statement = statement.where(row.name == name)
    return [OwnVersion(*found) for found in session.execute(statement)]


def own_content(session: Session, name: str, number: int) -> bytes | None:
    """The content of a version, None where it is not kept."""
    return session.scalar(select(OwnFileRow.content).where(OwnFileRow.name == name, OwnFileRow.number == number))


def lock_own_files(session: Session) -> None:
    """Has nobody else add or undo a version until the transaction ends."""
    take_numbers(session, "own_file", 0)


def add_own_version(session: Session, name: str, content: bytes, *, digest: str, note: str, who: str, now: dt.datetime) -> int:
    """Adds a version, which is in use from now on, and gives its number; of many the oldest goes."""
    row, number = OwnFileRow, take_numbers(session, "own_file", 1)
    session.add(
        row(
            name=name, number=number, content=content, digest=digest, note=note, given_by=who, given_at=now,
            undone_by="", undone_at=None,
        )
    )  # fmt: skip
    session.flush()
    kept = select(row.number).where(row.name == name).order_by(row.number.desc()).limit(KEPT_VERSIONS)
    session.execute(delete(row).where(row.name == name, row.number.not_in(kept.scalar_subquery())))
    return number


def undo_own_version(session: Session, name: str, number: int, *, who: str, now: dt.datetime) -> None:
    """Marks a version as undone: the newest of the others that are not is in use from now on."""
    row = OwnFileRow
    session.execute(update(row).where(row.name == name, row.number == number).values(undone_by=who, undone_at=now))


def put_beat(session: Session, beat: Beat) -> None:
    """Writes a heartbeat in the place of the last one of that part and name; a beginning keeps the end before it."""
    row: dict[str, Any] = {"began_at": beat.began_at, "beat_at": beat.beat_at, "problem": beat.problem}
    if beat.ended_at is not None:
        row |= {"ended_at": beat.ended_at, "seconds": beat.seconds}
    statement = dialect_insert(session, HeartbeatRow).values(part=beat.part, name=beat.name, **row)
    keys = [HeartbeatRow.part, HeartbeatRow.name]
    session.execute(statement.on_conflict_do_update(index_elements=keys, set_=row))


def all_beats(session: Session) -> list[Any]:
    """Every heartbeat as (part, name, began_at, beat_at, ended_at, seconds, problem), by part and name."""
    row = HeartbeatRow
    columns = (row.part, row.name, row.began_at, row.beat_at, row.ended_at, row.seconds, row.problem)
    return list(session.connection().execute(select(*columns).order_by(row.part, row.name)))


def forget_beats(session: Session, part: str, *, before: dt.datetime) -> None:
    """Forgets the processes of ``part`` that were last seen ``before``."""
    session.execute(delete(HeartbeatRow).where(HeartbeatRow.part == part, HeartbeatRow.beat_at < before))


def open_alarms(session: Session) -> set[str]:
    """The kinds of the alarms that stand now."""
    return set(session.scalars(select(AlarmRow.kind).where(AlarmRow.ended_at.is_(None))))


def put_alarm(session: Session, kind: str, words: str, *, now: dt.datetime) -> None:
    """Writes an alarm down, unless another process was quicker; one that had ended and was not told of as such goes on."""
    row = {"words": words, "since": now, "ended_at": None, "claimed_until": None}
    statement = dialect_insert(session, AlarmRow).values(kind=kind, told=False, **row)
    # Whoever was told that it broke need not hear it twice.
    session.execute(statement.on_conflict_do_update(index_elements=[AlarmRow.kind], set_={"ended_at": None, "words": words}))


def end_alarm(session: Session, kind: str, *, now: dt.datetime) -> None:
    """Notes that what was wrong is well; an alarm that nobody was told of goes without a word."""
    session.execute(delete(AlarmRow).where(AlarmRow.kind == kind, AlarmRow.told.is_(False)))
    session.execute(update(AlarmRow).where(AlarmRow.kind == kind, AlarmRow.ended_at.is_(None)).values(ended_at=now))


def has_untold_alarm(session: Session) -> bool:
    """True where somebody is to be told of something."""
    return session.scalar(select(AlarmRow.kind).where(_untold()).limit(1)) is not None


def claim_alarms(session: Session, *, until: dt.datetime, now: dt.datetime) -> list[Alarm]:
    """The alarms that somebody is to be told of, which nobody else has claimed; they are this process's ``until`` then."""
    free = or_(AlarmRow.claimed_until.is_(None), AlarmRow.claimed_until < now)
    row = AlarmRow
    statement = update(row).where(_untold(), free).values(claimed_until=until)
    return [Alarm(*found) for found in session.execute(statement.returning(row.kind, row.words, row.since, row.ended_at))]


def note_told(session: Session, alarm: Alarm) -> None:
    """Notes that somebody was told; of one that has ended nothing is left."""
    if alarm.ended_at is not None:
        session.execute(delete(AlarmRow).where(AlarmRow.kind == alarm.kind, AlarmRow.ended_at.is_not(None)))
    else:
        session.execute(update(AlarmRow).where(AlarmRow.kind == alarm.kind).values(told=True, claimed_until=None))


def _untold() -> ColumnElement[bool]:
    return or_(AlarmRow.told.is_(False), AlarmRow.ended_at.is_not(None))
