"""Storing papers with their links and matches, and the samples that stand in before there are any.

It asks no source; samples and real papers never stand together.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from newsletter.daily.fetch_schedule import LONGEST_WAIT
from newsletter.daily.match import MatchedPapers, brought_up_to_date, match_new_papers, match_papers
from newsletter.daily.write_plan import touch_ledger
from newsletter.db import take_numbers
from newsletter.errors import NewsletterError
from newsletter.http.session import UnreachableError
from newsletter.mail.store import ledger
from newsletter.operating import state
from newsletter.papers.sample import SamplePaper, sample_day
from newsletter.papers.store import papers as papers_store
from newsletter.papers.store import venues as venues_store
from newsletter.papers.store.papers import StoreCount
from newsletter.papers.venues.same_paper import Known, Record
from newsletter.subscribers.store import subscribers as subscribers_store
from newsletter.translation.store import translations as translation_store
from newsletter.values.papers import ARXIV, VENUE, Paper

if TYPE_CHECKING:
    from newsletter.bootstrap import Services


@dataclass
class SourceResult:
    """What a fetch brought from its sources so far: ``received`` papers, of which ``found`` were stored or known already.

    ``problems`` is empty when each source was read to its end, ``unreachable`` says that one could not be reached at all;
    ``notes`` are lines for the operator on what was remarkable.
    """

    received: int = 0
    found: int = 0
    stored: StoreCount = field(default_factory=StoreCount)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    unreachable: bool = False

    def add_stored(self, count: StoreCount, *, found: int) -> None:
        self.stored += count
        self.found += found

    def add_problem(self, error: NewsletterError) -> None:
        self.problems.append(str(error))
        self.unreachable |= isinstance(error, UnreachableError)

    def add(self, other: SourceResult) -> None:
        self.received += other.received
        self.add_stored(other.stored, found=other.found)
        self.problems += other.problems
        self.notes += other.notes
        self.unreachable |= other.unreachable


def set_first_announcement(services: Services, day: dt.date, *, now: dt.datetime) -> None:
    """Has this installation begin with the announcement of ``day``: older papers are stored, and new to no reader."""
    with services.database.transaction() as session:
        state.FIRST_ANNOUNCEMENT.write(session, day, now=now)


def store_batch(services: Services, papers: Sequence[Paper], *, now: dt.datetime) -> StoreCount:
    """Matches and stores real papers in one transaction; sample papers go when the first real ones come."""
    matched = match_new_papers(services, papers)
    with services.database.transaction() as session:
        return store_matched(services, session, matched, now=now)


def store_matched(
    services: Services, session: Session, matched: MatchedPapers, *, now: dt.datetime, new_since: dt.date = state.ALWAYS
) -> StoreCount:
    """Stores real papers in the caller's transaction; sample papers go, and readers of them begin anew.

    Papers from before the installation began, or their category was first asked for, or from before the day ``new_since``,
    are new to no reader.
    """
    take_numbers(session, "paper", 0)  # the lock: no sample can come in between, and no saved query is missed
    papers = brought_up_to_date(services, session, matched)
    _remove_samples(session, papers, now=now)
    _adopt_papers_of_venues(session, [paper for paper, _ in papers])
    began = max(state.FIRST_ANNOUNCEMENT.read(session) or state.ALWAYS, new_since)
    categories = state.FIRST_OF_CATEGORY.read(session) or {}
    older = [pair for pair in papers if _is_older(pair[0], began, categories)]
    newer = [pair for pair in papers if not _is_older(pair[0], began, categories)]
    return papers_store.store_papers(session, older, now=now, new_to_readers=False) + papers_store.store_papers(
        session, newer, now=now
    )


def store_listed(services: Services, session: Session, matched: MatchedPapers, *, now: dt.datetime) -> StoreCount:
    """Stores papers that a published list brings, in the caller's transaction: new to no reader, apart from what was announced.

    The caller leaves out those that are stored already, under ``take_numbers(session, "paper", 0)``.
    """
    papers = brought_up_to_date(services, session, matched)
    _remove_samples(session, papers, now=now)
    return papers_store.store_papers(session, papers, now=now, listed=True)


def store_archive(services: Services, session: Session, matched: MatchedPapers, *, now: dt.datetime) -> StoreCount:
    """Stores papers of former days, in the caller's transaction: new to no reader. The caller leaves out those stored already."""
    papers = brought_up_to_date(services, session, matched)
    _remove_samples(session, papers, now=now)
    return papers_store.store_papers(session, papers, now=now, new_to_readers=False)


