"""Matching papers with the topics of the catalogue and with subscribers' saved queries, and trying queries before they are saved.

Papers are matched as they are stored (``daily/ingest.py``). What is new afterwards is matched here with the papers of the last
weeks: saved queries before the next planning, a changed catalogue at the next fetch.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.orm import Session

from newsletter.db import take_numbers
from newsletter.digests.selection import REACH
from newsletter.operating import state
from newsletter.papers.store import papers as papers_store
from newsletter.papers.store import topic_marks as marks_store
from newsletter.subscribers.store import saved_queries as saved_query_store
from newsletter.text.paper_links import links_in
from newsletter.topics.categories import VERSION, category_matches
from newsletter.topics.saved_queries import SavedQueries, found_by
from newsletter.topics.scoring import THRESHOLD
from newsletter.values.papers import Paper
from newsletter.values.saved_queries import SavedQuery
from newsletter.values.topics import Match

if TYPE_CHECKING:
    from newsletter.bootstrap import Services
    from newsletter.topics.matching import Matcher

log = structlog.get_logger(__name__)

# A trial says what a query would have brought in so long.
TRIED = dt.timedelta(days=14)
# A trial shows so many papers of a query. Where several are tried they share the total, and beyond sixty queries none is shown.
SHOWN, SHOWN_TOGETHER = 5, 60
# A query that brings more than this share of all papers, of so many at least, is not about a topic.
TOO_WIDE, WIDE_FROM = 0.25, 200

PaperMatches = tuple[Paper, Sequence[Match]]


@dataclass(frozen=True, slots=True)
class MatchedPapers:
    """Papers with their matches, as ``matcher`` was in use and ``saved_queries`` were there at the time.

    ``unchanged`` papers were stored already as they are, with their matches, and are not matched again.
    """

    papers: tuple[PaperMatches, ...]
    matcher: Matcher
    saved_queries: SavedQueries
    unchanged: tuple[Paper, ...] = ()


@dataclass(frozen=True, slots=True)
class Trial:
    """What ``query`` would have brought: ``count`` papers ``of`` all of the last two weeks, and the newest of them."""

    query: SavedQuery
    count: int
    of: int
    newest: tuple[Paper, ...]

    @property
    def too_wide(self) -> bool:
        return self.of >= WIDE_FROM and self.count > TOO_WIDE * self.of


def match_new_papers(services: Services, papers: Sequence[Paper]) -> MatchedPapers:
    """Papers as a source gave them: each with the links in its own texts, its vector where one can be had, and its matches.

    A fetch is given the papers of a week again: what is stored as it is goes along unmatched.
    """
    with services.database.reading() as session:
        stored = papers_store.papers_by_refs(session, [paper.ref for paper in papers])
    new, unchanged = _by_change(papers, stored)
    with_links = [replace(paper, links=links_in(paper.comment, paper.abstract)) for paper in new]
    return replace(match_papers(services, with_vectors(services, with_links, stored)), unchanged=tuple(unchanged))


def _by_change(papers: Sequence[Paper], stored: Mapping[str, Paper]) -> tuple[list[Paper], list[Paper]]:
    """Those that are new or change what is ``stored`` of them (by ref), and those that are stored as they are."""
    sorted_out: tuple[list[Paper], list[Paper]] = ([], [])
    for paper in papers:
        sorted_out[not papers_store.differs(paper, stored.get(paper.ref))].append(paper)
    return sorted_out


def with_vectors(services: Services, papers: Sequence[Paper], stored: Mapping[str, Paper]) -> Sequence[Paper]:
    """The papers, each with what the language model makes of its text: what is kept where that is the same, else worked out.

    ``stored`` is what is kept of them, by ref. Without a language model, or with a damaged one, they stay as they are.
    """
    model = services.language_model
    if model is None:
        return papers
    kept = {(one.title, one.abstract): one.vector for one in stored.values() if one.vector}
    return [
        replace(one, vector=kept.get((one.title, one.abstract)) or model.of(f"{one.title}. {one.abstract}")) for one in papers
    ]


def match_papers(services: Services, papers: Sequence[Paper]) -> MatchedPapers:
    """The papers as they are, each with its matches under the catalogue's topics, its categories and all saved queries."""
    with services.database.reading() as session:
        texts = saved_query_store.texts(session)
    queries, matcher = services.prepared.of(texts), services.matcher
    own = services.catalogue.by_slug
    matched = ((paper, [*matcher.match(paper), *category_matches(paper, but=own), *queries.match(paper)]) for paper in papers)
    return MatchedPapers(tuple(matched), matcher, queries)


