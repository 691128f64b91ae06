"""Fetching: what is new at the sources into the store, each paper with its links and matches at once.

How arXiv's two roads agree is the matter of ``gathering``, what is posted elsewhere that of ``postings``. A fetch may run at any
time, twice at once, and after any crash; what came before a failure is kept.
"""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from newsletter import gathering, postings
from newsletter.batching import batches
from newsletter.enriching import enrich
from newsletter.errors import NewsletterError
from newsletter.operating import switches
from newsletter.papers import store as papers_store
from newsletter.papers.calendar import batch_opened, last_announcement
from newsletter.storing import begin, load_samples, matched_papers, rematch, store_batch, store_matched
from newsletter.values import ARXIV, Paper

if TYPE_CHECKING:
    from newsletter.bootstrap import Services

log = structlog.get_logger(__name__)

# Moderation holds papers for days, and the API trails the listing: a shorter look back loses some.
LOOK_BACK = dt.timedelta(days=14)
STORE_BATCH = 500


@dataclass(frozen=True, slots=True)
class FetchReport:
    """``problem`` is empty when every source answered to the end; ``samples`` counts sample papers loaded in its stead.

    ``notes`` are lines on what was remarkable: how the feeds and the query API differ, a day without papers.
    """

    since: dt.date
    until: dt.date
    found: int
    new: int
    updated: int
    problem: str = ""
    samples: int = 0
    notes: tuple[str, ...] = ()


@dataclass
class _Tally:
    """A fetch in the making: what came, what was stored of it, and what went wrong."""

    problems: list[str]
    came: int = 0
    found: int = 0
    new: int = 0
    updated: int = 0

    def add(self, count: papers_store.StoreCount, found: int) -> None:
        self.found, self.new, self.updated = self.found + found, self.new + count.new, self.updated + count.updated


def fetch(
    services: Services,
    *,
    now: dt.datetime,
    since: dt.date | None = None,
    until: dt.date | None = None,
    attempts: int = 5,
    routine: bool = False,
) -> FetchReport:
    """Fetches the categories of the catalogue and stores what is new, each paper with its links and matches at once.

    With ``since`` or ``until`` the query API alone is asked, for these days of submission; a ``routine`` fetch asks for no more
    than it takes to miss nothing (see ``gathering``). What came before a failure is kept. Where nothing was ever stored and
    arXiv is out of reach, the sample day is loaded.
    """
    back_fill = since is not None or until is not None
    until = until or now.date()
    since = since or until - LOOK_BACK
    started = time.monotonic()
    reads_arxiv = ARXIV in services.settings.sources
    rematch(services, now=now)
    tally = _Tally([])
    with services.database.reading() as session:
        first = reads_arxiv and not back_fill and not papers_store.has_papers(session, sample=False)
    window = (since, until)
    if first:
        window = (since, _read_newest(services, tally, until=until, attempts=attempts, now=now))
    out_of_reach = bool(tally.problems)
    ask = reads_arxiv and not back_fill
    asked = gathering.NOTHING_ASKED if not ask else gathering.ask_feeds(services, now=now, attempts=attempts, routine=routine)
    tally.problems += asked.survey.problems
    tally.came += len(asked.named)
    held: dict[str, Paper] = {}
    reads_api = reads_arxiv and not out_of_reach and (not routine or gathering.api_is_due(services, asked, now=now))
    complete = reads_api and _read_api(services, asked, held, tally, window, attempts=attempts, now=now)
    if complete and not back_fill:
        _note_listing(services, now=now)
    notes = _store_announced(services, asked, held, tally, compared=complete, now=now)
    posted = postings.read(services, now=now, attempts=attempts, routine=routine, window=(since, until) if back_fill else None)
    tally.add(posted.count, posted.found)
    tally.came, tally.problems, notes = tally.came + posted.found, tally.problems + posted.problems, notes + posted.notes
    samples = load_samples(services, now=now) if tally.problems and not tally.came else 0
    if ask and not samples:
        notes += gathering.silence(services, now=now)
    enrich(services, now=now)
    problem = "; ".join(tally.problems)
    ended = now + dt.timedelta(seconds=time.monotonic() - started)
    record = papers_store.FetchRecord(
        "+".join(services.settings.sources),
        now,
        ended,
        since,
        until,
        tally.found,
        tally.new,
        tally.updated,
        problem,
        "; ".join(notes),
    )
    with services.database.transaction() as session:
        papers_store.record_fetch(session, record)
    log.info("fetched", found=tally.found, new=tally.new, updated=tally.updated, samples=samples)
    return FetchReport(since, until, tally.found, tally.new, tally.updated, problem, samples, tuple(notes))


def _read_newest(services: Services, tally: _Tally, *, until: dt.date, attempts: int, now: dt.datetime) -> dt.date:
    """The very first request: the newest announcement alone, because somebody may wait before an empty page.

    What is older comes after it, and nobody is told of it as new: the installation begins with this announcement. Gives the
    last day of submission that is left to be read.
    """
    newest = last_announcement(now)
    begin(services, newest, now=now)
    opened = min(batch_opened(newest), until)
    _read_api(services, gathering.NOTHING_ASKED, {}, tally, (opened, until), attempts=attempts, now=now)
    return opened - dt.timedelta(days=1)


def _read_api(
    services: Services,
    asked: gathering.Asked,
    held: dict[str, Paper],
    tally: _Tally,
    window: tuple[dt.date, dt.date],
    *,
    attempts: int,
    now: dt.datetime,
) -> bool:
    """Stores the API's papers of a ``window`` of days but those that the feeds name, which go into ``held``; True at its end."""
    source = services.source(attempts=attempts)
    try:
        for batch in batches(source.fetch(services.catalogue.categories, *window), STORE_BATCH):
            tally.came += len(batch)
            held |= {paper.ref: paper for paper in batch if paper.ref in asked.named}
            others = [paper for paper in batch if paper.ref not in asked.named]
            tally.add(store_batch(services, others, now=now), len(others))
        if source.shortfall:
            tally.problems.append(f"arXiv counted {source.shortfall} papers more than it gave; the next fetch asks again")
            return False
        return True
    except NewsletterError as error:
        tally.problems.append(str(error))
        log.warning("fetch not finished", problem=str(error), found=tally.found)
        return False
    finally:
        source.close()


def _note_listing(services: Services, *, now: dt.datetime) -> None:
    with services.database.transaction() as session:
        switches.set_value(session, switches.LISTED, now.isoformat(), now=now)


def _store_announced(
    services: Services, asked: gathering.Asked, held: dict[str, Paper], tally: _Tally, *, compared: bool, now: dt.datetime
) -> list[str]:
    """Stores what the feeds name, with what they showed, in one transaction; gives what is remarkable in it.

    The roads are ``compared`` where the query API was read to its end.
    """
    if not asked.survey.shown:
        return list(asked.survey.notes)
    try:
        settled = gathering.settle(services, asked, held, now=now)
        matched = matched_papers(services, settled.papers)
        with services.database.transaction() as session:
            count = store_matched(services, session, matched, now=now)
            moved = gathering.remember(session, settled)
    except NewsletterError as error:
        tally.problems.append(f"the announcement is not stored: {error}")
        log.warning("announcement not stored", problem=str(error), named=len(asked.named))
        return []
    tally.add(count, len(settled.papers))
    if not compared:
        return list(asked.survey.notes)
    return [*asked.survey.notes, *gathering.differences(services, asked, settled, moved=moved, now=now)]
