"""arXiv's calendar: on which day a submission is announced. Pure; it estimates, since moderation can hold a paper for days.

Submissions until 14:00 US Eastern are announced at 20:00 of the same day, Sunday to Thursday; those of Friday after 14:00 to
Monday 14:00 on Monday (https://info.arxiv.org/help/availability.html). An announcement of the evening E is named by the UTC date
that it falls on, E + 1: 20:00 Eastern is 00:00 UTC in summer and 01:00 in winter.
"""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

EASTERN = ZoneInfo("America/New_York")
CLOSES = dt.time(14)
ANNOUNCES = dt.time(20)
ONE_DAY = dt.timedelta(days=1)
FRIDAY, SATURDAY, SUNDAY = 4, 5, 6
# Evenings without an announcement in 2026: https://info.arxiv.org/help/availability.html#holiday (a Friday changes nothing).
# There are deferrals at short notice too, so whoever fetches goes by what comes, not by this table.
HOLIDAYS = frozenset(
    dt.date(2026, month, day) for month, day in ((1, 1), (1, 19), (6, 19), (7, 3), (9, 7), (11, 26), (12, 25), (12, 29), (12, 31))
)


def announces_on(day: dt.date) -> bool:
    """Whether an announcement bears the date ``day``, that is, happens on the evening before in US Eastern time."""
    evening = day - ONE_DAY
    return evening.weekday() not in (FRIDAY, SATURDAY) and evening not in HOLIDAYS


def announcement_day(submitted: dt.datetime) -> dt.date:
    """The day of the announcement that a paper submitted at this (aware) time goes out with, if nobody holds it back.

    Exactly 14:00:00 Eastern still counts as before the deadline.
    """
    local = submitted.astimezone(EASTERN)
    freeze = local.date() if local.time() <= CLOSES else local.date() + ONE_DAY
    while not _closes(freeze):
        freeze += ONE_DAY
    evening = freeze + 2 * ONE_DAY if freeze.weekday() == FRIDAY else freeze
    return _first_from(evening + ONE_DAY)


def _closes(day: dt.date) -> bool:
    """Whether a batch is closed at 14:00 of this day: Monday to Friday."""
    return day.weekday() not in (SATURDAY, SUNDAY)


def _first_from(day: dt.date) -> dt.date:
    while not announces_on(day):
        day += ONE_DAY
    return day


def last_announcement(now: dt.datetime) -> dt.date:
    """The day of the newest announcement that has happened by ``now`` (aware): from 20:00 Eastern on it is the new one."""
    local = now.astimezone(EASTERN)
    day = local.date() + ONE_DAY if local.time() >= ANNOUNCES else local.date()
    while not announces_on(day):
        day -= ONE_DAY
    return day


def batch_opened(day: dt.date) -> dt.date:
    """The first (UTC) day of submission of the papers announced on ``day``: that of the deadline before it."""
    opened = day
    while announcement_day(dt.datetime.combine(opened, CLOSES, tzinfo=EASTERN)) >= day:
        opened -= ONE_DAY
    return opened


def announced_at(day: dt.date) -> dt.datetime:
    """The moment (UTC) of the announcement that bears ``day``: 20:00 Eastern of the evening before."""
    return dt.datetime.combine(day - ONE_DAY, ANNOUNCES, EASTERN).astimezone(dt.UTC)


def deadline_of(day: dt.date) -> dt.datetime:
    """The deadline (UTC) of the papers announced on ``day``; on a day without announcement, 14:00 Eastern of the day before."""
    before = [dt.datetime.combine(day - days * ONE_DAY, CLOSES, EASTERN) for days in range(1, 8)]
    return next((time for time in before if announcement_day(time) == day), before[0]).astimezone(dt.UTC)
