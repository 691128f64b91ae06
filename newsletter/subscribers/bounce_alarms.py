"""Alarms about what comes back: mailbox providers block a sender long before it is much."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from newsletter.papers.alarms import Alarm, Kind
from newsletter.subscribers.store import bounce_rates

# Of the digests of a week. Providers ask for less: https://support.google.com/a/answer/81126 names 0.1 % complaints.
BOUNCES, COMPLAINTS = 0.02, 0.001
WITHIN = dt.timedelta(days=7)
# Of fewer mails a single one would be too much.
ENOUGH = 50


def shares(session: Session, *, now: dt.datetime) -> tuple[float, float]:
    """How much of the last week's digests came back and was complained about, from 0 to 1; 0 of too few to be an alarm."""
    week = bounce_rates.in_all(session, since=(now - WITHIN).date())
    return (week.bounce_share, week.complaint_share) if week.tried >= ENOUGH else (0.0, 0.0)


def bounce_alarms(session: Session, *, now: dt.datetime) -> list[Alarm]:
    """What is wrong with the bounces and complaints of the last week."""
    week = bounce_rates.in_all(session, since=(now - WITHIN).date())
    if week.tried < ENOUGH:
        return []
    found, see = [], "see `newsletter bounces list`"
    if week.bounce_share >= BOUNCES:
        words = f"{week.bounce_share:.1%} of the week's {week.tried} digests came back ({week.bounced}): {see}"
        found.append(Alarm(Kind.BOUNCES, words))
    if week.complaint_share >= COMPLAINTS:
        words = f"{week.complaint_share:.2%} of the week's {week.tried} digests were complained about ({week.complained}): {see}"
        found.append(Alarm(Kind.COMPLAINTS, words))
    return found
