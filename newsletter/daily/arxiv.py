"""How papers come from arXiv: the announcement feeds say what is new today and on which day, the query API gives full records and
what was missed. The union of both is stored, each paper once.

The feeds are asked first, so that a paper has its exact day from the moment it can be seen. The API's records of papers
that a feed names are held back, and stored in one transaction with the note of what the feeds showed: after a crash they are
named again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import structlog

from newsletter.daily.ingest import SourceResult, set_first_announcement, store_batch, store_matched
from newsletter.daily.match import match_new_papers
from newsletter.errors import NewsletterError
from newsletter.operating import state
from newsletter.papers import alarms
from newsletter.papers.alarms import LATE
from newsletter.papers.announcements import AnnounceType, Batch, Listed, decide, new_version_of, paper_of, pending
from newsletter.papers.arxiv.feed_polling import Survey, survey
from newsletter.papers.calendar import announced_at, announces_on, batch_opened, last_announcement
from newsletter.papers.sources import Tell, counted, silent
from newsletter.papers.store import feed_batches as feed_batches_store
from newsletter.papers.store import papers as papers_store
from newsletter.values.batches import batches
from newsletter.values.papers import Paper

if TYPE_CHECKING:
    from newsletter.bootstrap import Services

log = structlog.get_logger(__name__)

# Clocks differ; a paper that is dated later than this is a fault of the answer.
FUTURE = dt.timedelta(days=1)
STORE_BATCH = 500
# An installation begins with an announcement that has papers, at most so many before the one that the calendar gives.
MOST_PUT_OFF = 4


@dataclass(frozen=True, slots=True)
class Request:
    """What a fetch asks for: ``window`` are days of submission, inclusive; a ``back_fill`` is of days that somebody named.

    A ``routine`` fetch asks for no more than it takes to miss nothing; each request is tried ``attempts`` times. ``tell`` hears
    what is being done, and how many of how many (0: unknown) parts of it are.
    """

    categories: tuple[str, ...]
    window: tuple[dt.date, dt.date]
    back_fill: bool
    routine: bool
    attempts: int
    tell: Tell = silent


@dataclass(frozen=True, slots=True)
class FeedPoll:
    """What the feeds show now, what they showed before, and the refs of the new papers that they name (no new versions)."""

    survey: Survey
    batches: Mapping[str, Batch]
    named: frozenset[str]


@dataclass(frozen=True, slots=True)
class ApiReading:
    """The papers, by ref, that were held back from storing, and whether the query API was read to its end."""

    held_back: Mapping[str, Paper]
    complete: bool


@dataclass(frozen=True, slots=True)
class Announcement:
    """What feeds and query API come to together: papers in order, the exact days of stored ones by ref, what the feeds showed.

    ``cross_listed`` has the days of cross-listed papers. They are exact only for papers that this fetch (since ``began``) stored:
    an older one may have been announced elsewhere before. ``missing_in_api`` counts new papers that the query API did not give.
    """

    papers: tuple[Paper, ...]
    exact: Mapping[str, dt.date]
    cross_listed: Mapping[str, dt.date]
    began: dt.datetime
    batches: tuple[Batch, ...]
    missing_in_api: int


NO_POLL = FeedPoll(Survey({}, frozenset(), 0), {}, frozenset())


def read(services: Services, request: Request, *, now: dt.datetime) -> SourceResult:
    """Asks the feeds and the query API (in a back fill the API alone), and stores what they bring."""
    result = SourceResult()
    with services.database.reading() as session:
        first = not request.back_fill and not papers_store.has_papers(session, sample=False, listed=False)
    if first:
        until = _read_newest(services, request, result, now=now)
        request = replace(request, window=(request.window[0], until))
    api_failed = bool(result.problems)
    poll = NO_POLL if request.back_fill else _poll_feeds(services, request, now=now)
    result.problems += poll.survey.problems
    result.received += len(poll.named)
    reading = ApiReading({}, complete=False)
    if not api_failed and (not request.routine or _api_is_due(services, poll, now=now)):
        reading = _read_api(services, request, result, hold_back=lambda paper: paper.ref in poll.named, now=now)
    if reading.complete and not request.back_fill:
        with services.database.transaction() as session:
            state.ARXIV_READ_AT.write(session, now, now=now)
    result.notes += _store_announcement(services, poll, reading, result, now=now)
    return result


def _read_newest(services: Services, request: Request, result: SourceResult, *, now: dt.datetime) -> dt.date:
    """The very first request: the newest announcement alone, because somebody may be looking at an empty page.

    What is older comes after it, and no reader is told of it as new: the installation begins with this announcement, or with an
    earlier one where arXiv put it off and it has brought nothing. Gives the last day of submission that is left to be read.
    """
    day = first = last_announcement(now)
    until = request.window[1]
    papers: dict[str, Paper] = {}
    for _ in range(MOST_PUT_OFF + 1):
        opened = min(batch_opened(day), until)
        reading = _read_api(services, replace(request, window=(opened, until)), result, hold_back=lambda _: True, now=now)
        papers |= reading.held_back
        until = opened - dt.timedelta(days=1)
        if any(paper.announced_on >= day for paper in papers.values()):
            first = day
            break
        if not reading.complete:
            break
        day = last_announcement(announced_at(day) - dt.timedelta(hours=1))
    set_first_announcement(services, first, now=now)
    for batch in batches(sorted(papers.values(), key=lambda paper: (paper.submitted, paper.ref)), STORE_BATCH):
        result.add_stored(store_batch(services, batch, now=now), found=len(batch))
    return until


def _poll_feeds(services: Services, request: Request, *, now: dt.datetime) -> FeedPoll:
    """Asks the feeds of the categories that have not brought the newest announcement; nothing where the feeds are off.

    Where all have, a routine fetch asks none and another one asks all again.
    """
    source = services.clients.feeds(attempts=request.attempts)
    if source is None:
        return NO_POLL
    with services.database.reading() as session:
        known = feed_batches_store.batches(session)
    waiting = pending(known, request.categories, now=now)
    if not waiting and not request.routine:
        waiting = list(request.categories)
    try:
        found = survey(source, known, waiting, tell=partial(request.tell, "asking the feeds"))
    finally:
        source.close()
    named = {item.ref for shown in found.shown.values() for item in shown.items if item.brings_a_paper}
    return FeedPoll(found, known, frozenset(named))


def _api_is_due(services: Services, poll: FeedPoll, *, now: dt.datetime) -> bool:
    """Whether a routine fetch asks the query API: after each announcement, and where the feeds are off, late or failing.

    So an ordinary day takes one request for each category, a few polls, and one walk through the API's pages.
    """
    if not services.settings.arxiv_feed_url or poll.survey.turned:
        return True
    with services.database.reading() as session:
        last_read = state.ARXIV_READ_AT.read(session)
    if last_read is None:
        return True
    announced = announced_at(last_announcement(now))
    if last_read >= announced:
        return bool(poll.survey.problems) and now - last_read >= LATE
    return not poll.survey.unchanged or now - announced >= LATE


def _read_api(
    services: Services, request: Request, result: SourceResult, *, hold_back: Callable[[Paper], bool], now: dt.datetime
) -> ApiReading:
    """Stores the API's papers of the request's window, but for those to ``hold_back``; a NewsletterError becomes a problem."""
    source = services.clients.server(attempts=request.attempts)
    held_back: dict[str, Paper] = {}
    in_future = 0
    complete = False
    try:
        papers_there = counted(source, source.fetch(request.categories, *request.window), partial(request.tell, "reading arXiv"))
        for batch in batches(papers_there, STORE_BATCH):
            result.received += len(batch)
            # A paper of next year would stand before all others for a year.
            papers = [paper for paper in batch if paper.submitted <= now + FUTURE]
            in_future += len(batch) - len(papers)
            held_back |= {paper.ref: paper for paper in papers if hold_back(paper)}
            others = [paper for paper in papers if not hold_back(paper)]
            result.add_stored(store_batch(services, others, now=now), found=len(others))
        complete = not source.shortfall
        if source.shortfall:
            result.problems.append(f"arXiv counted {source.shortfall} papers more than it gave; the next fetch asks again")
    except NewsletterError as error:
        result.add_problem(error)
        log.warning("fetch not finished", problem=str(error), found=result.found)
    finally:
        source.close()
    if in_future:
        result.notes.append(f"{in_future} papers that arXiv dates in the future are left out")
    return ApiReading(held_back, complete)


def _store_announcement(
    services: Services, poll: FeedPoll, reading: ApiReading, result: SourceResult, *, now: dt.datetime
) -> list[str]:
    """Stores what the feeds name, with what they showed, in one transaction; gives lines on what is remarkable in it.

    Feeds and query API are compared where the API was read to its end.
    """
    notes = list(poll.survey.notes)
    if not poll.survey.shown:
        return notes
    try:
        announcement = _reconcile(services, poll, reading.held_back, now=now)
        matched = match_new_papers(services, announcement.papers)
        with services.database.transaction() as session:
            count = store_matched(services, session, matched, now=now)
            feed_batches_store.remember(session, announcement.batches)
            moved = feed_batches_store.make_exact(session, announcement.exact)
            moved += feed_batches_store.make_exact(session, announcement.cross_listed, stored_since=announcement.began)
    except NewsletterError as error:
        result.problems.append(f"the announcement is not stored: {error}")
        log.warning("announcement not stored", problem=str(error), named=len(poll.named))
        return []
    result.add_stored(count, found=len(announcement.papers))
    if reading.complete and poll.survey.turned:
        notes.append(_comparison(services, poll, announcement, moved=moved, now=now))
    return notes


def _reconcile(services: Services, poll: FeedPoll, records: Mapping[str, Paper], *, now: dt.datetime) -> Announcement:
    """What the feeds name, joined with the API's ``records`` of it (by ref)."""
    shown = poll.survey.shown
    with services.database.reading() as session:
        known = papers_store.papers_by_refs(session, {item.ref for feed in shown.values() for item in feed.items})
    submitted = {ref: paper.submitted for ref, paper in (known | dict(records)).items()}
    decision = decide(shown, poll.batches, submitted=submitted, now=now)
    unknown = {ref: listed for ref, listed in decision.listed.items() if ref not in known}
    papers = dict(records) | {ref: _on_its_day(listed, records.get(ref)) for ref, listed in unknown.items()}
    newer = [new_version_of(known[ref], item, now=now) for ref, item in decision.replaced.items() if ref in known]
    together = [*papers.values(), *filter(None, newer)]
    together.sort(key=lambda paper: (paper.announced_on, paper.submitted, paper.ref))
    exact, cross_listed = decision.days(AnnounceType.NEW), decision.days(AnnounceType.CROSS)
    return Announcement(tuple(together), exact, cross_listed, now, decision.batches, len(unknown.keys() - records.keys()))


