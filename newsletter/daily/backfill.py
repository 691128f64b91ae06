"""A first fill: papers of months or years from arXiv, by OAI-PMH; they are archive, and new to nobody.

It goes by set and by month of change, and notes after each page how far it is, in the transaction that stores it: what was
interrupted goes on there. What the daily fetch brings by itself is left to it, so that no reader misses a paper.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import structlog

from newsletter.daily.fetch import LOOK_BACK, categories_of
from newsletter.daily.ingest import store_archive
from newsletter.daily.match import match_new_papers
from newsletter.db import take_numbers
from newsletter.errors import InputError
from newsletter.operating import state
from newsletter.operating.state import BackfillProgress
from newsletter.papers.arxiv.oai import OaiSource, Records, TokenError, sets_of
from newsletter.papers.store import papers as papers_store
from newsletter.search.store import index_new
from newsletter.topics.categories import known_categories
from newsletter.values.papers import Paper

if TYPE_CHECKING:
    from newsletter.bootstrap import Services

log = structlog.get_logger(__name__)

# A token lasts a day at arXiv: a list that has to begin anew should not be long.
WINDOW = dt.timedelta(days=31)
ONE_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Told:
    """How far it is: ``done`` of ``steps`` lists, the records of this one; ``left`` is what it takes yet, None while unknown."""

    done: float
    steps: int
    list_name: str
    records: int
    of: int
    new: int
    left: dt.timedelta | None


Tell = Callable[[Told], None]


def backfill(
    services: Services,
    *,
    since: dt.date,
    until: dt.date | None,
    categories: Sequence[str],
    now: dt.datetime,
    tell: Tell,
    anew: bool = False,
) -> BackfillProgress:
    """Fills the archive with the papers of these categories (none: those that are fetched) submitted from ``since`` on.

    One that was interrupted goes on where it was left, unless it is begun ``anew``. Gives how it ended.
    Raises InputError for what is no category, or days in the wrong order; TemporaryError where arXiv fails for long: what came
    before is kept, and the next call goes on.
    """
    wanted = _wanted(services, categories)
    progress = _progress(services, since=since, until=until, wanted=wanted, today=now.date(), anew=anew)
    steps = [(of_set, first) for of_set in sets_of(progress.categories) for first in _windows(progress.since, progress.through)]
    source = services.clients.oai()
    clock = _Clock(progress.step)
    try:
        while progress.step < len(steps):
            progress = _one_page(services, source, progress, steps, clock, now=now, tell=tell)
    finally:
        source.close()
        index_new(services.database)
    with services.database.transaction() as session:
        state.BACKFILL.clear(session, now=now)
    return progress


def _wanted(services: Services, categories: Sequence[str]) -> tuple[str, ...]:
    if not categories:
        return categories_of(services)
    known = known_categories(categories)
    unknown = [one for one in categories if not known_categories([one])]
    if unknown:
        raise InputError(f"arXiv has no category {unknown[0]!r}: they are named as in cs.CV or hep-th")
    return tuple(sorted(known))


def _progress(
    services: Services, *, since: dt.date, until: dt.date | None, wanted: tuple[str, ...], today: dt.date, anew: bool
) -> BackfillProgress:
    """Where the same one was left, else the beginning of a new one."""
    with services.database.reading() as session:
        left = None if anew else state.BACKFILL.read(session)
    if left is not None and (left.since, left.categories) == (since, wanted) and until in (None, left.until):
        return left
    last = min(until or today, today)
    if since > last:
        raise InputError(f"--since {since} lies after {last}: exchange them")
    return BackfillProgress(since, last, today, wanted)


def _windows(since: dt.date, through: dt.date) -> list[dt.date]:
    return [since + count * WINDOW for count in range((through - since) // WINDOW + 1)]


@dataclass
class _Clock:
    """Forecasts by the time that the lists took so far."""

    began_at: float
    started: float = 0.0

    def left(self, done: float, steps: int) -> dt.timedelta | None:
        self.started = self.started or time.monotonic()
        took = time.monotonic() - self.started
        return (
            dt.timedelta(seconds=round(took * (steps - done) / (done - self.began_at))) if done - self.began_at > 0.02 else None
        )


def _one_page(
    services: Services,
    source: OaiSource,
    progress: BackfillProgress,
    steps: Sequence[tuple[str, dt.date]],
    clock: _Clock,
    *,
    now: dt.datetime,
    tell: Tell,
) -> BackfillProgress:
    of_set, first = steps[progress.step]
    last = min(first + WINDOW - ONE_DAY, progress.through)
    try:
        page = source.more(progress.token) if progress.token else source.records(of_set, first, last)
    except TokenError as error:
        log.warning("list begun anew", list=of_set, since=first.isoformat(), problem=str(error))
        return replace(progress, token="", records=0)
    progress = _store(services, page, progress, now=now)
    part = min(1.0, progress.records / page.total) if page.total and page.token else 0.0
    done = progress.step + part
    list_name = f"{of_set}, changed {first} to {last}"
    tell(
        Told(done, len(steps), list_name, progress.records or page.count, page.total, progress.new, clock.left(done, len(steps)))
    )
    return progress


def _store(services: Services, page: Records, progress: BackfillProgress, *, now: dt.datetime) -> BackfillProgress:
    """Stores the papers of a page that nobody has, and in the same transaction how far it is."""
    matched = match_new_papers(services, _missing(services, page, progress, today=now.date()))
    with services.database.transaction() as session:
        take_numbers(session, "paper", 0)  # the lock: nobody stores the same paper meanwhile
        there = papers_store.papers_by_refs(session, [paper.ref for paper, _ in matched.papers])
        missing = replace(matched, papers=tuple(pair for pair in matched.papers if pair[0].ref not in there))
        stored = store_archive(services, session, missing, now=now)
        step = progress.step if page.token else progress.step + 1
        records = progress.records + page.count if page.token else 0
        progress = replace(progress, step=step, token=page.token, records=records, new=progress.new + stored.new)
        state.BACKFILL.write(session, progress, now=now)
    return progress


def _missing(services: Services, page: Records, progress: BackfillProgress, *, today: dt.date) -> list[Paper]:
    """The papers of a page that belong in the archive and are not stored."""
    with services.database.reading() as session:
        there = papers_store.papers_by_refs(session, [paper.ref for paper in page.papers])
        followed = state.FIRST_OF_CATEGORY.read(session) or {}
    return [one for one in page.papers if one.ref not in there and _belongs(one, progress, followed, today=today)]


def _belongs(paper: Paper, progress: BackfillProgress, followed: Collection[str], *, today: dt.date) -> bool:
    """Whether a paper was submitted on these days, and the daily fetch will not bring it as new by itself."""
    if not progress.since <= paper.submitted.date() <= progress.until or not set(paper.categories) & set(progress.categories):
        return False
    return paper.announced_on < today - LOOK_BACK or not set(paper.categories) & set(followed)
