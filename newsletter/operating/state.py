"""The state of the installation: small facts that one process notes and every process of every machine sees at its next step.

Each fact has its name in the database, its type and its parsing here and nowhere else: callers read and write datetimes,
dates and values. Nothing that needs a row for each paper, reader or mail belongs here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import structlog
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from newsletter.operating.store import get_state, is_true, set_state

log = structlog.get_logger(__name__)

T = TypeVar("T")

# What stands in the database where a fact was taken back; the column takes no NULL.
_UNSET = ""
_COUNTS_AS_UNSET: tuple[Any, ...] = (None, _UNSET, {})


@dataclass(frozen=True, slots=True)
class Fact(Generic[T]):
    """One fact: ``name`` is its key in the database; ``parse`` makes the value of its JSON, ``to_json`` the JSON of a value."""

    name: str
    parse: Callable[[Any], T]
    to_json: Callable[[T], Any]

    def read(self, session: Session) -> T | None:
        """The value; None where it was never set, was taken back, or cannot be parsed (which is logged)."""
        stored = get_state(session, self.name)
        if stored in _COUNTS_AS_UNSET:
            return None
        try:
            return self.parse(stored)
        except (ValueError, TypeError, KeyError, AttributeError):
            log.warning("state not readable, taken as unset", name=self.name, stored=str(stored)[:100])
            return None

    def write(self, session: Session, value: T, *, now: dt.datetime) -> None:
        """Notes the value at ``now``; the last writer wins."""
        set_state(session, self.name, self.to_json(value), now=now)

    def clear(self, session: Session, *, now: dt.datetime) -> None:
        """Takes the value back: it is read as None again."""
        set_state(session, self.name, _UNSET, now=now)


@dataclass(frozen=True, slots=True)
class SendingHold:
    """No worker sends before ``until``, for the ``reason`` that a mail server gave."""

    until: dt.datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Restored:
    """This installation came out of a backup ``made_at``; what the old one did until ``stopped`` is not known here.

    ``unknown`` mails are marked so, the digests of ``days`` among them; ``left`` people were left out. Not ``marked``: that is
    still to be done.
    """

    made_at: dt.datetime
    restored_at: dt.datetime
    stopped: dt.datetime
    marked: bool
    unknown: int
    days: tuple[dt.date, ...]
    left: int


@dataclass(frozen=True, slots=True)
class ReadingProgress:
    """How far a posting server has been read: ``began`` is its first day here, ``through`` the last day read.

    ``read`` is when it was last read to the end.
    """

    began: dt.date | None = None
    through: dt.date | None = None
    read: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class BackfillProgress:
    """How far a first fill is that was interrupted: papers submitted from ``since`` to ``until``, changed up to ``through``.

    ``step`` is the list that it is at, ``token`` the place in it; ``records`` of it were read, ``new`` papers stored in all.
    """

    since: dt.date
    until: dt.date
    through: dt.date
    categories: tuple[str, ...]
    step: int = 0
    token: str = ""
    records: int = 0
    new: int = 0


def _time(stored: str) -> dt.datetime:
    time = dt.datetime.fromisoformat(stored)
    if time.tzinfo is None:
        # It could be compared with no other time here.
        raise ValueError("a time without its zone")
    return time


def _time_fact(name: str) -> Fact[dt.datetime]:
    return Fact(name, _time, dt.datetime.isoformat)


def _number(stored: Any) -> int:
    if not isinstance(stored, int):
        raise TypeError("not a number")
    return stored


def _words_by_name(stored: Mapping[str, str]) -> Mapping[str, str]:
    return {str(name): str(words) for name, words in stored.items()}


def _hold(stored: Mapping[str, str]) -> SendingHold:
    return SendingHold(_time(stored["until"]), str(stored["reason"]))


def _hold_to_json(hold: SendingHold) -> dict[str, str]:
    return {"until": hold.until.isoformat(), "reason": hold.reason}


def _restored(stored: Mapping[str, Any]) -> Restored:
    made_at, restored_at, stopped = (_time(stored[name]) for name in ("made_at", "restored_at", "stopped"))
    days = tuple(map(dt.date.fromisoformat, stored["days"]))
    numbers = _number(stored["unknown"]), _number(stored["left"])
    return Restored(made_at, restored_at, stopped, bool(stored["marked"]), numbers[0], days, numbers[1])


def _restored_to_json(fact: Restored) -> dict[str, Any]:
    times = {name: getattr(fact, name).isoformat() for name in ("made_at", "restored_at", "stopped")}
    days = [day.isoformat() for day in fact.days]
    return {**times, "marked": fact.marked, "unknown": fact.unknown, "days": days, "left": fact.left}


def _category_days(stored: Mapping[str, str]) -> dict[str, dt.date]:
    return {category: dt.date.fromisoformat(day) if day else ALWAYS for category, day in stored.items()}


def _category_days_to_json(days: Mapping[str, dt.date]) -> dict[str, str]:
    return {category: "" if day == ALWAYS else day.isoformat() for category, day in days.items()}


def _progress(stored: Mapping[str, str]) -> ReadingProgress:
    began, through, read = (stored.get(name) for name in ("began", "through", "read"))
    return ReadingProgress(
        dt.date.fromisoformat(began) if began else None,
        dt.date.fromisoformat(through) if through else None,
        _time(read) if read else None,
    )


def _backfill(stored: Mapping[str, Any]) -> BackfillProgress:
    since, until, through = (dt.date.fromisoformat(stored[name]) for name in ("since", "until", "through"))
    step, records, new = (_number(stored[name]) for name in ("step", "records", "new"))
    return BackfillProgress(
        since, until, through, tuple(map(str, stored["categories"])), step, str(stored["token"]), records, new
    )


def _backfill_to_json(one: BackfillProgress) -> dict[str, Any]:
    days = {"since": one.since.isoformat(), "until": one.until.isoformat(), "through": one.through.isoformat()}
    counts = {"step": one.step, "token": one.token, "records": one.records, "new": one.new}
    return {**days, **counts, "categories": list(one.categories)}


def _progress_to_json(progress: ReadingProgress) -> dict[str, str]:
    times = {"began": progress.began, "through": progress.through, "read": progress.read}
    return {name: time.isoformat() for name, time in times.items() if time is not None}


# The day of a category that was asked for before such days were kept: none of its papers is older.
ALWAYS = dt.date.min

# True while an operator has stopped all sending.
SENDING_PAUSED: Fact[bool] = Fact("sending_paused", bool, bool)
# Until when workers hold back after a mail server refused us.
SENDING_HELD = Fact("sending_held", _hold, _hold_to_json)
# How many refusals about us, in a row, mail servers have given over all workers.
SENDER_REFUSALS = Fact("sender_refusals", _number, int)
# Out of which backup this installation came, until sending is resumed.
RESTORED = Fact("restored", _restored, _restored_to_json)
# When nothing was found last that has been kept long enough.
NOTHING_EXPIRED_AT = _time_fact("nothing_expired_at")
# The newest time at which digests were planned: a clock that shows less has jumped back.
PLANNED_AT = _time_fact("planned_at")
# Drawn anew whenever digests are queued again or taken away by other means than planning: one under way then ends.
LEDGER_TOUCHED = Fact("ledger_touched", str, str)
# When missing translations were last looked for.
TRANSLATION_BEGAN_AT = _time_fact("translated_at")
# When the last such look that has come to its end began.
TRANSLATION_ENDED_AT = _time_fact("translation_ended")
# What went wrong last with each translation engine, in its own words, where texts stayed in the original.
ENGINE_PROBLEMS: Fact[Mapping[str, str]] = Fact("engine_problems", _words_by_name, dict)
# The last local date of digests of which was counted what papers they held.
MAILED_COUNTED = Fact("mailed_counted", dt.date.fromisoformat, dt.date.isoformat)
# When pages were last published by themselves, whether or not that went well.
PUBLISHED_AT = _time_fact("published_at")
# When arXiv's query API was last read to its end.
ARXIV_READ_AT = _time_fact("listed_at")
# The announcement with which this installation began; older papers are new to nobody.
FIRST_ANNOUNCEMENT = Fact("began_with", dt.date.fromisoformat, dt.date.isoformat)
# The announcement with which each arXiv category was first asked for; older papers of it are new to nobody.
FIRST_OF_CATEGORY: Fact[Mapping[str, dt.date]] = Fact("categories_began", _category_days, _category_days_to_json)
# The number of the oldest paper that was put under its categories; 0 once all are.
CATEGORIES_DOWN_TO = Fact("categories_down_to", _number, int)
# How far each posting server has been read, by the server's name.
READ_OF_SERVER = {
    server: Fact(name, _progress, _progress_to_json)
    for server, name in {"biorxiv": "posted_biorxiv", "medrxiv": "posted_medrxiv"}.items()
}
# How far a first fill of the archive is that was not ended.
BACKFILL = Fact("backfill", _backfill, _backfill_to_json)
# How far the feed of each venue has been read, by its address; ``through`` is not used.
READ_OF_VENUES: Fact[Mapping[str, ReadingProgress]] = Fact(
    "venues_read",
    lambda stored: {url: _progress(one) for url, one in stored.items()},
    lambda read: {url: _progress_to_json(one) for url, one in read.items()},
)
# When links in mails were given purposes and keys; None where no mail had left before. Earlier mails have links of the old form.
LINKS_RENEWED_AT = _time_fact("links_renewed")
# The last day (UTC) after which PING_URL was asked.
PINGED_ON = Fact("pinged_on", dt.date.fromisoformat, dt.date.isoformat)
# The version of the topic catalogue that the stored papers were last matched against.
MATCHED_CATALOGUE = Fact("catalogue", str, str)


def paused(session: Session) -> bool:
    """True while an operator has stopped all sending."""
    return bool(SENDING_PAUSED.read(session))


def sending_is_paused() -> ColumnElement[bool]:
    """The same as `paused`, as a condition of the statement that lets mails leave."""
    return is_true(SENDING_PAUSED.name)


def pause(session: Session, *, now: dt.datetime) -> None:
    """Stops all sending, on every machine, before the next message; what is planned meanwhile waits."""
    SENDING_PAUSED.write(session, True, now=now)


def resume(session: Session, *, now: dt.datetime) -> None:
    """Lets sending go on, also where it was held after refusals, and believes the clock as it is now.

    The next tick of a scheduler wakes the workers.
    """
    SENDING_PAUSED.write(session, False, now=now)
    SENDING_HELD.clear(session, now=now)
    SENDER_REFUSALS.write(session, 0, now=now)
    PLANNED_AT.clear(session, now=now)
