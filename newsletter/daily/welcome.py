"""First digests: planned in the transaction that confirms, of the papers that are stored, or of those that a fetch is bringing.

A first digest that waits is a row of the ledger without papers. It gets them when no fetch is under way any more, after four
minutes at the latest, by the reader's choices at that time.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy.orm import Session

from newsletter.daily.fetch_schedule import LONGEST_WAIT, papers_expected
from newsletter.daily.match import match_new_queries
from newsletter.daily.select import build_candidate_set, contents_of
from newsletter.digests.candidates import CandidateSet
from newsletter.digests.due import local_date, next_due
from newsletter.digests.selection import select_papers
from newsletter.digests.store import highest_covered, start_cursors
from newsletter.mail.deliveries import WELCOME_PRIORITY, Delivery, is_empty
from newsletter.mail.store import ledger
from newsletter.mail.store import waiting as waiting_store
from newsletter.papers.store import papers as papers_store
from newsletter.subscribers.confirm import Confirmation, Outcome, confirm
from newsletter.subscribers.store import readers as readers_store
from newsletter.subscribers.store import saved_queries as saved_query_store
from newsletter.translation.store import translations as translation_store
from newsletter.values.batches import batches
from newsletter.values.mail import MailKind
from newsletter.values.readers import Reader

if TYPE_CHECKING:
    from newsletter.bootstrap import Services

log = structlog.get_logger(__name__)

# Local dates are at most a day ahead of UTC.
AHEAD = dt.timedelta(days=1)
# A first digest waits so long for translations, then is sent with those there are.
WELCOME_WAIT = dt.timedelta(seconds=45)
# So many first digests are chosen in one transaction: between two of them others can write.
BATCH = 50


def confirm_and_welcome(services: Services, raw: str, *, now: dt.datetime, network: str = "") -> tuple[Confirmation, bool]:
    """Confirms by the mailed link and plans the first digest in one transaction, then wakes whoever translates and sends.

    Gives what the link came to, and whether the first digest waits for papers; ``network`` is where the request came from.
    Raises LinkError as `confirm.look` does.
    """
    with services.database.transaction() as session:
        done = confirm(session, raw, now=now, network=network)
        if done.outcome is Outcome.CONFIRMED:
            plan_welcome(services, session, done.subscriber.id, now=now, greeting=not done.moved)
        waits = waiting_store.is_waiting(session, done.subscriber.id)
    services.queues.wake_translate()
    services.queues.wake_senders()
    return done, waits


def plan_welcome(services: Services, session: Session, who: int, *, now: dt.datetime, greeting: bool = True) -> int | None:
    """Plans the first digest of the subscriber ``who`` just confirmed, in the confirming transaction; None where today has one.

    It is the digest of the reader's local date. It waits for papers that a fetch is bringing; else it is due at once, or a little
    later where texts in it lack a translation. Without ``greeting``, for a reader who only moved to another address, it reads as
    any other, and there is none where nothing is new.
    """
    if waiting_store.is_waiting(session, who):
        return None
    found = readers_store.readers(session, on=now.date() + AHEAD, ids=[who])
    if not found:
        return None
    reader = _with_cursor(session, found[0])
    welcome = {"welcome": True} if greeting else {}
    # What a search of theirs finds among the stored papers is not known before the next tick.
    if papers_expected(session, now=now) or who in saved_query_store.waiting_readers(session):
        contents: dict[str, Any] = {"papers": [], "more": 0} | welcome
        waits_until, due_at, covers_to = now + LONGEST_WAIT, now + LONGEST_WAIT, None
    else:
        candidate_set = build_candidate_set(services, session, [reader], now=now)
        contents = contents_of(reader, candidate_set) | welcome
        if not greeting and is_empty(contents):
            return None
        waits_until, covers_to = None, candidate_set.covers_to or None
        due_at = now + (WELCOME_WAIT if _lacks_translations(session, reader, candidate_set) else dt.timedelta())
    return ledger.plan_mail(
        session,
        subscriber_id=reader.id,
        kind=MailKind.DIGEST,
        period=local_date(reader, now).isoformat(),
        priority=WELCOME_PRIORITY,
        due_at=due_at,
        domain=services.mail_domain,
        contents=contents,
        now=now,
        covers_to=covers_to,
        retry_until=next_due(reader, local_date(reader, now)),
        waits_until=waits_until,
    )


def choose_welcomes(services: Services, *, now: dt.datetime, patient: bool = True) -> int:
    """Gives papers to the first digests that need not wait any longer; gives how many. Safe to run any number of times at once.

    Where it is not ``patient``, none waits for a fetch or for translations.
    """
    with services.database.reading() as session:
        waiting = waiting_store.waiting(session)
        if waiting and patient and papers_expected(session, now=now):
            waiting = [row for row in waiting if _is_over(row, now)]
    if not waiting:
        return 0
    match_new_queries(services, now=now)
    chosen = 0
    for batch in batches(waiting, BATCH):
        with services.database.transaction() as session:
            chosen += _choose(services, session, [row.id for row in batch], now=now, patient=patient)
    if chosen:
        log.info("first digests chosen", chosen=chosen)
    return chosen


def _choose(services: Services, session: Session, ids: Sequence[int], *, now: dt.datetime, patient: bool) -> int:
    rows = {row.subscriber_id: row for row in waiting_store.waiting(session, ids=ids)}
    unmatched = saved_query_store.waiting_readers(session)
    found = readers_store.readers(session, on=now.date() + AHEAD, ids=list(rows))
    # A reader who may get no mail just now is not in ``found``; their row waits on, and is skipped with the reason in the end.
    ready = [reader for reader in found if reader.id not in unmatched or _is_over(rows[reader.id], now)]
    # A first digest shows the newest announcement as of now, whatever papers there were when the reader confirmed.
    began = (replace(reader, cursor=None) if rows[reader.id].contents.get("welcome") else reader for reader in ready)
    readers = [_with_cursor(session, reader) for reader in began]
    candidate_set = build_candidate_set(services, session, readers, now=now)
    chosen = sum(_give_papers(session, rows[reader.id], reader, candidate_set, now=now, patient=patient) for reader in readers)
    ledger.skip_ineligible(session, now=now)
    return chosen


def _is_over(row: Delivery, now: dt.datetime) -> bool:
    return row.waits_until is not None and row.waits_until <= now


def _give_papers(
    session: Session, row: Delivery, reader: Reader, candidate_set: CandidateSet, *, now: dt.datetime, patient: bool
) -> bool:
    contents = contents_of(reader, candidate_set) | _welcome_of(row.contents)
    if is_empty(contents) and not contents.get("welcome"):
        waiting_store.drop_waiting(session, row.id)
        return False
    due_at = now
    if patient and row.waits_until and _lacks_translations(session, reader, candidate_set):
        due_at = max(now, min(now + WELCOME_WAIT, row.waits_until))
    return waiting_store.freeze(
        session, row.id, contents=contents, covers_to=candidate_set.covers_to or None, due_at=due_at, now=now
    )


def _welcome_of(contents: Mapping[str, Any]) -> dict[str, Any]:
    return {"welcome": True} if contents.get("welcome") else {}


def _lacks_translations(session: Session, reader: Reader, candidate_set: CandidateSet) -> bool:
    chosen = [(paper, reader.language) for paper, _ in select_papers(reader, candidate_set).papers]
    return bool(translation_store.needed(session, chosen))


def _with_cursor(session: Session, reader: Reader) -> Reader:
    """Starts the reader's cursor, so that a first digest that fails is covered by the next, as any other; gives the reader.

    Somebody who had digests in an earlier subscription gets what these did not show of the newest announcement day.
    """
    newest = papers_store.newest_day(session)
    if newest is None or reader.cursor is not None:
        return reader
    start, seen = papers_store.number_before(session, newest), highest_covered(session, reader.id)
    start_cursors(session, [reader.id], at=max(start, seen or 0))
    return reader if seen is None else replace(reader, cursor=max(start, seen))
