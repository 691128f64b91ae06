"""Planning: who gets a digest now, of which papers, before any job sends it.

A few queries read what all readers together need; what each of them gets is chosen in ``digests``, which is pure, and written
into the ledger by ``write_plan``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.orm import Session

from newsletter.daily.match import match_new_queries
from newsletter.daily.select import build_candidate_set, contents_of
from newsletter.daily.write_plan import DueDigests, write_digests
from newsletter.digests.candidates import CandidateSet
from newsletter.digests.due import could_begin, digest_date, is_paused, next_due, patience_is_over, wait_is_over
from newsletter.digests.selection import select_papers
from newsletter.digests.store import received
from newsletter.mail.deliveries import PlannedDigest, is_empty
from newsletter.mail.store import ledger
from newsletter.operating import clock, state
from newsletter.operating.gc_pause import gc_paused
from newsletter.papers.calendar import last_announcement
from newsletter.papers.store import papers as papers_store
from newsletter.subscribers.store import readers as readers_store
from newsletter.subscribers.store import saved_queries as saved_query_store
from newsletter.translation.store import translations as translation_store
from newsletter.values.mail import DeliveryState
from newsletter.values.readers import Reader

if TYPE_CHECKING:
    from newsletter.bootstrap import Services

log = structlog.get_logger(__name__)

# Local dates are at most a day ahead of UTC.
AHEAD = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PlanReport:
    """``planned`` digests wait to be sent, ``empty`` readers get none because nothing is new.

    ``waiting`` readers' digests are held back for today's announcement or for translations; ``untranslated`` says that nobody has
    looked for these translations yet. ``problem`` says why nothing was planned at all.
    """

    planned: int
    empty: int
    waiting: int = 0
    untranslated: bool = False
    problem: str = ""


@dataclass(frozen=True, slots=True)
class HeldBack:
    """The readers (ids) whose digest waits to become more complete; ``untranslated`` as in `PlanReport`.

    Those of ``announcement`` wait for today's announcement at least, the others for translations alone.
    """

    readers: Collection[int] = frozenset()
    untranslated: bool = False
    announcement: Collection[int] = frozenset()


@gc_paused()
def plan(services: Services, *, now: dt.datetime, date: dt.date | None = None, wait: dt.timedelta = dt.timedelta()) -> PlanReport:
    """Writes the digests that are due now into the ledger, in slices, each a transaction of its own.

    With ``date``, one for everybody who has none of that date yet. A reader with nothing new gets a row that says so, as soon as
    no late announcement is waited for; days missed while the service was down get one that says "late". For up to ``wait`` after
    its hour a digest is held back while today's announcement is not in, or a text in it lacks its translation. Where the clock
    has gone back, nothing is planned. A planning that is killed goes on where it was at the next call.
    """
    match_new_queries(services, now=now)
    with services.database.reading() as session:
        if jumped := clock.problem(session, now=now):
            log.error("nothing planned", problem=jumped)
            return PlanReport(0, 0, problem=jumped)
        noted = not clock.wants_noting(session, now=now)
        due = due_digests(services, session, now=now, date=date)
        held_back = find_held_back(services, session, due, wait=wait, now=now)
    due = replace(due, dated=[(reader, day) for reader, day in due.dated if reader.id not in held_back.readers])
    if not noted:
        with services.database.transaction() as session:
            clock.note(session, now=now)
    written = write_digests(services, due, _chosen_digests(due, now=now), with_missed=date is None, now=now)
    waiting = len(held_back.readers)
    if written.planned or written.empty:
        log.info("planned", planned=written.planned, empty=written.empty, waiting=waiting, slices=written.slices)
    return PlanReport(written.planned, written.empty, waiting, held_back.untranslated)


def due_digests(
    services: Services, session: Session, *, now: dt.datetime, date: dt.date | None = None, ids: Collection[int] | None = None
) -> DueDigests:
    """The readers whose digest is due now, or with ``date`` those who have none of that date yet; of ``ids`` where given."""
    # The rows still to be sent before the readers' cursors: a digest that is sent in between has then moved the cursor we read.
    busy = ledger.subscribers_in_hand(session)
    last = ledger.last_digests(session, upto=date or now.date() + AHEAD, ids=ids)
    # In zones east of UTC it may be tomorrow already: read by the latest local date there can be, so that nobody whose pause has
    # ended is left out. `_date_for` then leaves out those whose own date is still within their pause.
    found = readers_store.readers(session, on=now.date() + AHEAD, ids=ids)
    # Read after the readers: papers found by a saved query that is not matched yet would be lost once the cursor passes them.
    left_out = busy | saved_query_store.waiting_readers(session)
    readers = [_with_last(reader, last) for reader in found if reader.id not in left_out]
    dated = [(reader, day) for reader in readers if (day := _date_for(reader, now=now, date=date)) is not None]
    candidate_set = build_candidate_set(services, session, [reader for reader, _ in dated], now=now)
    told_of_updates = [reader.id for reader, _ in dated if reader.updates]
    return DueDigests(
        dated,
        candidate_set,
        received(session, told_of_updates, candidate_set.replaced),
        ledger.open_digests(session) if dated else {},
        state.LEDGER_TOUCHED.read(session),
    )


def _with_last(reader: Reader, last: Mapping[int, str]) -> Reader:
    return replace(reader, last_period=dt.date.fromisoformat(last[reader.id])) if reader.id in last else reader


def _date_for(reader: Reader, *, now: dt.datetime, date: dt.date | None) -> dt.date | None:
    """The date of the digest to plan for ``reader``: ``date`` where one is asked for, else the one due now; None: no digest."""
    if date is None:
        return digest_date(reader, now=now)
    has_it = reader.last_period is not None and reader.last_period >= date
    return None if has_it or is_paused(reader, date) else date


def find_held_back(services: Services, session: Session, due: DueDigests, *, wait: dt.timedelta, now: dt.datetime) -> HeldBack:
    """The readers whose digests may still become more complete: by an announcement that is not in, or by translations."""
    if not wait or not due.dated or not papers_store.has_papers(session, sample=False):
        return HeldBack()
    early = {reader.id for reader, day in due.dated if not wait_is_over(reader, day, wait=wait, now=now)}
    newest_day = due.candidate_set.newest_day
    announcement_missing = newest_day is None or newest_day < last_announcement(now)
    lacking = _awaiting_translations(services, session, due, early, wait=wait, now=now)
    if not announcement_missing:
        return lacking
    return replace(lacking, readers={*lacking.readers, *early}, announcement=early)


def _awaiting_translations(
    services: Services, session: Session, due: DueDigests, early: Collection[int], *, wait: dt.timedelta, now: dt.datetime
) -> HeldBack:
    """The readers whose digests hold texts that lack a translation which may still come in time.

    A reader who is not ``early`` (just imported, or the papers came late) waits for one look for translations only, the first to
    begin after their digest could be made.
    """
    fetch = papers_store.last_fetch(session)
    possible_since = {reader.id: could_begin(reader, day, fetched=fetch.ended_at if fetch else None) for reader, day in due.dated}
    last_look = _time_in(session, state.TRANSLATION_ENDED_AT)
    patient = [
        reader
        for reader, _ in due.dated
        if now < possible_since[reader.id] + wait and (reader.id in early or last_look < possible_since[reader.id])
    ]
    lacking = _lacking_translations(services, session, patient, due.candidate_set)
    look_began = _time_in(session, state.TRANSLATION_BEGAN_AT)
    return HeldBack(lacking, untranslated=any(look_began < possible_since[reader_id] for reader_id in lacking))


def _time_in(session: Session, fact: state.Fact[dt.datetime]) -> dt.datetime:
    """The time that is kept as ``fact``; the beginning of all time where there is none."""
    return fact.read(session) or dt.datetime.min.replace(tzinfo=dt.UTC)


def _lacking_translations(
    services: Services, session: Session, readers: Sequence[Reader], candidate_set: CandidateSet
) -> set[int]:
    """Those of ``readers`` (ids) whose digests hold a text without its translation; none where no engine is set."""
    if not services.settings.engines.order:
        return set()
    chosen = {
        reader.id: {(paper, reader.language) for paper, _ in select_papers(reader, candidate_set).papers} for reader in readers
    }
    needs = translation_store.needed(session, set[tuple[int, str]]().union(*chosen.values()))
    lacking = {(need.paper_id, need.language) for need in needs}
    return {reader_id for reader_id, pairs in chosen.items() if pairs & lacking}


def _chosen_digests(due: DueDigests, *, now: dt.datetime) -> Iterator[PlannedDigest]:
    """The digests, each chosen as it is asked for: between two slices, while others may write."""
    chosen = (digest_for(reader, day, due, now=now) for reader, day in due.dated)
    return (digest for digest in chosen if digest is not None)


def digest_for(reader: Reader, day: dt.date, due: DueDigests, *, now: dt.datetime) -> PlannedDigest | None:
    """The reader's digest; a skipped one where nothing is new, or None while a late announcement may still bring papers."""
    candidate_set = due.candidate_set
    contents = contents_of(reader, candidate_set, received=due.received.get(reader.id, ()))
    if not is_empty(contents):
        return PlannedDigest(reader.id, day.isoformat(), contents, candidate_set.covers_to, retry_until=next_due(reader, day))
    if patience_is_over(reader, day, now=now):
        return PlannedDigest(reader.id, day.isoformat(), {}, None, DeliveryState.SKIPPED, "no new papers")
    return None
