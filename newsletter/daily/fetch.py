"""Fetching: what is new at the sources is stored, each paper with its links and matches at once.

``daily/arxiv.py`` reads arXiv, ``daily/preprints.py`` the servers where papers are posted any day. A fetch may run at any
time, twice at once, and after any crash; what came before a failure is kept.
"""

from __future__ import annotations

import datetime as dt
import time
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from newsletter.daily import arxiv, preprints, venues
from newsletter.daily.enrich import enrich
from newsletter.daily.fetch_schedule import tries_are_quick, under_way
from newsletter.daily.ingest import SourceResult, load_samples
from newsletter.daily.match import rematch
from newsletter.daily.old_categories import add_old_categories
from newsletter.operating import state
from newsletter.papers.calendar import last_announcement
from newsletter.papers.sources import Tell, silent
from newsletter.papers.store import papers as papers_store
from newsletter.papers.store.authors import index_authors
from newsletter.search.store import index_new
from newsletter.subscribers.store import readers as readers_store
from newsletter.subscribers.store import saved_queries as saved_query_store
from newsletter.topics.categories import asked_of_arxiv, category_topics, known_categories
from newsletter.topics.saved_queries import categories_in
from newsletter.values.papers import ARXIV

if TYPE_CHECKING:
    from newsletter.bootstrap import Services

log = structlog.get_logger(__name__)

# Moderation holds papers for days, and the API trails the listing: a shorter look back loses some.
LOOK_BACK = dt.timedelta(days=14)
# After a longer downtime than the first the operator is told how far a fetch looks back; it looks back by the second at most.
TOLD_DOWNTIME, LONGEST_LOOK_BACK = dt.timedelta(days=4), dt.timedelta(days=366)


