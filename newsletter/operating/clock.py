"""Notices a clock that was set back, by the newest time at which digests were planned, which all machines share."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from newsletter.operating import state

# A clock further behind the newest planning time than this was set back; the clocks of several machines differ by less.
JUMP = dt.timedelta(minutes=2)
# How often the time is noted, so that not every tick of every scheduler writes.
NOTE_EVERY = dt.timedelta(minutes=1)


def problem(session: Session, *, now: dt.datetime) -> str:
    """Why nothing is planned where the clock has jumped back, in words for the operator; empty where it has not."""
    noted = state.PLANNED_AT.read(session)
    if noted is None or now >= noted - JUMP:
        return ""
    return (
        f"the clock shows {now:%Y-%m-%d %H:%M} UTC, and showed {noted:%Y-%m-%d %H:%M} before: nothing is planned until it has"
        " caught up, or `newsletter resume` says that it is right now"
    )


def wants_noting(session: Session, *, now: dt.datetime) -> bool:
    """True where the time was last noted a minute ago, or never."""
    noted = state.PLANNED_AT.read(session)
    return noted is None or now >= noted + NOTE_EVERY


def note(session: Session, *, now: dt.datetime) -> None:
    """Notes the time, unless a later one is noted."""
    noted = state.PLANNED_AT.read(session)
    if noted is None or noted < now:
        state.PLANNED_AT.write(session, now, now=now)
