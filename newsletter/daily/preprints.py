"""Papers of servers where one is posted any day: read by days of posting, some days of them twice, and stored.

These servers announce nothing, and there is no second source to fall back on, so each is read a few times a day. A window of
days is stored in one transaction with how far the server was read: a crash or a fault loses nothing. Nothing happens where
SOURCES names no such server.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import structlog

from newsletter.daily.ingest import matched_papers, store_matched
from newsletter.digests.selection import REACH
from newsletter.errors import NewsletterError
from newsletter.http.session import UnreachableError
from newsletter.operating import state
from newsletter.operating.state import ReadingProgress
from newsletter.papers.preprints.records import merged, slices
from newsletter.papers.store import papers as papers_store
from newsletter.papers.store.days import newest_posting
from newsletter.papers.store.papers import StoreCount
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
# Over a long weekend with holidays hardly anything is posted; longer than this it is a fault.
SILENT = dt.timedelta(days=5)
ONE_DAY = dt.timedelta(days=1)


@dataclass
class Postings:
    """What a reading of all these servers brought; ``problems`` is empty when each was read to the end."""

    found: int = 0
    count: StoreCount = field(default_factory=StoreCount)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    unreachable: bool = False


def read(
    services: Services,
    *,
    now: dt.datetime,
    attempts: int,
    routine: bool = False,
    window: tuple[dt.date, dt.date] | None = None,
) -> Postings:
    """Reads the servers that SOURCES names and stores what is new; one that fails keeps no other from being read.

    Each is read from where it was left, at most as far back as digests reach; a ``routine`` one every six hours. With a
    ``window`` of days it is these that are read, and what was posted before the server's first day here is new to nobody.
    """
    postings = Postings()
    for server in POSTING_SERVERS:
        if server in services.settings.sources:
            _read_server(services, server, postings, now=now, attempts=attempts, routine=routine, window=window)
    return postings


def _read_server(
    services: Services,
    server: str,
    postings: Postings,
    *,
    now: dt.datetime,
    attempts: int,
    routine: bool,
    window: tuple[dt.date, dt.date] | None,
) -> None:
    with services.database.reading() as session:
        progress = state.READ_OF_SERVER[server].read(session) or ReadingProgress()
    if routine and progress.read is not None and now - progress.read < READ_AGAIN:
        return
    since, until = window or (_begin(progress, now=now, postings=postings, name=SERVER_NAMES[server]), now.date())
    progress = replace(progress, began=progress.began or since)
    source = services.source(server, attempts=attempts)
    try:
        for first, last in slices(since, until, days=SLICE_DAYS):
            # A window of days that somebody asked for says nothing of how far the server was read from day to day.
            if window is None:
                progress = replace(progress, through=last, read=now if last == until else progress.read)
            _read_slice(services, server, source, (first, last), progress=progress, postings=postings, now=now)
    except NewsletterError as error:
        postings.problems.append(str(error))
        postings.unreachable |= isinstance(error, UnreachableError)
        log.warning("postings not read to the end", server=server, problem=str(error), found=postings.found)
        return
    finally:
        source.close()
    if window is None:
        postings.notes += _silence(services, server, progress.began or since, now=now)
    log.info("postings read", server=server, found=postings.found, new=postings.count.new, updated=postings.count.updated)


def _begin(progress: ReadingProgress, *, now: dt.datetime, postings: Postings, name: str) -> dt.date:
    """The first day to read: some days back from the last one read; at the very first yesterday."""
    today = now.date()
    if progress.through is None:
        return today - ONE_DAY
    wanted, earliest = progress.through - OVERLAP, today - REACH
    if wanted < earliest:
        postings.notes.append(f"{name} was not read from {wanted} to {earliest - ONE_DAY}: newsletter fetch --since {wanted}")
    return max(wanted, earliest)


def _read_slice(
    services: Services,
    server: str,
    source: Source,
    days: tuple[dt.date, dt.date],
    *,
    progress: ReadingProgress,
    postings: Postings,
    now: dt.datetime,
) -> None:
    """Stores the papers of a window of days, and in the same transaction that it was read."""
    given = list(source.fetch((), *days))
    papers = _new_or_newer(services, given, now=now)
    matched = matched_papers(services, papers)
    with services.database.transaction() as session:
        postings.count += store_matched(services, session, matched, now=now, new_since=progress.began or state.ALWAYS)
        state.READ_OF_SERVER[server].write(session, progress, now=now)
    postings.found += len(papers)
    if source.shortfall:
        name, count = SERVER_NAMES[server], source.shortfall
        postings.notes.append(
            f"{name} counted {count} versions more than it gave for {days[0]} to {days[1]}; they are asked for again"
        )


def _new_or_newer(services: Services, given: Sequence[Paper], *, now: dt.datetime) -> list[Paper]:
    with services.database.reading() as session:
        known = papers_store.papers_by_refs(session, {paper.ref for paper in given})
    return merged(given, known, today=now.date())


def _silence(services: Services, server: str, began: dt.date, *, now: dt.datetime) -> list[str]:
    """An alarm where a server has brought nothing for days, which no weekend explains."""
    with services.database.reading() as session:
        newest = newest_posting(session, server)
    since = newest or began
    if now.date() - since <= SILENT:
        return []
    log.warning("postings_missing", server=server, since=since.isoformat())
    return [f"{SERVER_NAMES[server]} has brought no new paper since {since}"]
