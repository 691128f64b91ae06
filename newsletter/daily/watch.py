"""Watching: one message when something breaks and one when it is well again, whoever of all processes sees it first.

Schedulers and workers both watch, so that each tells of the other. An alarm is a row before anybody is told; whoever claims it
tells, by mail and by a webhook, and where nobody could be reached it is tried again at a later look.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import structlog

from newsletter.daily import own_files
from newsletter.daily.telling import Told, ping, tell
from newsletter.daily.troubles import Trouble, troubles, unreadable
from newsletter.operating import state
from newsletter.operating import store as alarm_store
from newsletter.text.masking import without_people

if TYPE_CHECKING:
    from newsletter.bootstrap import Services

log = structlog.get_logger(__name__)

# Who claims an alarm has so long to tell of it, and all ways together take less.
CLAIM = dt.timedelta(minutes=3)
# When the digests of a day are out everywhere, and the day can be called a good one.
EVENING = 20
EVERY = 60.0


def watch(services: Services, *, now: dt.datetime) -> list[Told]:
    """Looks once; gives what was told. No network call is made within a transaction."""
    problems = own_files.problems(services)
    with services.database.reading() as session:
        found = [*troubles(session, services.settings, now=now), *unreadable(problems)]
        noted = alarm_store.open_alarms(session)
    _note(services, found, noted, now=now)
    told = []
    for alarm in _claimed(services, now=now):
        message = Told(alarm.kind, alarm.words, alarm.since, alarm.ended_at)
        if tell(services, message, now=now):
            told.append(message)
            with services.database.transaction() as session:
                alarm_store.note_told(session, alarm)
    _ping_of_a_good_day(services, found, now=now)
    return told


_last_look = 0.0


def look_now_and_then(services: Services, *, now: dt.datetime) -> None:
    """Looks once in `EVERY` seconds of this process, however often it is asked."""
    global _last_look  # noqa: PLW0603 - a process looks for itself
    if time.monotonic() - _last_look >= EVERY:
        _last_look = time.monotonic()
        watch(services, now=now)


def _claimed(services: Services, *, now: dt.datetime) -> Sequence[alarm_store.Alarm]:
    """The alarms that this process is to tell of; most looks find none, and write nothing."""
    with services.database.reading() as session:
        if not alarm_store.has_untold_alarm(session):
            return ()
    with services.database.transaction() as session:
        return alarm_store.claim_alarms(session, until=now + CLAIM, now=now)


def _note(services: Services, found: Sequence[Trouble], noted: set[str], *, now: dt.datetime) -> None:
    """Writes down what is new and what has ended; most looks write nothing."""
    now_wrong = {str(trouble.kind) for trouble in found}
    if now_wrong == noted:
        return
    with services.database.transaction() as session:
        for trouble in found:
            if trouble.kind not in noted:
                # A webhook may lead into a chat: what a mail server said names the reader whom it refused.
                words = without_people(f"{trouble.words}. {trouble.mend[:1].upper()}{trouble.mend[1:]}.")
                alarm_store.put_alarm(session, trouble.kind, words, now=now)
                log.error("alarm", kind=str(trouble.kind), problem=trouble.words)
        for kind in noted - now_wrong:
            alarm_store.end_alarm(session, kind, now=now)
            log.info("well again", kind=kind)


def _ping_of_a_good_day(services: Services, found: Sequence[Trouble], *, now: dt.datetime) -> None:
    """Asks PING_URL once in the evening of a day (UTC) on which nothing is wrong; whoever waits for it notices its absence."""
    if found or now.hour < EVENING or not services.settings.alarms.ping_url:
        return
    with services.database.transaction() as session:
        if state.PINGED_ON.read(session) == now.date():
            return
        state.PINGED_ON.write(session, now.date(), now=now)
    if not ping(services.settings.alarms.ping_url.get_secret_value()):
        with services.database.transaction() as session:
            state.PINGED_ON.clear(session, now=now)