def _on_its_day(listed: Listed, record: Paper | None) -> Paper:
    """The paper with its exact day: the API's ``record`` where there is one, because a feed says less of a paper."""
    return replace(record, announced_on=listed.day, announced_estimated=False) if record else paper_of(listed)


def _comparison(services: Services, poll: FeedPoll, announcement: Announcement, *, moved: int, now: dt.datetime) -> str:
    """How feeds and query API differ on the newest announcement, in a line for the operator; after the papers are stored."""
    newest, only_feeds = last_announcement(now), announcement.missing_in_api
    with services.database.reading() as session:
        only_api = feed_batches_store.count_estimated(session, newest)
    log.info("feeds and query API compared", named=len(poll.named), only_feeds=only_feeds, only_api=only_api, moved=moved)
    if not (only_feeds or only_api or moved):
        return f"the feeds and the query API agree on {newest}"
    named = f"the feeds name {len(poll.named)} papers, {only_feeds} of them unknown to the query API"
    return f"{named}; the API has {only_api} more of {newest}; {moved} estimated days put right"


def announcement_notes(services: Services, *, now: dt.datetime) -> list[str]:
    """A line for a day without announcement, an alarm for one that brings nothing or far less than usual; else none."""
    with services.database.reading() as session:
        missing = alarms.missing(session, now=now, after=dt.timedelta())
        found = [alarm for alarm in (missing, alarms.small(session, now=now)) if alarm]
    for alarm in found:
        log.warning(alarm.kind, words=alarm.words)
    quiet = [] if missing or announces_on(now.date()) else ["arXiv announced nothing today (weekend or holiday)"]
    return quiet + [alarm.words for alarm in found]