@dataclass(frozen=True, slots=True)
class FetchReport:
    """``problem`` is empty when every source answered to the end; ``samples`` counts sample papers loaded because nothing came.

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


def fetch(
    services: Services,
    *,
    now: dt.datetime,
    since: dt.date | None = None,
    until: dt.date | None = None,
    attempts: int = 5,
    routine: bool = False,
    tell: Tell = silent,
) -> FetchReport:
    """Fetches the categories of the catalogue, of readers and of saved queries; stores what is new, with links and matches.

    With ``since`` or ``until`` (a back fill) the query API alone is asked, for these days of submission; a ``routine`` fetch asks
    for no more than it takes to miss nothing. After a downtime it looks back as far as that, a year at most. What came before a
    failure is kept. Where nothing was ever stored and arXiv is out of reach, the sample day is loaded. ``tell`` hears how
    far it is.
    """
    back_fill = since is not None or until is not None
    # First digests wait for a fetch that is under way, but what a back fill brings belongs to none of them.
    with nullcontext() if back_fill else under_way(services, now=now):
        started = time.monotonic()
        rematch(services, now=now)
        add_old_categories(services, now=now)
        result = SourceResult()
        until = until or now.date()
        since = since or (until - LOOK_BACK if back_fill else _first_day(services, result, until))
        categories, new = _noted_categories(services, back_fill=back_fill, now=now)
        # Somebody may wait for a category that was never asked for, and the feeds are empty at weekends.
        request = arxiv.Request(categories, (since, until), back_fill, routine and not new, attempts, tell)
        samples = _read_sources(services, request, result, now=now)
        tell("completing", 0, 0)
        enrich(services, now=now)
        index_new(services.database)
        index_authors(services.database)
        return _recorded(services, request, result, samples, now=now, started=started)


def fetch_now(
    services: Services,
    *,
    now: dt.datetime,
    since: dt.date | None,
    until: dt.date | None,
    attempts: int,
    tell: Tell = silent,
) -> FetchReport:
    """What an operator asks for: a `fetch` of these days of submission, or as ever; then translators are woken."""
    report = fetch(services, now=now, since=since, until=until, attempts=attempts, tell=tell)
    services.queues.wake_translate()
    return report


def _read_sources(services: Services, request: arxiv.Request, result: SourceResult, *, now: dt.datetime) -> int:
    """Adds to ``result`` what all sources bring; gives the number of samples that were loaded because they brought nothing."""
    reads_arxiv = ARXIV in services.settings.sources
    if reads_arxiv:
        result.add(arxiv.read(services, request, now=now))
    window = request.window if request.back_fill else None
    attempts, routine = request.attempts, request.routine
    result.add(preprints.read(services, now=now, attempts=attempts, routine=routine, window=window, tell=request.tell))
    if not request.back_fill:
        request.tell("reading venues", 0, 0)
        result.add(venues.read(services, now=now, attempts=attempts, routine=routine))
    samples = _load_samples_where_nothing_came(services, request, result, now=now)
    if reads_arxiv and not request.back_fill and not samples:
        result.notes += arxiv.announcement_notes(services, now=now)
    return samples


def _load_samples_where_nothing_came(
    services: Services, request: arxiv.Request, result: SourceResult, *, now: dt.datetime
) -> int:
    """Loads the samples where nothing came: after a while where a source answers and is asked again soon, else at once."""
    if not result.problems or result.received:
        return 0
    with services.database.reading() as session:
        patient = request.routine and not result.unreachable and tries_are_quick(session, now=now)
    return 0 if patient else load_samples(services, now=now)


def _first_day(services: Services, result: SourceResult, until: dt.date) -> dt.date:
    """The first day of submission to ask for: `LOOK_BACK` before the day on which the query API was last read to its end."""
    with services.database.reading() as session:
        read_at = state.ARXIV_READ_AT.read(session)
    if read_at is None:
        return until - LOOK_BACK
    last = min(until, read_at.date())
    if until - last > TOLD_DOWNTIME:
        result.notes.append(f"arXiv was last read to its end on {last}; what was announced since is asked for")
    earliest = until - LONGEST_LOOK_BACK
    if last < earliest:
        result.notes.append(f"what was submitted before {earliest} is not asked for: newsletter fetch --since {last - LOOK_BACK}")
    return max(last - LOOK_BACK, earliest)


def _noted_categories(services: Services, *, back_fill: bool, now: dt.datetime) -> tuple[tuple[str, ...], bool]:
    """The categories to ask for, and whether one is new here.

    Notes with which announcement each began: older papers of a new one are new to no reader.
    """
    wanted = categories_of(services)
    if back_fill or ARXIV not in services.settings.sources:
        return wanted, False
    with services.database.transaction() as session:
        began = state.FIRST_OF_CATEGORY.read(session)
        # Categories asked for before this was noted at all began with the installation.
        unknown = state.ALWAYS if began is None else last_announcement(now)
        noted = {category: (began or {}).get(category, unknown) for category in wanted}
        if noted != began:
            state.FIRST_OF_CATEGORY.write(session, noted, now=now)
    return wanted, began is not None and not began.keys() >= set(wanted)


def categories_of(services: Services) -> tuple[str, ...]:
    """The arXiv categories that papers are fetched from: the catalogue's, then those that readers chose or their queries name."""
    with services.database.reading() as session:
        texts = saved_query_store.texts_of_readers(session)
        chosen = readers_store.topics_chosen(session, among=category_topics().keys())
    named = known_categories(category for text in texts for category in categories_in(text)) | asked_of_arxiv(chosen)
    return (*services.catalogue.categories, *sorted(named.difference(services.catalogue.categories)))


def _recorded(
    services: Services, request: arxiv.Request, result: SourceResult, samples: int, *, now: dt.datetime, started: float
) -> FetchReport:
    """Keeps the record of the fetch, which ``started`` then by the monotonic clock, and gives the report of it."""
    since, until = request.window
    problem = "; ".join(result.problems)
    ended = now + dt.timedelta(seconds=time.monotonic() - started)
    sources = "+".join(services.settings.sources)
    new, updated = result.stored.new, result.stored.updated
    record = papers_store.FetchRecord(
        sources, now, ended, since, until, result.found, new, updated, problem, "; ".join(result.notes)
    )
    with services.database.transaction() as session:
        papers_store.record_fetch(session, record)
    log.info("fetched", found=result.found, new=new, updated=updated, samples=samples)
    return FetchReport(since, until, result.found, new, updated, problem, samples, tuple(result.notes))
