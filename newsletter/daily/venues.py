"""Papers of journals and venues, by the feeds that VENUE_FEEDS names: a few times a day, what is new is stored.

A paper that is stored already, from arXiv or elsewhere, gets one more link and is new to nobody. A feed that fails is told and
holds up nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import structlog

from newsletter.daily.ingest import SourceResult, as_record, store_matched
from newsletter.daily.match import match_papers, with_vectors
from newsletter.db import take_numbers
from newsletter.errors import NewsletterError
from newsletter.operating import state
from newsletter.operating.state import ReadingProgress
from newsletter.papers.store import papers as papers_store
from newsletter.papers.store import venues as venues_store
from newsletter.papers.venues.feeds import VenuePaper
from newsletter.papers.venues.same_paper import APART, Known
from newsletter.text.paper_links import links_in
from newsletter.text.venue_identifiers import doi_url, venue_ref
from newsletter.values.papers import ARXIV, VENUE, LinkKind, Paper, PaperLink

if TYPE_CHECKING:
    from newsletter.bootstrap import Services
    from newsletter.settings.sections import VenueAddress

log = structlog.get_logger(__name__)

READ_AGAIN = dt.timedelta(hours=6)
# Feeds show weeks; what was there before the first look is new to nobody.
FIRST_LOOK = dt.timedelta(days=1)
SOURCE = "venue feed"


def read(services: Services, *, now: dt.datetime, attempts: int, routine: bool = False) -> SourceResult:
    """Reads the feeds and stores what is new; a ``routine`` one every six hours. Nobody is asked where SOURCES is none."""
    result = SourceResult()
    for feed in services.settings.venue_feeds if services.settings.sources else ():
        with services.database.reading() as session:
            progress = (state.READ_OF_VENUES.read(session) or {}).get(feed.url, ReadingProgress())
        if not (routine and progress.read is not None and now - progress.read < READ_AGAIN):
            _read_feed(services, feed, result, progress, now=now, attempts=attempts)
    return result


def _read_feed(
    services: Services, feed: VenueAddress, result: SourceResult, progress: ReadingProgress, *, now: dt.datetime, attempts: int
) -> None:
    source = services.clients.venue(feed, attempts=attempts)
    try:
        shown = source.fetch()
    except NewsletterError as error:
        # No problem of the fetch: papers come without it, and samples must not.
        result.notes.append(str(error))
        log.warning("venue feed not read", venue=feed.name or source.host, problem=str(error))
        return
    finally:
        source.close()
    _store(services, feed, shown, result, replace(progress, began=progress.began or now.date() - FIRST_LOOK, read=now), now=now)


def _store(
    services: Services,
    feed: VenueAddress,
    shown: Sequence[VenuePaper],
    result: SourceResult,
    progress: ReadingProgress,
    *,
    now: dt.datetime,
) -> None:
    is_first = progress.began == now.date() - FIRST_LOOK
    pages, new = _sorted_out(services, [_as_paper(one, now=now, unseen=is_first) for one in shown], now=now)
    with_links = [replace(one, links=(*one.links, *links_in("", one.abstract))) for one in new]
    matched = match_papers(services, with_vectors(services, with_links, {}))
    with services.database.transaction() as session:
        take_numbers(session, "paper", 0)  # the lock: nobody stores the same paper meanwhile
        there = papers_store.papers_by_refs(session, [one.ref for one in new])
        fresh = replace(matched, papers=tuple(pair for pair in matched.papers if pair[0].ref not in there))
        stored = store_matched(services, session, fresh, now=now, new_since=progress.began or state.ALWAYS)
        linked = venues_store.add_pages(session, pages, source=SOURCE)
        read_of = dict(state.READ_OF_VENUES.read(session) or {})
        state.READ_OF_VENUES.write(session, read_of | {feed.url: progress}, now=now)
    result.received += len(shown)
    result.add_stored(stored, found=len(new) + len(pages))
    log.info("venue feed read", venue=feed.name or feed.url, shown=len(shown), new=stored.new, linked=linked)


def _sorted_out(services: Services, shown: Sequence[Paper], *, now: dt.datetime) -> tuple[dict[int, str], list[Paper]]:
    """The pages of papers that are stored already by id, and the papers that are new here."""
    page_of = {paper.ref: paper.links[0].url for paper in shown}
    with services.database.reading() as session:
        linked = venues_store.linked(session, page_of.values())
        stored = papers_store.papers_by_refs(session, list(page_of))
        unknown = {one.ref: one for one in shown if one.links[0].url not in linked and one.ref not in stored}
        known = Known(venues_store.records(session, since=now.date() - APART)) if unknown else Known(())
    pages = {paper.id: page_of[ref] for ref, paper in stored.items() if page_of[ref] not in linked}
    new: list[Paper] = []
    for paper in unknown.values():
        same = known.same(as_record(paper))
        if same is None:
            new.append(paper)
        else:
            pages.setdefault(same, page_of[paper.ref])
    return pages, new


def _as_paper(one: VenuePaper, *, now: dt.datetime, unseen: bool) -> Paper:
    """What the feed says as a paper of its day, of today where it says none or one to come; of none too new at the first look."""
    today = now.date()
    day = min(one.day or (today - 2 * FIRST_LOOK if unseen else today), today)
    time = dt.datetime.combine(day, dt.time(), dt.UTC)
    page = doi_url(one.doi) if one.doi else one.url
    return Paper(
        ref=one.arxiv or venue_ref(one.doi, one.url),
        version=1,
        title=one.title,
        abstract=one.abstract,
        authors=one.authors,
        categories=(),
        submitted=time,
        updated=time,
        announced_on=day,
        doi=one.doi,
        journal_ref=one.venue,
        source=ARXIV if one.arxiv else VENUE,
        links=(PaperLink(LinkKind.VENUE, page, SOURCE),),
    )
