"""Switches: what an operator or a job says once and every process of the installation sees at its next step."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy.orm import Session

from newsletter.operating.store import get_switch, set_switch

PAUSED = "sending_paused"
# Why and until when workers hold back after a mail server refused us: {"until": ISO time, "reason": words}.
HOLD = "sending_held"
# How many refusals about us, in a row, mail servers have said over all workers.
REFUSALS = "sender_refusals"
# The newest time at which digests were planned (ISO time): a clock that shows less has jumped back.
PLANNED = "planned_at"
# When missing translations were last looked for (ISO time).
TRANSLATED = "translated_at"
# When the last such look that has come to its end began (ISO time).
TRANSLATION_ENDED = "translation_ended"
# When pages were last published by themselves (ISO time), whether or not that went well.
PUBLISHED = "published_at"
# When the query API was last read to its end (ISO time).
LISTED = "listed_at"
# The announcement (ISO date) with which this installation began; older papers are new to nobody.
BEGAN = "began_with"
# The announcement (ISO date) with which each arXiv category was first asked for; older papers of it are new to nobody.
CATEGORIES = "categories_began"
# Of a server where papers are posted: {"began": first day read, "through": last day read, "read": when it was (ISO time)}.
POSTED = {"biorxiv": "posted_biorxiv", "medrxiv": "posted_medrxiv"}


def paused(session: Session) -> bool:
    """True while an operator has stopped all sending."""
    return bool(get_switch(session, PAUSED))


def pause(session: Session, *, now: dt.datetime) -> None:
    """Stops all sending, on every machine, before the next message; what is planned meanwhile waits."""
    set_switch(session, PAUSED, True, now=now)


def resume(session: Session, *, now: dt.datetime) -> None:
    """Lets sending go on, also where it was held after refusals, and believes the clock as it is now.

    The next tick of a scheduler wakes the workers.
    """
    set_switch(session, PAUSED, False, now=now)
    set_switch(session, HOLD, {}, now=now)
    set_switch(session, REFUSALS, 0, now=now)
    set_switch(session, PLANNED, "", now=now)


def value_of(session: Session, name: str) -> Any:
    """The value of any other switch, None where it was never set."""
    return get_switch(session, name)


def set_value(session: Session, name: str, value: Any, *, now: dt.datetime) -> None:
    """Sets any other switch to a value that JSON can hold."""
    set_switch(session, name, value, now=now)
