"""Papers of servers where one is posted any day: read by days of posting, some days of them twice, and stored.

There is no announcement to wait for, so a server is read a few times a day. Each window of days is stored together with how far
the server was read, so that a crash or a fault loses nothing. Nothing happens where no such server is named.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import structlog

from newsletter.daily.ingest import SourceResult, store_matched
from newsletter.daily.match import match_new_papers
from newsletter.digests.selection import REACH
from newsletter.errors import NewsletterError
from newsletter.operating import state
from newsletter.operating.state import ReadingProgress
from newsletter.papers.preprints.records import merged, slices
from newsletter.papers.sources import Tell, silent
from newsletter.papers.store import papers as papers_store
from newsletter.papers.store.days import newest_posting
from newsletter.text.preprint_identifiers import SERVER_NAMES
from newsletter.values.papers import POSTING_SERVERS, Paper

if TYPE_CHECKING:
    from newsletter.bootstrap import Services
    from newsletter.papers.sources import Source

log = structlog.get_logger(__name__)

# A day has some 300 versions on bioRxiv: about forty requests of 30 for a reading with its overlap.
READ_AGAIN = dt.timedelta(hours=6)
# Papers are dated by the servers' own day and can appear late.
OVERLAP = dt.timedelta(days=2)
# Longer windows run into the API's time-outs.
SLICE_DAYS = 3
# Over a long weekend with holidays hardly anything is posted; where nothing comes for longer, something is at fault.
SILENT = dt.timedelta(days=5)
ONE_DAY = dt.timedelta(days=1)


def read(
    services: Services,
    *,
    now: dt.datetime,
    attempts: int,
    routine: bool = False,
    window: tuple[dt.date, dt.date] | None = None,
    tell: Tell = silent,
) -> SourceResult:
    """Reads the servers that SOURCES names and stores what is new; where one fails, the others are still read.

    Each is read from where it was left, at most as far back as digests reach; a ``routine`` one every six hours. With a
    ``window`` of days it is these that are read, and what was posted before the server's first day here is new to no reader.
    """
    result = SourceResult()
    for server in POSTING_SERVERS:
        if server in services.settings.sources:
            told = partial(tell, f"reading {SERVER_NAMES[server]}")
            _read_server(services, server, result, now=now, attempts=attempts, routine=routine, window=window, tell=told)
    return result


def _read_server(
    services: Services,
    server: str,
    result: SourceResult,
    *,
    now: dt.datetime,
    attempts: int,
    routine: bool,
    window: tuple[dt.date, dt.date] | None,
    tell: Callable[[int, int], None],
) -> None:
    with services.database.reading() as session:
        progress = state.READ_OF_SERVER[server].read(session) or ReadingProgress()
    if routine and progress.read is not None and now - progress.read < READ_AGAIN:
        return
    since, until = window or (_first_day(progress, now=now, result=result, name=SERVER_NAMES[server]), now.date())
    progress = replace(progress, began=progress.began or since)
    source = services.clients.server(server, attempts=attempts)
    try:
        for number, (first, last) in enumerate(parts := list(slices(since, until, days=SLICE_DAYS))):
            tell(number, len(parts))
            # Days that somebody named say nothing of how far the server was read from day to day.
            if window is None:
                progress = replace(progress, through=last, read=now if last == until else progress.read)
            _read_slice(services, server, source, (first, last), progress=progress, result=result, now=now)
    except NewsletterError as error:
        result.add_problem(error)
        log.warning("postings not read to the end", server=server, problem=str(error), found=result.found)
        return
    finally:
        source.close()
    if window is None:
        result.notes += _missing_postings(services, server, progress.began or since, now=now)
    log.info("postings read", server=server, found=result.found, new=result.stored.new, updated=result.stored.updated)


def _first_day(progress: ReadingProgress, *, now: dt.datetime, result: SourceResult, name: str) -> dt.date:
    """The first day to read: some days back from the last one read; at the very first yesterday."""
    today = now.date()
    if progress.through is None:
        return today - ONE_DAY
    wanted, earliest = progress.through - OVERLAP, today - REACH
    if wanted < earliest:
        result.notes.append(f"{name} was not read from {wanted} to {earliest - ONE_DAY}: newsletter fetch --since {wanted}")
    return max(wanted, earliest)


def _read_slice(
    services: Services,
    server: str,
    source: Source,
    days: tuple[dt.date, dt.date],
    *,
    progress: ReadingProgress,
    result: SourceResult,
    now: dt.datetime,
) -> None:
    """Stores the papers of a window of days, and in the same transaction that it was read."""
    given = list(source.fetch((), *days))
    papers = _new_or_newer(services, given, now=now)
    matched = match_new_papers(services, papers)
    with services.database.transaction() as session:
        stored = store_matched(services, session, matched, now=now, new_since=progress.began or state.ALWAYS)
        state.READ_OF_SERVER[server].write(session, progress, now=now)
    result.received += len(papers)
    result.add_stored(stored, found=len(papers))
    if source.shortfall:
        name, count = SERVER_NAMES[server], source.shortfall
        result.notes.append(
            f"{name} counted {count} versions more than it gave for {days[0]} to {days[1]}; they are asked for again"
        )


def _new_or_newer(services: Services, given: Sequence[Paper], *, now: dt.datetime) -> list[Paper]:
    with services.database.reading() as session:
        known = papers_store.papers_by_refs(session, {paper.ref for paper in given})
    return merged(given, known, today=now.date())


def _missing_postings(services: Services, server: str, began: dt.date, *, now: dt.datetime) -> list[str]:
    """An alarm where a server has brought nothing for days, which no weekend explains."""
    with services.database.reading() as session:
        newest = newest_posting(session, server)
    since = newest or began
    if now.date() - since <= SILENT:
        return []
    log.warning("postings_missing", server=server, since=since.isoformat())
    return [f"{SERVER_NAMES[server]} has brought no new paper since {since}"]
