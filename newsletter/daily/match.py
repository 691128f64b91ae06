"""Saved queries of subscribers at work: matched with the papers that are there before them, tried before they are kept.

Papers that come later are matched as they are stored (`storing`), so that whatever a planner can see is matched with all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.orm import Session

from newsletter.db import take_numbers
from newsletter.digests.selection import REACH
from newsletter.papers.store import papers as papers_store
from newsletter.papers.taxonomy import known_categories
from newsletter.subscribers.store import saved_queries as saved_query_store
from newsletter.topics.saved_queries import SavedQueries, categories_in, found_by
from newsletter.values.papers import Paper
from newsletter.values.saved_queries import SavedQuery
from newsletter.values.topics import Match

if TYPE_CHECKING:
    from newsletter.bootstrap import Services

log = structlog.get_logger(__name__)

# A preview says what a query would have brought in so long.
TRIED = dt.timedelta(days=14)
# A trial shows so many of its papers, fewer where many queries are tried at once, none where more than sixty are.
SHOWN, SHOWN_TOGETHER = 5, 60
# A query that brings more than this share of all papers, of so many at least, is not about a topic.
TOO_WIDE, WIDE_FROM = 0.25, 200


@dataclass(frozen=True, slots=True)
class Trial:
    """What ``query`` would have brought: how many ``of`` how many papers of two weeks, and the newest of them."""

    query: SavedQuery
    count: int
    of: int
    newest: tuple[Paper, ...]

    @property
    def too_wide(self) -> bool:
        return self.of >= WIDE_FROM and self.count > TOO_WIDE * self.of


def match_new(services: Services, *, now: dt.datetime) -> int:
    """Matches queries that are new here with the papers of the last month; gives how many queries. Cheap where none is."""
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
        there = papers_store.papers_after(session, after)
        found |= {paper.id: queries.match(paper) for paper in there if read.get(paper.id) != paper}
        ids = {paper.id for paper in there}
        saved_query_store.add_matches(
            session, {paper_id: _rows(matches) for paper_id, matches in found.items() if paper_id in ids}
        )
        saved_query_store.note_matched(session, texts.keys() & saved_query_store.texts(session).keys())
    log.info("saved queries matched", queries=len(texts), papers=len(papers))
    return len(texts)


def _rows(matches: Sequence[Match]) -> list[tuple[str, float, str]]:
    return [(match.topic, match.score, match.reason) for match in matches]


def in_use(services: Services) -> SavedQueries:
    """All saved queries, ready to be matched."""
    with services.database.reading() as session:
        texts = saved_query_store.texts(session)
    return services.prepared.of(texts)


def categories(services: Services) -> tuple[str, ...]:
    """The arXiv categories that papers are fetched from: the catalogue's, then those of readers' saved queries."""
    with services.database.reading() as session:
        texts = saved_query_store.texts_of_readers(session)
    asked = known_categories(category for text in texts for category in categories_in(text))
    return (*services.catalogue.categories, *sorted(asked.difference(services.catalogue.categories)))


def added_since(services: Services, session: Session, known: SavedQueries) -> SavedQueries:
    """The saved queries that are not among those ``known``; under the lock of papers none can be missed."""
    texts: Mapping[int, str] = saved_query_store.texts(session)
    return services.prepared.of({query_id: text for query_id, text in texts.items() if query_id not in known.ids})


def try_out(session: Session, queries: Sequence[SavedQuery], *, now: dt.datetime) -> list[Trial]:
    """What each of ``queries`` would have found among the papers announced in the last two weeks."""
    since = now.date() - TRIED
    papers = [paper for paper in papers_store.papers_since(session, since) if not paper.withdrawn] if queries else []
    papers.sort(key=lambda paper: -paper.number)
    found = found_by(queries, papers)
    shown = min(SHOWN, SHOWN_TOGETHER // max(1, len(queries)))
    return [Trial(query, len(some), len(papers), tuple(some[:shown])) for query, some in zip(queries, found, strict=True)]
