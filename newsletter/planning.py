"""Planning: who gets a digest now, of which papers, written into the ledger in one transaction before any job.

Reads are a few queries for all readers together; choosing is in ``digests`` and pure.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.orm import Session

from newsletter.digests.due import digest_date, local_date, patience_is_over
from newsletter.digests.selection import Shelf, select, shelve
from newsletter.digests.store import candidates
from newsletter.mail import store as mail_store
from newsletter.mail.deliveries import PlannedDigest
from newsletter.papers import store as papers_store
from newsletter.subscribers import store as subscribers_store
from newsletter.translation import store as translation_store
from newsletter.values import DeliveryState, MailKind, Reader

if TYPE_CHECKING:
    from newsletter.bootstrap import Services

log = structlog.get_logger(__name__)

# A reader whose topics bring nothing for months must not make each planning look at all of them.
REACH = dt.timedelta(days=31)
# A first digest waits so long for translations, then leaves with what is there.
WELCOME_WAIT = dt.timedelta(seconds=45)
WELCOME_PRIORITY = 1
DAILY_PRIORITY = 2


@dataclass(frozen=True, slots=True)
class PlanReport:
    """``planned`` digests wait to be sent, ``empty`` readers get none for want of new papers."""

    planned: int
    empty: int


def plan(services: Services, *, now: dt.datetime, date: dt.date | None = None) -> PlanReport:
    """Writes the digests that are due now into the ledger, in one transaction.

    With ``date``, one for everybody who has none of that date yet. Readers with nothing new get a row that says so once no
    late announcement is waited for.
    """
    with services.database.reading() as session:
        # First the rows in hand, then the cursors: a digest settled in between moved its cursor before we read it.
        busy = mail_store.subscribers_in_hand(session)
        last = mail_store.last_digests(session)
        readers = [reader for reader in subscribers_store.readers(session, on=now.date()) if reader.id not in busy]
        dated = [(reader, day) for reader in readers if (day := _day_for(reader, last, now=now, date=date)) is not None]
        shelf = build_shelf(services, session, [reader for reader, _ in dated], now=now)
    digests = [digest for reader, day in dated if (digest := _planned(reader, day, shelf, now=now)) is not None]
    if not digests:
        return PlanReport(0, 0)
    with services.database.transaction() as session:
        for period, group in itertools.groupby(sorted(digests, key=_period), key=_period):
            mail_store.skip_late(session, [digest.subscriber_id for digest in group], before=period, now=now)
        planned = mail_store.plan_digests(session, digests, priority=DAILY_PRIORITY, domain=services.mail_domain, now=now)
    empty = sum(digest.state is DeliveryState.SKIPPED for digest in digests)
    log.info("planned", planned=planned, empty=empty)
    return PlanReport(planned, empty)


def plan_welcome(services: Services, session: Session, subscriber_id: int, *, now: dt.datetime) -> int | None:
    """Plans the first digest of somebody who just confirmed, in the confirming transaction; None where today has one.

    It is that date's digest, and leaves at once unless texts in it still want a translation: for these it waits a little.
    """
    for reader in subscribers_store.readers(session, on=now.date(), ids=[subscriber_id]):
        shelf = build_shelf(services, session, [reader], now=now)
        contents = _contents(reader, shelf) | {"welcome": True}
        chosen = [(paper_id, reader.language) for paper_id, _ in select(reader, shelf).papers]
        wait = WELCOME_WAIT if translation_store.needed(session, chosen) else dt.timedelta()
        return mail_store.plan_mail(
            session,
            subscriber_id=reader.id,
            kind=MailKind.DIGEST,
            period=local_date(reader, now).isoformat(),
            priority=WELCOME_PRIORITY,
            due_at=now + wait,
            domain=services.mail_domain,
            contents=contents,
            now=now,
            covers_to=shelf.covers_to or None,
        )
    return None


def build_shelf(services: Services, session: Session, readers: Sequence[Reader], *, now: dt.datetime) -> Shelf:
    """The papers that may be new to any of ``readers``, read in a few queries."""
    covers_to = papers_store.highest_number(session)
    newest = papers_store.newest_day(session)
    oldest = papers_store.number_before(session, now.date() - REACH)
    cursors = [reader.cursor for reader in readers if reader.cursor is not None]
    after = max(oldest, min(cursors, default=covers_to))
    if newest is not None and any(reader.cursor is None for reader in readers):
        after = min(after, papers_store.number_before(session, newest))
    found = candidates(session, after=after, upto=covers_to)
    order = {topic.slug: place for place, topic in enumerate(services.catalogue.topics)}
    return shelve(found, order=order, newest_day=newest, covers_to=covers_to)


def _day_for(reader: Reader, last: Mapping[int, str], *, now: dt.datetime, date: dt.date | None) -> dt.date | None:
    newest = last.get(reader.id)
    if date is not None:
        return date if newest is None or newest < date.isoformat() else None
    return digest_date(replace(reader, last_period=dt.date.fromisoformat(newest) if newest else None), now=now)


def _planned(reader: Reader, day: dt.date, shelf: Shelf, *, now: dt.datetime) -> PlannedDigest | None:
    contents = _contents(reader, shelf)
    if contents["papers"]:
        return PlannedDigest(reader.id, day.isoformat(), contents, shelf.covers_to)
    if patience_is_over(reader, day, now=now):
        return PlannedDigest(reader.id, day.isoformat(), {}, None, DeliveryState.SKIPPED, "no new papers")
    return None


def _contents(reader: Reader, shelf: Shelf) -> dict[str, object]:
    selection = select(reader, shelf)
    return {"papers": [list(pair) for pair in selection.papers], "more": selection.more, "topics": list(reader.topics)}


def _period(digest: PlannedDigest) -> str:
    return digest.period
