"""The day's story up to the reader: fetch, enrich, match, store; translate. ``planning`` and ``sending`` go on from there.

Everything here is done once for a paper, however many subscribers there are. Every step may run at any time, twice at once,
and after any crash; what is done stays done.
"""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

import structlog
from sqlalchemy.orm import Session

from newsletter.db import take_numbers
from newsletter.digests.selection import select
from newsletter.errors import NewsletterError
from newsletter.languages import SOURCE_LANGUAGE
from newsletter.mail import store as mail_store
from newsletter.operating import switches
from newsletter.papers import store as papers_store
from newsletter.papers.links import links_in
from newsletter.papers.sample import sample_day
from newsletter.planning import REACH, WELCOME_PRIORITY, build_shelf
from newsletter.subscribers import store as subscribers_store
from newsletter.translation import store as translation_store
from newsletter.values import Match, Paper

if TYPE_CHECKING:
    from newsletter.bootstrap import Services

log = structlog.get_logger(__name__)

# Moderation holds papers for days, and the API trails the listing: a shorter look back loses some.
LOOK_BACK = dt.timedelta(days=14)
STORE_BATCH = 500
SAVE_BATCH = 40
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class FetchReport:
    """``problem`` is empty when the source answered to the end; ``samples`` counts sample papers loaded in its stead."""

    since: dt.date
    until: dt.date
    found: int
    new: int
    updated: int
    problem: str = ""
    samples: int = 0


@dataclass(frozen=True, slots=True)
class TranslateReport:
    """``needed`` texts lacked a translation, ``accepted`` were saved; ``characters`` is the length of the needed ones."""

    needed: int
    accepted: int
    characters: int


# ---------------------------------------------------------------- fetch, enrich, match


def fetch(
    services: Services, *, now: dt.datetime, since: dt.date | None = None, until: dt.date | None = None, attempts: int = 5
) -> FetchReport:
    """Fetches the categories of the catalogue and stores what is new, each paper with its links and matches at once.

    What came before a failure is kept. Where nothing was ever stored and arXiv is out of reach, the sample day is loaded.
    """
    until = until or now.date()
    since = since or until - LOOK_BACK
    started = time.monotonic()
    rematch(services, now=now)
    came = found = new = updated = 0
    source = services.source(attempts=attempts)
    problem = ""
    try:
        for batch in _batches(source.fetch(services.catalogue.categories, since, until), STORE_BATCH):
            came += len(batch)
            count = store_batch(services, batch, now=now)
            found, new, updated = found + len(batch), new + count.new, updated + count.updated
        if source.shortfall:
            problem = f"arXiv counted {source.shortfall} papers more than it gave; the next fetch asks again"
    except NewsletterError as error:
        problem = str(error)
        log.warning("fetch not finished", problem=problem, found=found)
    finally:
        source.close()
    samples = load_samples(services, now=now) if problem and not came else 0
    ended = now + dt.timedelta(seconds=time.monotonic() - started)
    record = papers_store.FetchRecord("arxiv", now, ended, since, until, found, new, updated, problem)
    with services.database.transaction() as session:
        papers_store.record_fetch(session, record)
    log.info("fetched", found=found, new=new, updated=updated, samples=samples)
    return FetchReport(since, until, found, new, updated, problem, samples)


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


def store_batch(services: Services, papers: Sequence[Paper], *, now: dt.datetime) -> papers_store.StoreCount:
    """Enriches, matches and stores real papers in one transaction; sample papers go when the first real ones come."""
    enriched = [replace(paper, links=links_in(paper.comment, paper.abstract)) for paper in papers]
    matched = [(paper, services.matcher.match(paper)) for paper in enriched]
    with services.database.transaction() as session:
        take_numbers(session, "paper", 0)  # the lock: no sample can come in between
        if matched and papers_store.remove_samples(session):
            mail_store.forget_digests(session)
            subscribers_store.forget_cursors(session)
        return papers_store.store_papers(session, matched, now=now)


def load_samples(services: Services, *, now: dt.datetime) -> int:
    """Loads the bundled sample day into a store that holds no paper at all; gives how many were loaded."""
    samples = sample_day(now.date())
    matched = [(sample.paper, services.matcher.match(sample.paper)) for sample in samples]
    with services.database.transaction() as session:
        take_numbers(session, "paper", 0)  # the lock: no real paper can come in between
        if papers_store.has_papers(session, sample=False) or papers_store.has_papers(session, sample=True):
            return 0
        papers_store.store_papers(session, matched, now=now)
        stored = {sample.paper.ref: papers_store.paper_by_ref(session, sample.paper.ref) for sample in samples}
        accepted = [
            translation_store.Accepted(
                paper.id, paper.version, field, language, translation_store.source_hash(_text(paper, field)), text, "sample"
            )
            for sample in samples
            if (paper := stored[sample.paper.ref]) is not None
            for language, field, text in sample.translations
        ]
        translation_store.save(session, accepted, now=now)
    return len(samples)


def _text(paper: Paper, field: str) -> str:
    return paper.title if field == "title" else paper.abstract


def rematch(services: Services, *, now: dt.datetime) -> int:
    """Matches the papers of the last month anew where the catalogue has changed since; gives how many."""
    version = services.catalogue.version
    with services.database.reading() as session:
        if switches.value_of(session, "catalogue") == version:
            return 0
        after = papers_store.number_before(session, now.date() - REACH)
        papers = papers_store.papers_after(session, after)
    matches: dict[int, Sequence[Match]] = {paper.id: services.matcher.match(paper) for paper in papers}
    with services.database.transaction() as session:
        take_numbers(session, "paper", 0)  # the lock: a paper stored anew since we read it was matched there, or is gone
        now_there = papers_store.papers_by_ids(session, matches)
        matches = {paper.id: matches[paper.id] for paper in papers if now_there.get(paper.id) == paper}
        papers_store.replace_matches(session, matches)
        switches.set_value(session, "catalogue", version, now=now)
    return len(matches)


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
    expected: Counter[tuple[int, str]] = Counter()
    shelf = build_shelf(services, session, readers, now=now)
    for reader in readers:
        expected.update((paper_id, reader.language) for paper_id, _ in select(reader, shelf).papers)
    return expected
