"""Storing papers with their links and matches, matching them anew, and the samples that stand in before there are any.

It asks no source; samples and real papers never stand together.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from newsletter.daily import match
from newsletter.daily.fetch_schedule import LONGEST_WAIT
from newsletter.db import take_numbers
from newsletter.digests.selection import REACH
from newsletter.mail.store import ledger
from newsletter.operating import state
from newsletter.papers.sample import SamplePaper, sample_day
from newsletter.papers.store import papers as papers_store
from newsletter.subscribers.store import subscribers as subscribers_store
from newsletter.text.paper_links import links_in
from newsletter.topics.saved_queries import SavedQueries
from newsletter.translation.store import translations as translation_store
from newsletter.values.papers import Paper
from newsletter.values.topics import Match

if TYPE_CHECKING:
    from newsletter.bootstrap import Services


def begin(services: Services, day: dt.date, *, now: dt.datetime) -> None:
    """Has this installation begin with the announcement of ``day``: older papers are stored, and new to nobody."""
    with services.database.transaction() as session:
        state.FIRST_ANNOUNCEMENT.write(session, day, now=now)


@dataclass(frozen=True, slots=True)
class Matched:
    """Papers with the links in their own texts, each with its matches under the catalogue's topics and these saved queries."""

    papers: tuple[tuple[Paper, Sequence[Match]], ...]
    own: SavedQueries


def store_batch(services: Services, papers: Sequence[Paper], *, now: dt.datetime) -> papers_store.StoreCount:
    """Enriches, matches and stores real papers in one transaction; sample papers go when the first real ones come."""
    matched = matched_papers(services, papers)
    with services.database.transaction() as session:
        return store_matched(services, session, matched, now=now)


def matched_papers(services: Services, papers: Sequence[Paper]) -> Matched:
    """The papers with the links in their own texts, each with its matches."""
    own = match.in_use(services)
    linked = [replace(paper, links=links_in(paper.comment, paper.abstract)) for paper in papers]
    return Matched(tuple((paper, [*services.matcher.match(paper), *own.match(paper)]) for paper in linked), own)


def store_matched(
    services: Services, session: Session, matched: Matched, *, now: dt.datetime, new_since: dt.date = state.ALWAYS
) -> papers_store.StoreCount:
    """Stores real papers in the caller's transaction; sample papers go, and readers of them begin anew.

    Papers from before the installation began, or their category was first asked for, or from before the day ``new_since``,
    are new to nobody.
    """
    take_numbers(session, "paper", 0)  # the lock: no sample can come in between, and no saved query is missed
    papers = _with_later_queries(services, session, matched.papers, matched.own)
    _make_room(session, papers, now=now)
    began = max(state.FIRST_ANNOUNCEMENT.read(session) or state.ALWAYS, new_since)
    categories = state.FIRST_OF_CATEGORY.read(session) or {}
    older = [pair for pair in papers if _is_older(pair[0], began, categories)]
    newer = [pair for pair in papers if not _is_older(pair[0], began, categories)]
    return papers_store.store_papers(session, older, now=now, new_to_readers=False) + papers_store.store_papers(
        session, newer, now=now
    )


def store_listed(services: Services, session: Session, matched: Matched, *, now: dt.datetime) -> papers_store.StoreCount:
    """Stores papers that a published list brings, in the caller's transaction: new to nobody, and beside what was announced.

    The caller leaves out those that are stored already, under ``take_numbers(session, "paper", 0)``.
    """
    papers = _with_later_queries(services, session, matched.papers, matched.own)
    _make_room(session, papers, now=now)
    return papers_store.store_papers(session, papers, now=now, listed=True)


def store_old_paper(services: Services, paper: Paper, *, now: dt.datetime) -> None:
    """Stores one paper that somebody named, new to nobody; nothing where it is stored already."""
    matched = matched_papers(services, [paper])
    with services.database.transaction() as session:
        take_numbers(session, "paper", 0)  # the lock: nobody stores it between the look and the writing
        if papers_store.paper_by_ref(session, paper.ref) is None:
            store_listed(services, session, matched, now=now)


def _make_room(session: Session, papers: Sequence[object], *, now: dt.datetime) -> None:
    """Takes away the samples where real papers come; their readers begin anew."""
    if papers and papers_store.remove_samples(session):
        ledger.forget_digests(session, waits_until=now + LONGEST_WAIT)
        subscribers_store.forget_cursors(session)


def _is_older(paper: Paper, began: dt.date, categories: Mapping[str, dt.date]) -> bool:
    """True for a paper announced before the installation ``began``, or before any of its categories was asked for."""
    first = min((categories[name] for name in paper.categories if name in categories), default=state.ALWAYS)
    return paper.announced_on < max(began, first)


def _with_later_queries(
    services: Services, session: Session, papers: Sequence[tuple[Paper, Sequence[Match]]], known: SavedQueries
) -> list[tuple[Paper, Sequence[Match]]]:
    """The papers with their matches, also of saved queries that came after they were matched."""
    later = match.added_since(services, session, known)
    return [(paper, [*matches, *later.match(paper)]) for paper, matches in papers]


def load_samples(services: Services, *, now: dt.datetime) -> int:
    """Loads the bundled sample day into a store that holds no paper at all; gives how many were loaded."""
    return add_samples(services, sample_day(now.date()), only_first=True, now=now)


def add_samples(services: Services, samples: Sequence[SamplePaper], *, only_first: bool = False, now: dt.datetime) -> int:
    """Stores samples with their translations, ``only_first`` where there is no paper at all yet; gives how many were given.

    Raises PermanentError where real papers are stored, unless ``only_first``: then nothing is done.
    """
    own = match.in_use(services)
    matched = [(sample.paper, [*services.matcher.match(sample.paper), *own.match(sample.paper)]) for sample in samples]
    with services.database.transaction() as session:
        take_numbers(session, "paper", 0)  # the lock: no real paper can come in between
        if only_first and any(papers_store.has_papers(session, sample=kind) for kind in (False, True)):
            return 0
        papers_store.store_papers(session, _with_later_queries(services, session, matched, own), now=now)
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
        if state.MATCHED_CATALOGUE.read(session) == version:
            return 0
        after = papers_store.number_before(session, now.date() - REACH)
        papers = papers_store.papers_after(session, after)
    own = match.in_use(services)
    matched = [(paper, [*services.matcher.match(paper), *own.match(paper)]) for paper in papers]
    with services.database.transaction() as session:
        take_numbers(session, "paper", 0)  # the lock: a paper stored anew since we read it was matched there, or is gone
        now_there = papers_store.papers_by_ids(session, [paper.id for paper in papers])
        unchanged = [pair for pair in matched if now_there.get(pair[0].id) == pair[0]]
        matches = {paper.id: found for paper, found in _with_later_queries(services, session, unchanged, own)}
        papers_store.replace_matches(session, matches)
        state.MATCHED_CATALOGUE.write(session, version, now=now)
    return len(matches)
