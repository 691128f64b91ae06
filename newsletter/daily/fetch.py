"""Fetching: what is new at the sources into the store, each paper with its links and matches at once.

arXiv's two sources are combined in ``daily.arxiv``, other servers are read in ``daily.preprints``. A fetch may run at any time,
twice at once, and after any crash; what came before a failure is kept.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import structlog

from newsletter.daily import arxiv, match, preprints
from newsletter.daily.enrich import enrich
from newsletter.daily.fetch_schedule import tries_are_quick, under_way
from newsletter.daily.ingest import begin, load_samples, matched_papers, rematch, store_batch, store_matched
from newsletter.errors import NewsletterError
from newsletter.http.session import UnreachableError
from newsletter.operating import state
from newsletter.papers.calendar import announced_at, batch_opened, last_announcement
from newsletter.papers.store import papers as papers_store
from newsletter.search.store import index_new
from newsletter.values.batches import batches
from newsletter.values.papers import ARXIV, Paper

if TYPE_CHECKING:
    from newsletter.bootstrap import Services

log = structlog.get_logger(__name__)

# Moderation holds papers for days, and the API trails the listing: a shorter look back loses some.
LOOK_BACK = dt.timedelta(days=14)
# After a longer downtime than this the operator is told how far a fetch looks back, and it looks back so far at most.
TOLD_DOWNTIME, LONGEST_LOOK_BACK = dt.timedelta(days=4), dt.timedelta(days=366)
# Clocks differ; what is dated later than this is a fault of the answer.
FUTURE = dt.timedelta(days=1)
STORE_BATCH = 500
# An installation begins with an announcement that has papers, at most so many before the one that the calendar gives.
MOST_PUT_OFF = 4


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


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a fetch asks for: ``window`` are days of submission, inclusive."""

    categories: tuple[str, ...]
    window: tuple[dt.date, dt.date]
    back_fill: bool
    routine: bool
    attempts: int


@dataclass
class _Progress:
    """A fetch in the making: what came, what was stored of it, what went wrong, and what is remarkable."""

    problems: list[str]
    notes: list[str] = field(default_factory=list)
    came: int = 0
    found: int = 0
    new: int = 0
    updated: int = 0
    unreachable: bool = False

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
    """Fetches the categories of the catalogue and of saved queries; stores what is new, each paper with its links and matches.

    With ``since`` or ``until`` the query API alone is asked, for these days of submission; a ``routine`` fetch asks for no more
    than it takes to miss nothing (see ``daily.arxiv``). After a downtime it looks back as far as that, a year at most. What came
    before a failure is kept. Where nothing was ever stored and arXiv is out of reach, the sample day is loaded.
    """
    days = (since, until)
    # What a back fill brings is nobody's first digest.
    with nullcontext() if any(days) else under_way(services, now=now):
        return _fetch(services, days, now=now, attempts=attempts, routine=routine)


def _fetch(
    services: Services, days: tuple[dt.date | None, dt.date | None], *, now: dt.datetime, attempts: int, routine: bool
) -> FetchReport:
    (since, until), back_fill, started = days, any(days), time.monotonic()
    rematch(services, now=now)
    progress = _Progress([])
    until = until or now.date()
    since = since or (until - LOOK_BACK if back_fill else _missed_since(services, progress, until))
    plan = _Plan(_noted_categories(services, back_fill=back_fill, now=now), (since, until), back_fill, routine, attempts)
    reads_arxiv = ARXIV in services.settings.sources
    if reads_arxiv:
        _read_arxiv(services, plan, progress, now=now)
    posted = preprints.read(services, now=now, attempts=attempts, routine=routine, window=plan.window if back_fill else None)
    progress.add(posted.count, posted.found)
    progress.came += posted.found
    progress.problems += posted.problems
    progress.unreachable |= posted.unreachable
    progress.notes += posted.notes
    samples = _stand_in(services, plan, progress, now=now)
    if reads_arxiv and not back_fill and not samples:
        progress.notes += arxiv.silence(services, now=now)
    enrich(services, now=now)
    index_new(services.database)
    return _recorded(services, plan, progress, samples, now=now, started=started)


