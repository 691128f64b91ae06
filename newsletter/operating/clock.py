"""A clock that jumps back: noticed by the newest time at which digests were planned, which all machines share."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from newsletter.operating import state

# A clock that shows so much less than it did has jumped back. Those of several machines differ by less.
JUMP = dt.timedelta(minutes=2)
# The time is noted so often; each tick of each scheduler need not write.
NOTED = dt.timedelta(minutes=1)


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
    """True where the time was noted a while ago, or never."""
    noted = state.PLANNED_AT.read(session)
    return noted is None or now >= noted + NOTED


def note(session: Session, *, now: dt.datetime) -> None:
    """Notes the time, unless a later one is noted."""
    noted = state.PLANNED_AT.read(session)
    if noted is None or noted < now:
        state.PLANNED_AT.write(session, now, now=now)
