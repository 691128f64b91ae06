"""Whether a day is in order, in ten lines: what came in, what was made of it, what left, who is at work, and what is wrong."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from newsletter.daily import own_files
from newsletter.daily.refusals import held
from newsletter.daily.troubles import Trouble, troubles, unreadable
from newsletter.mail.store import health, ledger
from newsletter.operating import heartbeats, state
from newsletter.operating.heartbeats import Beat, Part
from newsletter.papers.store import papers as papers_store
from newsletter.papers.store.fetches import FetchRecord
from newsletter.subscribers.store import subscribers as subscribers_store
from newsletter.subscribers.subscriber import State

if TYPE_CHECKING:
    from newsletter.bootstrap import Services

# The states of digests in the order of what a reader has of them.
STATES = ("sent", "sending", "queued", "retry", "skipped", "failed", "unknown")


@dataclass(frozen=True, slots=True)
class Status:
    """How things stand with the digests of ``day``; ``due`` mails of any kind could leave now, ``oldest_due`` since then.

    ``stopped`` says why none leaves, or none is made; "" where all goes on. Of the newest day with papers, ``announced``, so many
    ``papers`` are stored.
    """

    day: dt.date
    digests: Mapping[str, int]
    due: int
    oldest_due: dt.datetime | None
    stopped: str
    fetch: FetchRecord | None
    announced: dt.date | None
    papers: int
    translated_at: dt.datetime | None
    schedulers: int
    workers: int
    readers: Mapping[str, int]
    troubles: tuple[Trouble, ...]

    @property
    def in_order(self) -> bool:
        """True where nobody has to do anything: nothing is wrong, nothing is stopped."""
        return not self.troubles and not self.stopped


def status(services: Services, session: Session, *, day: dt.date, now: dt.datetime) -> Status:
    """How things stand at ``now`` with the digests of ``day``."""
    beats = heartbeats.beats(session)
    due, readers = ledger.due_count(session, now=now), subscribers_store.counts_by_state(session)
    announced = papers_store.newest_day(session)
    papers = dict(papers_store.announcement_days(session, limit=1)).get(announced, 0) if announced else 0
    return Status(
        day=day,
        digests=health.digests_by_state(session, day=day),
        due=due,
        oldest_due=health.oldest_due(session),
        stopped=_stopped(session, beats, due=due, readers=readers, now=now),
        fetch=papers_store.last_fetch(session),
        announced=announced,
        papers=papers,
        translated_at=state.TRANSLATION_ENDED_AT.read(session),
        schedulers=heartbeats.alive(beats, Part.SCHEDULER, now=now),
        workers=heartbeats.alive(beats, Part.WORKER, now=now),
        readers=readers,
        troubles=(*troubles(session, services.settings, now=now), *unreadable(own_files.problems(services))),
    )


def _stopped(session: Session, beats: Sequence[Beat], *, due: int, readers: Mapping[str, int], now: dt.datetime) -> str:
    if state.paused(session):
        return "all sending is paused by an operator"
    if hold := held(session, now=now):
        return hold
    if due and not heartbeats.alive(beats, Part.WORKER, now=now):
        return "mails wait, and no worker is at work"
    if readers.get(State.CONFIRMED) and not heartbeats.alive(beats, Part.SCHEDULER, now=now):
        return "no scheduler is at work: nobody makes the digests"
    return ""


def lines(found: Status) -> Sequence[str]:
    """The status for people, the verdict first."""
    verdict = "in order" if found.in_order else found.stopped or f"{len(found.troubles)} things are wrong"
    papers = f"{found.papers} announced on {found.announced}" if found.announced else "none yet"
    since = f", the oldest since {_time(found.oldest_due)}" if found.due else ""
    return (
        f"{found.day}: {verdict}",
        f"papers: {papers}; {_fetched(found.fetch)}",
        f"translated: {_time(found.translated_at)}",
        f"digests: {_counted(found.digests, STATES)}",
        f"waiting: {found.due} mails{since}",
        f"at work: {found.schedulers} schedulers, {found.workers} workers",
        f"subscribers: {_counted(found.readers, tuple(State))}",
        *(f"wrong: {one.words} ({one.mend})" for one in found.troubles),
    )


def _fetched(fetch: FetchRecord | None) -> str:
    if fetch is None:
        return "never fetched"
    return f"last fetch {_time(fetch.ended_at)}" + (f", not well: {fetch.error}" if fetch.error else "")


def _counted(counts: Mapping[str, int], order: Sequence[str]) -> str:
    return ", ".join(f"{counts[name]} {name}" for name in order if counts.get(name)) or "none yet"


def _time(time: dt.datetime | None) -> str:
    return f"{time:%Y-%m-%d %H:%M} UTC" if time else "not yet"