def brought_up_to_date(services: Services, session: Session, matched: MatchedPapers) -> list[PaperMatches]:
    """The papers with their matches, also of queries saved since; all anew where another catalogue or model is in use since.

    What operators marked counts before what the matcher finds. Where the lock of papers is held, none is missed. Papers that
    were unchanged come last, without matches; what became of them since is matched after all.
    """
    services.own_files.look(session)
    stored = papers_store.papers_by_refs(session, [paper.ref for paper in matched.unchanged])
    changed, unchanged = _by_change(matched.unchanged, stored)
    if services.matcher is not matched.matcher or changed:
        matched = match_papers(services, [*(paper for paper, _ in matched.papers), *changed])
    texts: Mapping[int, str] = saved_query_store.texts(session)
    known = matched.saved_queries.ids
    later = services.prepared.of({query_id: text for query_id, text in texts.items() if query_id not in known})
    marks = marks_store.marks_of(session, [paper.ref for paper, _ in matched.papers])
    topics = services.catalogue.by_slug.keys()
    found = [
        (paper, [*_as_marked(paper.ref, matches, marks.get(paper.ref, {}), topics), *later.match(paper)])
        for paper, matches in matched.papers
    ]
    return [*found, *((paper, ()) for paper in unchanged)]


def _as_marked(ref: str, matches: Sequence[Match], marks: Mapping[str, bool], topics: Collection[str]) -> list[Match]:
    """The matches of a paper less those that operators hold for wrong, and with those of ``topics`` that they missed.

    ``marks`` say by topic whether the paper belongs there. A missed one has just enough points, and no reason but the mark.
    """
    found = {match.topic for match in matches}
    missed = sorted(topic for topic, is_right in marks.items() if is_right and topic in topics and topic not in found)
    return [*(one for one in matches if marks.get(one.topic, True)), *(Match(ref, topic, THRESHOLD, "") for topic in missed)]


def match_new_queries(services: Services, *, now: dt.datetime) -> int:
    """Matches queries saved since the last time with the papers that digests reach back to; gives how many queries.

    Costs one look into the database where there is none.
    """
    with services.database.reading() as session:
        texts = saved_query_store.texts(session, unmatched=True)
        if not texts:
            return 0
        after = papers_store.number_before(session, now.date() - REACH)
        papers = papers_store.papers_after(session, after)
    queries = services.prepared.of(texts)
    found = {paper.id: queries.match(paper) for paper in papers}
    read = {paper.id: paper for paper in papers}
    with services.database.transaction() as session:
        take_numbers(session, "paper", 0)  # the lock: whoever stores papers after it sees these queries and matches them
        stored = papers_store.papers_after(session, after)
        found |= {paper.id: queries.match(paper) for paper in stored if read.get(paper.id) != paper}
        # Papers that are gone since, as the samples when real ones come, have no rows to hang matches on.
        saved_query_store.add_matches(session, {paper.id: _rows(found[paper.id]) for paper in stored})
        saved_query_store.note_matched(session, texts.keys() & saved_query_store.texts(session).keys())
    log.info("saved queries matched", queries=len(texts), papers=len(papers))
    return len(texts)


def _rows(matches: Sequence[Match]) -> list[tuple[str, float, str]]:
    return [(match.topic, match.score, match.reason) for match in matches]


def rematch(services: Services, *, now: dt.datetime) -> int:
    """Matches the papers that digests reach back to anew where catalogue or model have changed since; gives how many."""
    services.own_files.look()
    with services.database.reading() as session:
        if state.MATCHED_CATALOGUE.read(session) == _version(services.matcher):
            return 0
        after = papers_store.number_before(session, now.date() - REACH)
        papers = papers_store.papers_after(session, after)
    matched = match_papers(services, papers)
    with services.database.transaction() as session:
        take_numbers(session, "paper", 0)  # the lock: a paper that was stored anew since was matched there, or is gone
        services.own_files.look(session)
        if services.matcher is not matched.matcher:
            return 0  # another catalogue came into use meanwhile: whoever gave it has everything matched by it
        stored = papers_store.papers_by_ids(session, [paper.id for paper in papers])
        unchanged = replace(matched, papers=tuple(pair for pair in matched.papers if stored.get(pair[0].id) == pair[0]))
        matches = {paper.id: found for paper, found in brought_up_to_date(services, session, unchanged)}
        papers_store.replace_matches(session, matches)
        state.MATCHED_CATALOGUE.write(session, _version(matched.matcher), now=now)
    return len(matches)


def _version(matcher: Matcher) -> str:
    """What stored matches of papers depend on beside the papers."""
    return f"{matcher.version} {VERSION}"


def try_out(session: Session, queries: Sequence[SavedQuery], *, now: dt.datetime) -> list[Trial]:
    """What each of ``queries`` would have found among the papers announced in the last two weeks."""
    since = now.date() - TRIED
    papers = [paper for paper in papers_store.papers_since(session, since) if not paper.withdrawn] if queries else []
    papers.sort(key=lambda paper: -paper.number)
    found = found_by(queries, papers)
    shown = min(SHOWN, SHOWN_TOGETHER // max(1, len(queries)))
    return [Trial(query, len(some), len(papers), tuple(some[:shown])) for query, some in zip(queries, found, strict=True)]
