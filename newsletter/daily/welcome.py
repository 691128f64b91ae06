"""First digests: planned in the transaction that confirms, of the papers that are there, or of those that a fetch is bringing.

A first digest that waits is a row of the ledger without papers. It gets them when no fetch is under way any more, and in four
minutes at the latest what is there by then, as the reader's choices are at that time.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy.orm import Session

from newsletter.daily import match
from newsletter.daily.fetch_schedule import LONGEST_WAIT, papers_expected
from newsletter.daily.select import build_candidate_set, contents_of
from newsletter.digests.due import local_date, next_due
from newsletter.digests.selection import CandidateSet, select_papers
from newsletter.digests.store import begin, covered
from newsletter.mail.deliveries import WELCOME_PRIORITY, Delivery, is_empty
from newsletter.mail.store import ledger
from newsletter.mail.store import waiting as waiting_store
from newsletter.papers.store import papers as papers_store
from newsletter.subscribers.confirm import Confirmation, Outcome, confirm
from newsletter.subscribers.store import readers as reading
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
# A first digest waits so long for translations, then leaves with what is there.
WELCOME_WAIT = dt.timedelta(seconds=45)
# Chosen in one transaction, so that others write in between.
TOGETHER = 50


def confirm_and_welcome(services: Services, raw: str, *, now: dt.datetime) -> tuple[Confirmation, bool]:
    """Confirms by the mailed link and plans the first digest in one transaction, then wakes whoever translates and sends.

    Gives what the link came to, and whether the first digest waits for papers. Raises LinkError as `confirm.look` does.
    """
    with services.database.transaction() as session:
        done = confirm(session, raw, now=now)
        if done.outcome is Outcome.CONFIRMED:
            plan_welcome(services, session, done.subscriber.id, now=now, greeting=not done.moved)
        waits = waiting_store.is_waiting(session, done.subscriber.id)
    services.queues.wake_translate()
    services.queues.wake_senders()
    return done, waits


def plan_welcome(services: Services, session: Session, who: int, *, now: dt.datetime, greeting: bool = True) -> int | None:
    """Plans the first digest of the subscriber ``who`` just confirmed, in the confirming transaction; None where today has one.

    Without ``greeting``, for a reader who only moved to another address, it is as any other, and none where nothing is new.
    It is that date's digest. It waits for papers that a fetch is bringing; else it leaves at once, or after a little where texts
    in it still want a translation.
    """
    if waiting_store.is_waiting(session, who):
        return None
    for reader in reading.readers(session, on=now.date() + AHEAD, ids=[who]):
        welcome = {"welcome": True} if greeting else {}
        found = _returning(session, reader)
        if papers_expected(session, now=now):
            waits_until, due_at, covers_to = now + LONGEST_WAIT, now + LONGEST_WAIT, None
            contents: dict[str, Any] = {"papers": [], "more": 0} | welcome
        else:
            candidate_set = build_candidate_set(services, session, [found], now=now)
            contents = contents_of(found, candidate_set) | welcome
            if not greeting and is_empty(contents):
                return None
            waits_until, covers_to = None, candidate_set.covers_to or None
            due_at = now + (WELCOME_WAIT if _wants_translations(session, found, candidate_set) else dt.timedelta())
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
    return None


def choose_welcomes(services: Services, *, now: dt.datetime, patient: bool = True) -> int:
    """Gives their papers to the first digests that need not wait any longer; how many. Safe to run any number of times at once.

    Where it is not ``patient`` none waits: not for a fetch, and not for translations.
    """
    with services.database.reading() as session:
        waiting = waiting_store.waiting(session)
        if waiting and patient and papers_expected(session, now=now):
            waiting = [row for row in waiting if _is_over(row, now)]
    if not waiting:
        return 0
    match.match_new(services, now=now)
    chosen = 0
    for batch in batches(waiting, TOGETHER):
        with services.database.transaction() as session:
            chosen += _choose(services, session, [row.id for row in batch], now=now, patient=patient)
    if chosen:
        log.info("first digests chosen", chosen=chosen)
    return chosen


def _choose(services: Services, session: Session, ids: Sequence[int], *, now: dt.datetime, patient: bool) -> int:
    rows = {row.subscriber_id: row for row in waiting_store.waiting(session, ids=ids)}
    unmatched = saved_query_store.waiting_readers(session)
    found = reading.readers(session, on=now.date() + AHEAD, ids=list(rows))
    # Who may get no mail now may again before the time is over; after it the row says why there was none.
    ready = [reader for reader in found if reader.id not in unmatched or _is_over(rows[reader.id], now)]
    # The cursor that confirming kept is of the papers that there were then.
    began = (replace(reader, cursor=None) if rows[reader.id].contents.get("welcome") else reader for reader in ready)
    readers = [_returning(session, reader) for reader in began]
    candidate_set = build_candidate_set(services, session, readers, now=now)
    chosen = sum(_freeze(session, rows[reader.id], reader, candidate_set, now=now, patient=patient) for reader in readers)
    ledger.skip_ineligible(session, now=now)
    return chosen


def _is_over(row: Delivery, now: dt.datetime) -> bool:
    return row.waits_until is not None and row.waits_until <= now


def _freeze(
    session: Session, row: Delivery, reader: Reader, candidate_set: CandidateSet, *, now: dt.datetime, patient: bool
) -> bool:
    contents = contents_of(reader, candidate_set) | _welcome_of(row.contents)
    if is_empty(contents) and not contents.get("welcome"):
        waiting_store.drop_waiting(session, row.id)
        return False
    due_at = now
    if patient and row.waits_until and _wants_translations(session, reader, candidate_set):
        due_at = max(now, min(now + WELCOME_WAIT, row.waits_until))
    return waiting_store.freeze(
        session, row.id, contents=contents, covers_to=candidate_set.covers_to or None, due_at=due_at, now=now
    )


def _welcome_of(contents: Mapping[str, Any]) -> dict[str, Any]:
    return {"welcome": True} if contents.get("welcome") else {}


def _wants_translations(session: Session, reader: Reader, candidate_set: CandidateSet) -> bool:
    chosen = [(paper, reader.language) for paper, _ in select_papers(reader, candidate_set).papers]
    return bool(translation_store.needed(session, chosen))


def _returning(session: Session, reader: Reader) -> Reader:
    """The reader with a cursor kept from now on: a first digest that fails is covered by the next, as any other.

    Somebody who had digests in an earlier subscription gets what these did not show of the newest announcement day.
    """
    newest = papers_store.newest_day(session)
    if newest is None or reader.cursor is not None:
        return reader
    start, seen = papers_store.number_before(session, newest), covered(session, reader.id)
    begin(session, [reader.id], at=max(start, seen or 0))
    return reader if seen is None else replace(reader, cursor=max(start, seen))
