"""What a reader's digest would hold now: the shelf that they all choose from, the choice, and the form that it is frozen in.

Writes nothing; `plan` says who gets a digest when. It reads with a few queries for all readers together.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from newsletter.collection.store import nodes as collection_store
from newsletter.daily.rank import affinities
from newsletter.digests.selection import (
    COLLECTION,
    REACH,
    CandidateSet,
    index_candidates,
    select_papers,
    select_picks,
    select_updates,
    updates_after,
)
from newsletter.digests.store import candidates, received, replaced
from newsletter.papers.store import papers as papers_store
from newsletter.subscribers.store import saved_queries as saved_query_store
from newsletter.values.readers import Layout, Reader
from newsletter.values.saved_queries import slug_of

if TYPE_CHECKING:
    from newsletter.bootstrap import Services


def build_candidate_set(services: Services, session: Session, readers: Sequence[Reader], *, now: dt.datetime) -> CandidateSet:
    """The papers that may be new to any of ``readers``, read in a few queries."""
    wants_picks = any(COLLECTION in reader.topics for reader in readers)
    # One order of numbers for both: what is at most the highest of it is committed, and seen by the queries below.
    covers_to = max(papers_store.highest_number(session), collection_store.highest_number(session) if wants_picks else 0)
    newest_day = papers_store.newest_day(session)
    newest_after = papers_store.number_before(session, newest_day) if newest_day is not None else 0
    oldest = papers_store.number_before(session, now.date() - REACH)
    # Whom no digest has covered yet gets the newest announcement day, however long ago that was.
    starts = (newest_after if reader.cursor is None else max(oldest, reader.cursor) for reader in readers)
    after = min(starts, default=covers_to)
    told_after = [cursor for reader in readers if (cursor := updates_after(reader)) is not None]
    candidate_set = index_candidates(
        candidates(session, after=after, upto=covers_to),
        order={slug: place for place, slug in enumerate(services.catalogue.by_slug)},
        newest_day=newest_day,
        covers_to=covers_to,
        saved_queries=_saved_query_texts(session, readers),
        replaced=replaced(session, after=max(oldest, min(told_after)), upto=covers_to) if told_after else {},
        picks=collection_store.entries_between(session, after=after, upto=covers_to) if wants_picks else (),
        newest_after=newest_after,
    )
    return replace(candidate_set, affinities=affinities(session, readers, candidate_set))


def _saved_query_texts(session: Session, readers: Sequence[Reader]) -> dict[str, str]:
    """The texts, by slug, of the saved queries that bring papers to any of ``readers``."""
    wanted = {query for reader in readers for query in reader.queries}
    return {slug: text for query_id, text in saved_query_store.texts(session).items() if (slug := slug_of(query_id)) in wanted}


def chosen_for(reader: Reader, candidate_set: CandidateSet, *, held: Collection[int] = ()) -> list[tuple[int, str]]:
    """The (paper id, topic) pairs of a digest: what is new to the reader, then new versions of what they ``held``."""
    return [*select_papers(reader, candidate_set).papers, *select_updates(reader, candidate_set, held)]


def contents_of(reader: Reader, candidate_set: CandidateSet, *, held: Collection[int] = ()) -> dict[str, object]:
    """What a digest of ``reader`` is frozen as; ``held`` are the papers replaced since that earlier digests held."""
    selection = select_papers(reader, candidate_set)
    papers = [list(pair) for pair in chosen_for(reader, candidate_set, held=held)]
    contents: dict[str, object] = {"papers": papers, "more": selection.more, "topics": list(reader.topics)}
    # The texts are frozen with the rest: the reader may have changed their queries before the mail is read.
    if texts := {query: candidate_set.saved_queries[query] for query in reader.queries if query in candidate_set.saved_queries}:
        contents["own"] = texts
    if reader.layout is not Layout.STANDARD:
        contents["layout"] = reader.layout.value
    picked, more_picked = select_picks(reader, candidate_set)
    if picked:
        contents["picked"] = list(picked)
    if more_picked:
        contents["more_picked"] = more_picked
    if explanations := [[paper_id, one.word, one.count] for paper_id, one in selection.explanations.items()]:
        contents["because"] = explanations
    return contents


def expected_papers(
    services: Services, session: Session, readers: Sequence[Reader], *, now: dt.datetime
) -> Counter[tuple[int, str]]:
    """How many of ``readers`` would get each (paper id, language) if digests were planned now."""
    expected: Counter[tuple[int, str]] = Counter()
    candidate_set = build_candidate_set(services, session, readers, now=now)
    held = received(session, [reader.id for reader in readers if reader.updates], candidate_set.replaced)
    for reader in readers:
        chosen = chosen_for(reader, candidate_set, held=held.get(reader.id, ()))
        expected.update((paper_id, reader.language) for paper_id, _ in chosen)
    return expected