def _stand_in(services: Services, plan: _Plan, progress: _Progress, *, now: dt.datetime) -> int:
    """Loads the samples where nothing came: after a while where a source answers and is asked again soon, else at once."""
    if not progress.problems or progress.came:
        return 0
    with services.database.reading() as session:
        patient = plan.routine and not progress.unreachable and tries_are_quick(session, now=now)
    return 0 if patient else load_samples(services, now=now)


def _read_arxiv(services: Services, plan: _Plan, progress: _Progress, *, now: dt.datetime) -> None:
    """Asks arXiv on both roads, the query API alone in a back fill, and stores what they bring."""
    with services.database.reading() as session:
        first = not plan.back_fill and not papers_store.has_papers(session, sample=False, listed=False)
    if first:
        until = _read_newest(services, plan, progress, now=now)
        plan = replace(plan, window=(plan.window[0], until))
    out_of_reach = bool(progress.problems)
    asked = arxiv.NOTHING_ASKED
    if not plan.back_fill:
        asked = arxiv.ask_feeds(services, plan.categories, now=now, attempts=plan.attempts, routine=plan.routine)
    progress.problems += asked.survey.problems
    progress.came += len(asked.named)
    held: dict[str, Paper] = {}
    due = not out_of_reach and (not plan.routine or arxiv.api_is_due(services, asked, now=now))
    complete = due and _read_api(services, lambda paper: paper.ref in asked.named, held, progress, plan, now=now)
    if complete and not plan.back_fill:
        _note_listing(services, now=now)
    progress.notes += _store_announced(services, asked, held, progress, compared=complete, now=now)


def _missed_since(services: Services, progress: _Progress, until: dt.date) -> dt.date:
    """The first day of submission to ask for: so far back before the day on which the query API was last read to its end."""
    with services.database.reading() as session:
        read_at = state.ARXIV_READ_AT.read(session)
    if read_at is None:
        return until - LOOK_BACK
    last = min(until, read_at.date())
    if until - last > TOLD_DOWNTIME:
        progress.notes.append(f"arXiv was last read to its end on {last}; what was announced since is asked for")
    earliest = until - LONGEST_LOOK_BACK
    if last < earliest:
        progress.notes.append(
            f"what was submitted before {earliest} is not asked for: newsletter fetch --since {last - LOOK_BACK}"
        )
    return max(last - LOOK_BACK, earliest)


def _noted_categories(services: Services, *, back_fill: bool, now: dt.datetime) -> tuple[str, ...]:
    """The categories to ask for. Keeps with which announcement each began: older papers of a new one are new to nobody."""
    wanted = match.categories(services)
    if back_fill or ARXIV not in services.settings.sources:
        return wanted
    with services.database.transaction() as session:
        began = state.FIRST_OF_CATEGORY.read(session)
        # What was asked for before this was kept goes by the beginning of the installation.
        unknown = state.ALWAYS if began is None else last_announcement(now)
        noted = {category: (began or {}).get(category, unknown) for category in wanted}
        if noted != began:
            state.FIRST_OF_CATEGORY.write(session, noted, now=now)
    return wanted


def _recorded(
    services: Services, plan: _Plan, progress: _Progress, samples: int, *, now: dt.datetime, started: float
) -> FetchReport:
    """Keeps the record of the fetch, and gives the report of it."""
    since, until = plan.window
    problem = "; ".join(progress.problems)
    ended = now + dt.timedelta(seconds=time.monotonic() - started)
    sources = "+".join(services.settings.sources)
    counts = (progress.found, progress.new, progress.updated)
    record = papers_store.FetchRecord(sources, now, ended, since, until, *counts, problem, "; ".join(progress.notes))
    with services.database.transaction() as session:
        papers_store.record_fetch(session, record)
    log.info("fetched", found=progress.found, new=progress.new, updated=progress.updated, samples=samples)
    return FetchReport(since, until, *counts, problem, samples, tuple(progress.notes))


