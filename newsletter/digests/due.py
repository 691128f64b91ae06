"""When a digest is due: local hours, weekdays, gaps and folds of time zones. Reads no clock.

A digest of local date D is due from D at the chosen hour until the end of that day, or twelve hours, whichever is
later: a service that was down in the morning still sends at noon, and one that was down at 23:00 sends after midnight.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from newsletter.values.readers import Reader

LATE_LIMIT = dt.timedelta(hours=12)
# Between two digests of one reader, so that a change of zone or hour brings no second mail the same morning.
LEAST_GAP = dt.timedelta(hours=12)
# A digest without papers waits so long after the chosen hour for a late announcement.
PATIENCE = dt.timedelta(hours=3)
# https://www.rfc-editor.org/rfc/rfc5321#section-4.5.4.1: give up after four to five days.
MOST_DAYS_TRIED = 5
# Days without a digest are recorded so far back.
MOST_MISSED = dt.timedelta(days=31)
# Yesterday's digest may still leave, and a day may have its digest already: so many days hold the next one.
_A_WEEK_AND_MORE = 10


def zone_of(name: str) -> dt.tzinfo:
    """The IANA zone ``name``; UTC where this machine does not know it, so that a stale row never stops a mail."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return dt.UTC


def local_date(reader: Reader, now: dt.datetime) -> dt.date:
    """The date in the reader's time zone."""
    return now.astimezone(zone_of(reader.timezone)).date()


def due_at(reader: Reader, date: dt.date) -> dt.datetime:
    """The moment (UTC) of the chosen hour on ``date``; an hour that the clock skips counts as the one after the gap."""
    wall = dt.datetime.combine(date, dt.time(reader.hour), tzinfo=zone_of(reader.timezone))
    return wall.astimezone(dt.UTC)


def digest_date(reader: Reader, *, now: dt.datetime) -> dt.date | None:
    """The local date whose digest is due now; None where none is.

    Looks at today and yesterday only: what was missed before is covered by the next digest, since the cursor has not moved.
    """
    # A digest sent in the distant future was dated by a clock that ran ahead for a while: it is no reason to wait.
    if reader.mailed_at is not None and abs(now - reader.mailed_at) < LEAST_GAP:
        return None
    today = local_date(reader, now)
    for date in (today, today - dt.timedelta(days=1)):
        if _wanted(reader, date) and due_at(reader, date) <= now < _too_late_at(reader, date):
            return date
    return None


def next_digest(reader: Reader, *, now: dt.datetime) -> tuple[dt.date, dt.datetime] | None:
    """The date of the reader's next digest, and the first moment from ``now`` on at which `digest_date` gives it.

    None where no day of the week after their pause brings one.
    """
    begins = local_date(reader, now) - dt.timedelta(days=1)
    if reader.paused_until is not None:
        begins = max(begins, reader.paused_until)
    if reader.last_period is not None:
        begins = max(begins, reader.last_period)
    if reader.confirmed_at is not None:
        # Maybe days ahead, by a clock that ran ahead for a while.
        begins = max(begins, local_date(reader, reader.confirmed_at))
    for date in (begins + dt.timedelta(days=ahead) for ahead in range(_A_WEEK_AND_MORE)):
        moment = max(now, due_at(reader, date))
        if reader.mailed_at is not None and abs(moment - reader.mailed_at) < LEAST_GAP:
            moment = reader.mailed_at + LEAST_GAP
        if _wanted(reader, date) and moment < _too_late_at(reader, date):
            return date, moment
    return None


def patience_is_over(reader: Reader, date: dt.date, *, now: dt.datetime) -> bool:
    """True once a digest of ``date`` that has no papers need not wait for any."""
    return now >= due_at(reader, date) + PATIENCE


def is_paused(reader: Reader, date: dt.date) -> bool:
    """True where the reader wants no mail on their local ``date``."""
    return reader.paused_until is not None and date < reader.paused_until


def next_due(reader: Reader, after: dt.date) -> dt.datetime:
    """When the digest after that of ``after`` is due: this one is tried until then, five days at most (RFC 5321 4.5.4.1)."""
    return _next_due(reader.timezone, reader.hour, tuple(reader.weekdays), reader.paused_until, after)


@lru_cache(maxsize=4096)  # many readers share zone, hour and days
def _next_due(zone: str, hour: int, weekdays: tuple[int, ...], paused_until: dt.date | None, after: dt.date) -> dt.datetime:
    days = (after + dt.timedelta(days=ahead) for ahead in range(1, MOST_DAYS_TRIED + 1))
    wanted = (day for day in days if day.weekday() in weekdays and (paused_until is None or paused_until <= day))
    wall = dt.datetime.combine(next(wanted, after + dt.timedelta(days=MOST_DAYS_TRIED)), dt.time(hour), tzinfo=zone_of(zone))
    return wall.astimezone(dt.UTC)


def missed_days(reader: Reader, before: dt.date) -> list[dt.date]:
    """The reader's days after their last digest and before ``before`` that had none, because the service was down.

    Empty where no digest was ever planned; looks back a month.
    """
    if reader.last_period is None:
        return []
    first = max(reader.last_period + dt.timedelta(days=1), before - MOST_MISSED)
    days = (first + dt.timedelta(days=ahead) for ahead in range((before - first).days))
    return [day for day in days if day.weekday() in reader.weekdays and not is_paused(reader, day)]


def due_between(reader: Reader, after: dt.datetime, until: dt.datetime) -> list[dt.date]:
    """The dates whose digest could have left after ``after`` and was due by ``until``; a month back at most.

    Those of before the reader's last digest and on days without mail are left out, as when digests are planned.
    """
    last = local_date(reader, until)
    first = max(local_date(reader, after) - dt.timedelta(days=1), last - MOST_MISSED)
    days = (first + dt.timedelta(days=ahead) for ahead in range((last - first).days + 1))
    return [day for day in days if _wanted(reader, day) and due_at(reader, day) <= until and after < _too_late_at(reader, day)]


def could_begin(reader: Reader, date: dt.date, *, fetched: dt.datetime | None) -> dt.datetime:
    """Since when the digest of ``date`` could be made: its hour has come, the reader has confirmed, the last fetch has ended."""
    times = (due_at(reader, date), reader.confirmed_at, fetched)
    return max(time for time in times if time is not None)


def wait_is_over(reader: Reader, date: dt.date, *, wait: dt.timedelta, now: dt.datetime) -> bool:
    """True once a digest of ``date`` has waited long enough for today's announcement and for translations."""
    return now >= due_at(reader, date) + wait


def _wanted(reader: Reader, date: dt.date) -> bool:
    if date.weekday() not in reader.weekdays or is_paused(reader, date):
        return False
    if reader.last_period is not None and reader.last_period >= date:
        return False
    return reader.confirmed_at is None or local_date(reader, reader.confirmed_at) <= date


def _too_late_at(reader: Reader, date: dt.date) -> dt.datetime:
    midnight = dt.datetime.combine(date + dt.timedelta(days=1), dt.time(), tzinfo=zone_of(reader.timezone))
    return max(due_at(reader, date) + LATE_LIMIT, midnight.astimezone(dt.UTC))