def store_old_paper(services: Services, paper: Paper, *, now: dt.datetime) -> None:
    """Stores one paper that somebody named, new to no reader; nothing where it is stored already."""
    matched = match_new_papers(services, [paper])
    with services.database.transaction() as session:
        take_numbers(session, "paper", 0)  # the lock: nobody else stores it between the look and the writing
        if papers_store.paper_by_ref(session, paper.ref) is None:
            store_listed(services, session, matched, now=now)


def _adopt_papers_of_venues(session: Session, papers: Sequence[Paper]) -> None:
    """Where a journal had one of these first, the stored paper becomes the server's: one paper, and new to nobody again."""
    of_venues = venues_store.records_of_venues(session)
    if of_venues:
        known = Known(of_venues.items())
        asked = {paper.ref: known.same(as_record(paper)) for paper in papers if paper.source != VENUE}
        sources = {paper.ref: paper.source for paper in papers}
        venues_store.adopt(session, {same: (ref, sources[ref]) for ref, same in asked.items() if same is not None})


def as_record(paper: Paper) -> Record:
    """A paper as it is compared with those of other sources."""
    return Record(paper.title, paper.authors[:1], paper.doi, paper.ref if paper.source == ARXIV else "", paper.submitted.date())


def _remove_samples(session: Session, papers: Sequence[object], *, now: dt.datetime) -> None:
    """Takes away the samples where real ``papers`` come; their readers begin anew."""
    if papers and papers_store.remove_samples(session):
        touch_ledger(session, now=now)
        ledger.forget_digests(session, waits_until=now + LONGEST_WAIT)
        subscribers_store.forget_cursors(session)


def _is_older(paper: Paper, began: dt.date, categories: Mapping[str, dt.date]) -> bool:
    """True for a paper announced before the installation ``began``, or before any of its categories was asked for."""
    first = min((categories[name] for name in paper.categories if name in categories), default=state.ALWAYS)
    return paper.announced_on < max(began, first)


def load_samples(services: Services, *, now: dt.datetime) -> int:
    """Loads the bundled sample day into a store that holds no paper at all; gives how many were loaded."""
    return add_samples(services, sample_day(now.date()), only_first=True, now=now)


def add_samples(services: Services, samples: Sequence[SamplePaper], *, only_first: bool = False, now: dt.datetime) -> int:
    """Stores samples with their translations, ``only_first`` where there is no paper at all yet; gives how many were given.

    Raises PermanentError where real papers are stored, unless ``only_first``: then nothing is done.
    """
    matched = match_papers(services, [sample.paper for sample in samples])
    with services.database.transaction() as session:
        take_numbers(session, "paper", 0)  # the lock: no real paper can come in between
        if only_first and any(papers_store.has_papers(session, sample=kind) for kind in (False, True)):
            return 0
        papers_store.store_papers(session, brought_up_to_date(services, session, matched), now=now)
        stored = papers_store.papers_by_refs(session, [sample.paper.ref for sample in samples])
        translation_store.save(session, _sample_translations(samples, stored), now=now)
    return len(samples)


def _sample_translations(samples: Sequence[SamplePaper], stored: Mapping[str, Paper]) -> list[translation_store.Accepted]:
    """The translations that come with ``samples``, of the papers that are ``stored``, by ref."""
    return [
        translation_store.Accepted(
            paper.id, paper.version, name, language, translation_store.source_hash(_text(paper, name)), text, "sample"
        )
        for sample in samples
        if (paper := stored.get(sample.paper.ref)) is not None
        for language, name, text in sample.translations
    ]


def _text(paper: Paper, name: str) -> str:
    return paper.title if name == "title" else paper.abstract
