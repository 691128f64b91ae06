"""Chosen digests written into the ledger, in slices: each a transaction of its own, so that nobody waits long for their turn.

SQLite has one writer at a time, and a visitor who signs up is another. What was chosen from one look at the database is held
against it again in each slice: a reader whose cursor, queries or digests have changed since is left to the next planning.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.orm import Session

from newsletter.digests.candidates import CandidateSet
from newsletter.digests.due import missed_days
from newsletter.digests.store import cursors_of, start_cursors
from newsletter.mail.deliveries import DAILY_PRIORITY, PlannedDigest
from newsletter.mail.store import bulk, ledger
from newsletter.operating import state
from newsletter.subscribers.store import saved_queries as saved_query_store
from newsletter.values.batches import batches
from newsletter.values.mail import DeliveryState
from newsletter.values.readers import Reader

if TYPE_CHECKING:
    from newsletter.bootstrap import Services

log = structlog.get_logger(__name__)

# Written in less time than the next slice takes to be chosen, so that others find SQLite free more often than not.
SLICE = 1000
# PostgreSQL counts what has come after so many slices: of ten times as many rows its old figures are no good guess any more.
COUNTED_AFTER = (1, 10, 100, 1000)
_Dated = tuple[Reader, dt.date]


@dataclass(frozen=True, slots=True)
class DueDigests:
    """The readers whose digest is due, each with its local date, and what is needed to choose and to write their papers.

    ``received`` has, by reader, the papers of earlier digests that were replaced by a new version since; ``waiting`` the digests
    that have not left yet, as `ledger.open_digests` gives them; ``touched`` is `state.LEDGER_TOUCHED` as all this was read.
    """

    dated: Sequence[_Dated]
    candidate_set: CandidateSet
    received: Mapping[int, Collection[int]]
    waiting: Mapping[int, Sequence[tuple[int, str]]]
    touched: str | None


@dataclass(frozen=True, slots=True)
class Written:
    """How many digests are to be sent, how many readers get none because nothing is new, and in how many slices that went."""

    planned: int
    empty: int
    slices: int


def write_digests(
    services: Services, due: DueDigests, digests: Iterable[PlannedDigest], *, with_missed: bool, now: dt.datetime
) -> Written:
    """Writes ``digests`` but those overtaken by another process, `SLICE` at a time; ``with_missed`` the days before them too.

    Ends early where rows were queued again or taken away meanwhile: the rest is planned anew at the next tick.
    """
    readers = {reader.id: (reader, day) for reader, day in due.dated}
    planned = empty = slices = 0
    for some in batches(digests, SLICE):
        with services.database.transaction() as session:
            if state.LEDGER_TOUCHED.read(session) != due.touched:
                log.info("planning ends early", reason="mails were queued again or taken away meanwhile", planned=planned)
                break
            ledger.skip_late(session, [late for digest in some for late in _late(digest, due)], now=now)
            written = _not_overtaken(session, some, readers)
            planned += ledger.plan_digests(session, written, priority=DAILY_PRIORITY, domain=services.mail_domain, now=now)
            if with_missed:
                missed = _missed([readers[digest.subscriber_id] for digest in written])
                ledger.plan_digests(session, missed, priority=DAILY_PRIORITY, domain=services.mail_domain, now=now)
            _start_first_cursors(session, written, due.candidate_set)
        slices += 1
        empty += sum(digest.state is DeliveryState.SKIPPED for digest in written)
        if slices in COUNTED_AFTER and len(some) == SLICE:
            bulk.analyse(services.database)
    return Written(planned, empty, slices)


def touch_ledger(session: Session, *, now: dt.datetime) -> None:
    """Ends a planning under way before its next slice: rows that it does not know of wait to be sent, or its papers are gone."""
    state.LEDGER_TOUCHED.write(session, secrets.token_hex(8), now=now)


def _late(digest: PlannedDigest, due: DueDigests) -> Iterable[int]:
    """The reader's digests (ids) of earlier dates that have not left: ``digest`` covers their papers too."""
    return (delivery_id for delivery_id, period in due.waiting.get(digest.subscriber_id, ()) if period < digest.period)


def _not_overtaken(session: Session, digests: Sequence[PlannedDigest], readers: Mapping[int, _Dated]) -> list[PlannedDigest]:
    """The digests whose readers' cursors are still where they were when the papers were chosen.

    Where an earlier digest was sent since, its papers would come twice; these readers are planned for at the next tick. The rows
    still to be sent are read before the cursors: one that is sent in between has then moved the cursor we read. Who saved a query
    since waits until the stored papers are matched with it.
    """
    busy = ledger.subscribers_in_hand(session) | saved_query_store.waiting_readers(session)
    now_at = cursors_of(session, [digest.subscriber_id for digest in digests])
    return [
        digest
        for digest in digests
        if digest.subscriber_id not in busy
        and digest.subscriber_id in now_at
        and now_at[digest.subscriber_id] == readers[digest.subscriber_id][0].cursor
    ]


def _missed(dated: Iterable[_Dated]) -> list[PlannedDigest]:
    """Rows that say "late", for days on which the service was down; the papers of these days are in the digest planned now."""
    return [
        PlannedDigest(reader.id, day.isoformat(), {}, None, DeliveryState.SKIPPED, "late")
        for reader, date in dated
        for day in missed_days(reader, date)
    ]


def _start_first_cursors(session: Session, digests: Sequence[PlannedDigest], candidate_set: CandidateSet) -> None:
    """Gives those of these readers who have no cursor yet one, so that a first digest that fails is covered by the next.

    It stands before the newest announcement day, or after all papers for those who got none of it.
    """
    if candidate_set.newest_day is None:
        return
    nothing_new = [digest.subscriber_id for digest in digests if digest.state is DeliveryState.SKIPPED]
    start_cursors(session, nothing_new, at=candidate_set.covers_to)
    start_cursors(session, [digest.subscriber_id for digest in digests], at=candidate_set.newest_after)
