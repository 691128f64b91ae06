"""The day's story up to the reader: fetch, enrich, match, store; translate. ``planning`` and ``sending`` go on from there.

Everything here is done once for a paper, however many subscribers there are. Every step may run at any time, twice at once,
and after any crash; what is done stays done.
"""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import structlog
from sqlalchemy.orm import Session

from newsletter import gathering, postings
from newsletter.digests.store import received
from newsletter.errors import NewsletterError
from newsletter.languages import SOURCE_LANGUAGE
from newsletter.mail import store as mail_store
from newsletter.operating import switches
from newsletter.papers import store as papers_store
from newsletter.papers.calendar import batch_opened, last_announcement
from newsletter.papers.codelinks import MOST_CALLS, WINDOW_SECONDS, CodeLinks
from newsletter.papers.lookups import store as lookups_store
from newsletter.planning import WELCOME_PRIORITY, build_shelf, chosen_for
from newsletter.storing import begin, load_samples, matched_papers, rematch, store_batch, store_matched
from newsletter.subscribers import store as subscribers_store
from newsletter.translation import store as translation_store
from newsletter.values import ARXIV, Paper, Reader

if TYPE_CHECKING:
    from newsletter.bootstrap import Services

log = structlog.get_logger(__name__)

# Moderation holds papers for days, and the API trails the listing: a shorter look back loses some.
LOOK_BACK = dt.timedelta(days=14)
STORE_BATCH = 500
SAVE_BATCH = 40
# So long at most a fetch looks for code links.
ENRICH_SECONDS = 20.0
Item = TypeVar("Item")


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


@dataclass(frozen=True, slots=True)
class TranslateReport:
    """``needed`` texts lacked a translation, ``accepted`` were saved; ``characters`` is the length of the needed ones."""

    needed: int
    accepted: int
    characters: int


# ---------------------------------------------------------------- fetch, enrich, match


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
        for batch in _batches(source.fetch(services.catalogue.categories, *window), STORE_BATCH):
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


def _batches(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Batches of ``items``; what came before an error still comes, then the error."""
    batch: list[Item] = []
    try:
        for item in items:
            batch.append(item)
            if len(batch) == size:
                yield batch
                batch = []
    except NewsletterError:
        if batch:
            yield batch
        raise
    if batch:
        yield batch


def enrich(services: Services, *, now: dt.datetime) -> int:
    """Looks up code links of the papers that readers will get, and of earlier ones for a week; gives how many links were added.

    It takes 20 seconds at most, and none where the look-ups are off; nothing waits for what it does not find.
    """
    url = services.settings.huggingface_url
    if not url:
        return 0
    with services.database.reading() as session:
        readers = subscribers_store.readers(session, on=now.date())
        wanted: Counter[int] = Counter()
        for (paper_id, _), count in _expected(services, session, readers, now=now).items():
            wanted[paper_id] += count
    window = dt.timedelta(seconds=WINDOW_SECONDS)
    with services.database.transaction() as session:
        claimed = lookups_store.claim(
            session, [paper_id for paper_id, _ in wanted.most_common()], most=MOST_CALLS, window=window, now=now
        )
    if not claimed:
        return 0
    source = CodeLinks(url, services.contact)
    found = source.look_up(claimed, seconds=ENRICH_SECONDS)
    source.close()
    with services.database.transaction() as session:
        lookups_store.release(session, [paper_id for ref, paper_id in claimed.items() if ref not in found.links])
        added = lookups_store.add_links(session, {claimed[ref]: links for ref, links in found.links.items()})
    log.info("enriched", looked_up=len(found.links), links=added)
    return added


# ---------------------------------------------------------------- translate


def translate(services: Services, *, now: dt.datetime, patience: float | None = None, dry_run: bool = False) -> TranslateReport:
    """Translates what confirmed readers' next digests hold, the most widely read papers first; each text once for all.

    ``patience`` is in seconds from now. Accepted results are saved as they come, so that a crash loses a few at most.
    """
    with services.database.reading() as session:
        pairs = expected_readers(services, session, now=now)
        needs = translation_store.needed(session, [pair for pair, _ in pairs.most_common()])
    characters = sum(len(need.text) for need in needs)
    if dry_run:
        return TranslateReport(len(needs), 0, characters)
    deadline = None if patience is None else time.monotonic() + patience
    saved = 0
    for batch in _batches(services.translator.run(needs, deadline=deadline), SAVE_BATCH):
        with services.database.transaction() as session:
            there = papers_store.papers_by_ids(session, {one.paper_id for one in batch})
            saved += translation_store.save(session, [one for one in batch if one.paper_id in there], now=now)
    with services.database.transaction() as session:
        mail_store.bring_forward(session, priority=WELCOME_PRIORITY, now=now)
    log.info("translated", needed=len(needs), accepted=saved)
    return TranslateReport(len(needs), saved, characters)


def expected_readers(services: Services, session: Session, *, now: dt.datetime) -> Counter[tuple[int, str]]:
    """How many readers are expected for each (paper id, language); readers of the original are left out."""
    readers = [reader for reader in subscribers_store.readers(session, on=now.date()) if reader.language != SOURCE_LANGUAGE]
    return _expected(services, session, readers, now=now)


def _expected(services: Services, session: Session, readers: Sequence[Reader], *, now: dt.datetime) -> Counter[tuple[int, str]]:
    expected: Counter[tuple[int, str]] = Counter()
    shelf = build_shelf(services, session, readers, now=now)
    held = received(session, [reader.id for reader in readers if reader.updates], shelf.replaced)
    for reader in readers:
        chosen = chosen_for(reader, shelf, held=held.get(reader.id, ()))
        expected.update((paper_id, reader.language) for paper_id, _ in chosen)
    return expected
