"""The papers that may be new to readers, under topics and queries: read in a few queries, for selection and ranking."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from newsletter.collection.store import nodes as collection_store
from newsletter.digests import store as digests_store
from newsletter.digests.candidates import CandidateSet, index_candidates
from newsletter.digests.selection import COLLECTION, REACH, updates_after
from newsletter.papers.store import papers as papers_store
from newsletter.subscribers.store import saved_queries as saved_query_store
from newsletter.topics.categories import category_topics
from newsletter.values.readers import Reader
from newsletter.values.saved_queries import slug_of

if TYPE_CHECKING:
    from newsletter.bootstrap import Services


def read_candidates(services: Services, session: Session, readers: Sequence[Reader], *, now: dt.datetime) -> CandidateSet:
    """The papers that may be new to any of ``readers``; nothing yet of what they like."""
    wanted = set[str]().union(*[reader.topics for reader in readers])
    wants_picks = COLLECTION in wanted
    # Papers and entries of the collection are numbered in one order. All up to the highest number is committed, so that the
    # queries below see it.
    covers_to = max(papers_store.highest_number(session), collection_store.highest_number(session) if wants_picks else 0)
    newest_day = papers_store.newest_day(session)
    newest_after = papers_store.number_before(session, newest_day) if newest_day is not None else 0
    oldest = papers_store.number_before(session, now.date() - REACH)
    # A reader whom no digest has covered yet gets the newest announcement day, however long ago that was.
    starts = (newest_after if reader.cursor is None else max(oldest, reader.cursor) for reader in readers)
    after = min(starts, default=covers_to)
    return index_candidates(
        # Each paper is under some categories, and most of them nobody here asks for.
        digests_store.candidates(session, after=after, upto=covers_to, but=category_topics().keys() - wanted),
        order={slug: place for place, slug in enumerate(services.topics)},
        newest_day=newest_day,
        covers_to=covers_to,
        saved_queries=_saved_query_texts(session, readers),
        replaced=_replaced_papers(session, readers, oldest=oldest, upto=covers_to),
        picks=collection_store.entries_between(session, after=after, upto=covers_to) if wants_picks else (),
        newest_after=newest_after,
        after=after,
    )


def _replaced_papers(session: Session, readers: Sequence[Reader], *, oldest: int, upto: int) -> dict[int, int]:
    """The papers with a new version that any of ``readers`` may be told of, as in `CandidateSet`."""
    cursors = [cursor for reader in readers if (cursor := updates_after(reader)) is not None]
    return digests_store.replaced(session, after=max(oldest, min(cursors)), upto=upto) if cursors else {}


def _saved_query_texts(session: Session, readers: Sequence[Reader]) -> dict[str, str]:
    """The texts, by slug, of the saved queries that bring papers to any of ``readers``."""
    wanted = {query for reader in readers for query in reader.queries}
    return {slug: text for query_id, text in saved_query_store.texts(session).items() if (slug := slug_of(query_id)) in wanted}
