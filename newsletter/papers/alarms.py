"""Alarms about the papers: what an operator must see before readers do, told by the doctor, the dashboard and the metrics."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

from sqlalchemy.orm import Session

from newsletter.papers.calendar import announced_at, last_announcement
from newsletter.papers.store import papers as papers_store

# A batch may come late, by some hours.
LATE = dt.timedelta(hours=3)
# The scheduler fetches several times a day.
SILENT = dt.timedelta(hours=24)
# A day with less than this share of the usual number of papers is told about; the usual one is the median of these days.
FAR_LESS = 0.3
USUAL_DAYS = 10
ENOUGH_DAYS = 4


class Kind(StrEnum):
    """What an alarm is about."""

    MISSING = "announcement_missing"
    SMALL = "announcement_small"
    FAILED = "fetch_failed"
    STOPPED = "fetch_stopped"
    BOUNCES = "bounces"
    COMPLAINTS = "complaints"


@dataclass(frozen=True, slots=True)
class Alarm:
    """``words`` say what is wrong, in one line."""

    kind: Kind
    words: str


def alarms(session: Session, *, now: dt.datetime) -> list[Alarm]:
    """All that is wrong at ``now``: with arXiv's newest announcement, and with the fetch. Nothing is said of an empty store."""
    found = [alarm for alarm in (missing(session, now=now), small(session, now=now)) if alarm]
    fetch = papers_store.last_fetch(session)
    if fetch is not None and fetch.error:
        found.append(Alarm(Kind.FAILED, f"the last fetch was not finished: {fetch.error}"))
    if fetch is not None and now - fetch.ended_at > SILENT:
        found.append(Alarm(Kind.STOPPED, f"nothing was fetched since {fetch.ended_at:%Y-%m-%d %H:%M} UTC"))
    return found


def missing(session: Session, *, now: dt.datetime, after: dt.timedelta = LATE) -> Alarm | None:
    """The alarm that the newest announcement has brought nothing ``after`` its time; None where it has, or the store is empty."""
    newest, stored = last_announcement(now), papers_store.newest_day(session)
    since = now - announced_at(newest)
    if stored is None or stored >= newest or since < after or not papers_store.announcement_days(session, limit=1):
        return None
    hours = since.total_seconds() / 3600
    return Alarm(Kind.MISSING, f"arXiv's announcement of {newest} has brought nothing yet, {hours:.0f} hours after its time")


def small(session: Session, *, now: dt.datetime) -> Alarm | None:
    """The alarm that the newest announcement has far fewer papers than usual."""
    newest, days = last_announcement(now), dict(papers_store.announcement_days(session, limit=USUAL_DAYS + 1))
    usual = sorted(count for day, count in days.items() if day < newest)
    count = days.get(newest, 0)
    if len(usual) < ENOUGH_DAYS or not 0 < count < FAR_LESS * median(usual):
        return None
    words = f"the announcement of {newest} has {count} papers, far less than usual ({median(usual):.0f})"
    return Alarm(Kind.SMALL, words)