def _read_newest(services: Services, plan: _Plan, progress: _Progress, *, now: dt.datetime) -> dt.date:
    """The very first request: the newest announcement alone, because somebody may wait before an empty page.

    What is older comes after it, and nobody is told of it as new: the installation begins with this announcement, or with the
    one before where arXiv put it off and it has brought nothing. Gives the last day of submission that is left to be read.
    """
    day, until = last_announcement(now), plan.window[1]
    held: dict[str, Paper] = {}
    first = day
    for _ in range(MOST_PUT_OFF + 1):
        opened = min(batch_opened(day), until)
        complete = _read_api(services, lambda _: True, held, progress, replace(plan, window=(opened, until)), now=now)
        until = opened - dt.timedelta(days=1)
        if any(paper.announced_on >= day for paper in held.values()):
            first = day
            break
        if not complete:
            break
        day = last_announcement(announced_at(day) - dt.timedelta(hours=1))
    begin(services, first, now=now)
    for batch in batches(sorted(held.values(), key=lambda paper: (paper.submitted, paper.ref)), STORE_BATCH):
        progress.add(store_batch(services, batch, now=now), len(batch))
    return until


def _read_api(
    services: Services,
    holds: Callable[[Paper], bool],
    held: dict[str, Paper],
    progress: _Progress,
    plan: _Plan,
    *,
    now: dt.datetime,
) -> bool:
    """Stores the API's papers of a window of days but those that it ``holds`` back, which go into ``held``; True at its end."""
    source = services.source(attempts=plan.attempts)
    dreamt = 0
    try:
        for batch in batches(source.fetch(plan.categories, *plan.window), STORE_BATCH):
            progress.came += len(batch)
            # A paper of next year would stand before all others for a year.
            real = [paper for paper in batch if paper.submitted <= now + FUTURE]
            dreamt += len(batch) - len(real)
            held |= {paper.ref: paper for paper in real if holds(paper)}
            others = [paper for paper in real if not holds(paper)]
            progress.add(store_batch(services, others, now=now), len(others))
        if source.shortfall:
            progress.problems.append(f"arXiv counted {source.shortfall} papers more than it gave; the next fetch asks again")
            return False
        return True
    except NewsletterError as error:
        progress.problems.append(str(error))
        progress.unreachable |= isinstance(error, UnreachableError)
        log.warning("fetch not finished", problem=str(error), found=progress.found)
        return False
    finally:
        if dreamt:
            progress.notes.append(f"{dreamt} papers that arXiv dates in the future are left out")
        source.close()


def _note_listing(services: Services, *, now: dt.datetime) -> None:
    with services.database.transaction() as session:
        state.ARXIV_READ_AT.write(session, now, now=now)


def _store_announced(
    services: Services, asked: arxiv.Asked, held: dict[str, Paper], progress: _Progress, *, compared: bool, now: dt.datetime
) -> list[str]:
    """Stores what the feeds name, with what they showed, in one transaction; gives what is remarkable in it.

    The roads are ``compared`` where the query API was read to its end.
    """
    if not asked.survey.shown:
        return list(asked.survey.notes)
    try:
        settled = arxiv.settle(services, asked, held, now=now)
        matched = matched_papers(services, settled.papers)
        with services.database.transaction() as session:
            count = store_matched(services, session, matched, now=now)
            moved = arxiv.remember(session, settled)
    except NewsletterError as error:
        progress.problems.append(f"the announcement is not stored: {error}")
        log.warning("announcement not stored", problem=str(error), named=len(asked.named))
        return []
    progress.add(count, len(settled.papers))
    if not compared:
        return list(asked.survey.notes)
    return [*asked.survey.notes, *arxiv.differences(services, asked, settled, moved=moved, now=now)]
