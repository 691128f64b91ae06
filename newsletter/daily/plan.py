"""Planning: who gets a digest now, of which papers, written into the ledger in one transaction before any job.

Reads are a few queries for all readers together; choosing is in ``digests`` and pure.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.orm import Session

from newsletter.daily import match
from newsletter.daily.select import build_candidate_set, contents_of
from newsletter.digests.due import could_begin, digest_date, may_have, missed_days, next_due, patience_is_over, wait_is_over
from newsletter.digests.selection import CandidateSet, select_papers
from newsletter.digests.store import begin, cursors_of, received
from newsletter.mail.deliveries import DAILY_PRIORITY, PlannedDigest, is_empty
from newsletter.mail.store import ledger
from newsletter.operating import clock, state
from newsletter.operating.gc_pause import collector_at_rest
from newsletter.papers.calendar import last_announcement
from newsletter.papers.store import papers as papers_store
from newsletter.subscribers.store import readers as reading
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
    """``planned`` digests wait to be sent, ``empty`` readers get none for want of new papers.

    ``waiting`` readers' digests are held back for today's announcement or for translations, for which nobody has looked yet
    where ``untranslated``; ``problem`` says why nothing was planned at all.
    """

    planned: int
    empty: int
    waiting: int = 0
    untranslated: bool = False
    problem: str = ""


@collector_at_rest()
def plan(services: Services, *, now: dt.datetime, date: dt.date | None = None, wait: dt.timedelta = dt.timedelta()) -> PlanReport:
    """Writes the digests that are due now into the ledger, in one transaction.

    With ``date``, one for everybody who has none of that date yet. Readers with nothing new get a row that says so once no
    late announcement is waited for; days missed while the service was down get one that says "late". For up to ``wait`` after
    its hour a digest is held back while today's announcement is not in, or a text in it wants a translation. Where the clock
    shows less than it did, nothing is planned.
    """
    match.match_new(services, now=now)
    with services.database.reading() as session:
        if jumped := clock.problem(session, now=now):
            log.error("nothing planned", problem=jumped)
            return PlanReport(0, 0, problem=jumped)
        quiet = not clock.wants_noting(session, now=now)
        # First the rows in hand, then the cursors: a digest settled in between moved its cursor before we read it.
        busy = ledger.subscribers_in_hand(session)
        last = ledger.last_digests(session, upto=date or now.date() + AHEAD)
        # East of here it is tomorrow already; whose pause is not over there is told by each reader's own date.
        found = reading.readers(session, on=now.date() + AHEAD)
        # Read after the readers: a query of theirs that is not matched yet would lose the papers that their cursor passes.
        left_out = busy | saved_query_store.waiting_readers(session)
        readers = [_with_last(reader, last) for reader in found if reader.id not in left_out]
        dated = [(reader, day) for reader in readers if (day := _day_for(reader, now=now, date=date)) is not None]
        candidate_set = build_candidate_set(services, session, [reader for reader, _ in dated], now=now)
        first = papers_store.number_before(session, candidate_set.newest_day) if candidate_set.newest_day else 0
        held = received(session, [reader.id for reader, _ in dated if reader.updates], candidate_set.replaced)
        waiting, untranslated = _waiting(services, session, dated, candidate_set, wait=wait, now=now)
    dated = [(reader, day) for reader, day in dated if reader.id not in waiting]
    chosen = (_planned(reader, day, candidate_set, held=held.get(reader.id, ()), now=now) for reader, day in dated)
    digests = [digest for digest in chosen if digest is not None]
    if quiet and not digests:
        return PlanReport(0, 0, len(waiting), untranslated)
    with services.database.transaction() as session:
        clock.note(session, now=now)
        for period, group in itertools.groupby(sorted(digests, key=attrgetter("period")), key=attrgetter("period")):
            ledger.skip_late(session, [digest.subscriber_id for digest in group], before=period, now=now)
        digests = _still_true(session, digests, {reader.id: reader.cursor for reader, _ in dated})
        planned = ledger.plan_digests(session, digests, priority=DAILY_PRIORITY, domain=services.mail_domain, now=now)
        if date is None:
            missed = _missed(dated, {digest.subscriber_id for digest in digests})
            ledger.plan_digests(session, missed, priority=DAILY_PRIORITY, domain=services.mail_domain, now=now)
        if candidate_set.newest_day:
            nothing = [digest.subscriber_id for digest in digests if digest.state is DeliveryState.SKIPPED]
            begin(session, nothing, at=candidate_set.covers_to)
            begin(session, [digest.subscriber_id for digest in digests], at=first)
    empty = sum(digest.state is DeliveryState.SKIPPED for digest in digests)
    if digests:
        log.info("planned", planned=planned, empty=empty, waiting=len(waiting))
    return PlanReport(planned, empty, len(waiting), untranslated)


def _waiting(
    services: Services,
    session: Session,
    dated: Sequence[tuple[Reader, dt.date]],
    candidate_set: CandidateSet,
    *,
    wait: dt.timedelta,
    now: dt.datetime,
) -> tuple[set[int], bool]:
    """The readers whose digests may still become more complete: by an announcement that is not in, by translations.

    Whose hour is long over (imported just now, or the papers came late) waits for one look for translations, which the flag
    asks for where none has begun since.
    """
    if not wait or not dated or not papers_store.has_papers(session, sample=False):
        return set(), False
    early = {reader.id for reader, day in dated if not wait_is_over(reader, day, wait=wait, now=now)}
    missing = candidate_set.newest_day is None or candidate_set.newest_day < last_announcement(now)
    fetch, looked = papers_store.last_fetch(session), _looked(session, state.TRANSLATION_ENDED_AT)
    begun = {reader.id: could_begin(reader, day, fetched=fetch.ended_at if fetch else None) for reader, day in dated}
    young = [reader for reader, _ in dated if now < begun[reader.id] + wait and (reader.id in early or looked < begun[reader.id])]
    lacking = _lacking(services, session, young, candidate_set)
    asked_for = _looked(session, state.TRANSLATION_BEGAN_AT)
    return (early if missing else set()) | lacking, any(asked_for < begun[reader_id] for reader_id in lacking)


def _looked(session: Session, fact: state.Fact[dt.datetime]) -> dt.datetime:
    return fact.read(session) or dt.datetime.min.replace(tzinfo=dt.UTC)


def _lacking(services: Services, session: Session, readers: Sequence[Reader], candidate_set: CandidateSet) -> set[int]:
    """Those of ``readers`` whose digests hold a text that wants a translation."""
    if not services.settings.engines.order:
        return set()
    chosen = {
        reader.id: {(paper, reader.language) for paper, _ in select_papers(reader, candidate_set).papers} for reader in readers
    }
    needs = translation_store.needed(session, set[tuple[int, str]]().union(*chosen.values()))
    lacking = {(need.paper_id, need.language) for need in needs}
    return {reader_id for reader_id, pairs in chosen.items() if pairs & lacking}


def _missed(dated: Sequence[tuple[Reader, dt.date]], planned: Collection[int]) -> list[PlannedDigest]:
    """Rows that say "late", of days on which the service was down; their papers are in the digest planned now."""
    return [
        PlannedDigest(reader.id, day.isoformat(), {}, None, DeliveryState.SKIPPED, "late")
        for reader, date in dated
        if reader.id in planned
        for day in missed_days(reader, date)
    ]


def _still_true(session: Session, digests: Sequence[PlannedDigest], cursors: Mapping[int, int | None]) -> list[PlannedDigest]:
    """The digests whose readers stand where they stood when their papers were chosen.

    An earlier digest can have left since: its papers would come twice. In this order: one that is settled in between is seen by
    its cursor. Who is left out here is planned at the next tick.
    """
    busy = ledger.subscribers_in_hand(session)
    now_at = cursors_of(session, [digest.subscriber_id for digest in digests])
    return [
        digest
        for digest in digests
        if digest.subscriber_id not in busy
        and digest.subscriber_id in now_at
        and now_at[digest.subscriber_id] == cursors[digest.subscriber_id]
    ]


def _with_last(reader: Reader, last: Mapping[int, str]) -> Reader:
    return replace(reader, last_period=dt.date.fromisoformat(last[reader.id])) if reader.id in last else reader


def _day_for(reader: Reader, *, now: dt.datetime, date: dt.date | None) -> dt.date | None:
    if date is not None:
        return date if may_have(reader, date) and (reader.last_period is None or reader.last_period < date) else None
    return digest_date(reader, now=now)


def _planned(
    reader: Reader, day: dt.date, candidate_set: CandidateSet, *, held: Collection[int], now: dt.datetime
) -> PlannedDigest | None:
    contents = contents_of(reader, candidate_set, held=held)
    if not is_empty(contents):
        return PlannedDigest(reader.id, day.isoformat(), contents, candidate_set.covers_to, retry_until=next_due(reader, day))
    if patience_is_over(reader, day, now=now):
        return PlannedDigest(reader.id, day.isoformat(), {}, None, DeliveryState.SKIPPED, "no new papers")
    return None
