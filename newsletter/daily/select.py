"""What a reader's digest would hold now: the candidates for all readers, the choice for one, and the contents it is frozen as.

Writes nothing; ``daily/plan.py`` decides who gets a digest when. A few queries read what all readers together need.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from newsletter.collection.store import nodes as collection_store
from newsletter.digests import store as digests_store
from newsletter.digests.selection import (
    COLLECTION,
    REACH,
    CandidateSet,
    index_candidates,
    new_to,
    select_papers,
    select_picks,
    select_updates,
    updates_after,
)
from newsletter.papers.store import papers as papers_store
from newsletter.ranking import store as feedback_store
from newsletter.ranking.affinity import WordVectors, affinity
from newsletter.ranking.examples import Example
from newsletter.ranking.opinions import Say
from newsletter.subscribers.store import saved_queries as saved_query_store
from newsletter.values.affinity import Affinity
from newsletter.values.readers import Layout, Reader
from newsletter.values.saved_queries import slug_of

if TYPE_CHECKING:
    from newsletter.bootstrap import Services

# Of each reader's feedback only the newest counts: what they said long ago says less than what they said since.
MOST_OPINIONS = 200
# Of the papers that are new to a reader only the newest are ranked by feedback: after a long pause the others keep their order.
MOST_RANKED = 1000
# Which words are common is counted in the papers stored last: the same for all readers, whoever else a digest is planned for.
CORPUS_SIZE = 1000


def build_candidate_set(services: Services, session: Session, readers: Sequence[Reader], *, now: dt.datetime) -> CandidateSet:
    """The papers that may be new to any of ``readers``, read in a few queries."""
    wants_picks = any(COLLECTION in reader.topics for reader in readers)
    # Papers and entries of the collection are numbered in one order. All up to the highest number is committed, so that the
    # queries below see it.
    covers_to = max(papers_store.highest_number(session), collection_store.highest_number(session) if wants_picks else 0)
    newest_day = papers_store.newest_day(session)
    newest_after = papers_store.number_before(session, newest_day) if newest_day is not None else 0
    oldest = papers_store.number_before(session, now.date() - REACH)
    # A reader whom no digest has covered yet gets the newest announcement day, however long ago that was.
    starts = (newest_after if reader.cursor is None else max(oldest, reader.cursor) for reader in readers)
    after = min(starts, default=covers_to)
    candidate_set = index_candidates(
        digests_store.candidates(session, after=after, upto=covers_to),
        order={slug: place for place, slug in enumerate(services.catalogue.by_slug)},
        newest_day=newest_day,
        covers_to=covers_to,
        saved_queries=_saved_query_texts(session, readers),
        replaced=_replaced_papers(session, readers, oldest=oldest, upto=covers_to),
        picks=collection_store.entries_between(session, after=after, upto=covers_to) if wants_picks else (),
        newest_after=newest_after,
    )
    return replace(candidate_set, affinities=_affinities(session, readers, candidate_set))


def _replaced_papers(session: Session, readers: Sequence[Reader], *, oldest: int, upto: int) -> dict[int, int]:
    """The papers with a new version that any of ``readers`` may be told of, as in `CandidateSet`."""
    cursors = [cursor for reader in readers if (cursor := updates_after(reader)) is not None]
    return digests_store.replaced(session, after=max(oldest, min(cursors)), upto=upto) if cursors else {}


def _saved_query_texts(session: Session, readers: Sequence[Reader]) -> dict[str, str]:
    """The texts, by slug, of the saved queries that bring papers to any of ``readers``."""
    wanted = {query for reader in readers for query in reader.queries}
    return {slug: text for query_id, text in saved_query_store.texts(session).items() if (slug := slug_of(query_id)) in wanted}


def _affinities(session: Session, readers: Sequence[Reader], candidate_set: CandidateSet) -> dict[int, Affinity]:
    """How much each of ``readers`` who gave feedback favours what is new to them, by reader id; others cost nothing more."""
    ids = [reader.id for reader in readers]
    feedback = feedback_store.opinions_of_readers(session, ids, most=MOST_OPINIONS)
    # An example counts as a paper that the reader wants more of; papers have ids above 0.
    examples = feedback_store.examples_of_readers(session, ids)
    for reader_id, some in examples.items():
        feedback[reader_id] = [*feedback.get(reader_id, ()), *((-number, Say.MORE) for number, _ in some)]
    if not feedback:
        return {}
    new = {reader.id: _newest(reader, candidate_set) for reader in readers if reader.id in feedback}
    last = feedback_store.newest_paper_ids(session, upto=candidate_set.covers_to, most=CORPUS_SIZE)
    words = _words(session, feedback, new, last=last, examples=examples)
    return {reader_id: affinity(opinions, new[reader_id], words) for reader_id, opinions in feedback.items()}


def _words(
    session: Session,
    feedback: Mapping[int, Sequence[tuple[int, Say]]],
    new: Mapping[int, Sequence[int]],
    *,
    last: Sequence[int],
    examples: Mapping[int, Sequence[tuple[int, Example]]],
) -> WordVectors:
    """The words of all papers and examples that readers said something of or that are new to them."""
    weighed = {paper_id for opinions in feedback.values() for paper_id, _ in opinions}.union(*new.values())
    given = [(-number, one.title, one.abstract) for some in examples.values() for number, one in some]
    stored = feedback_store.texts(session, {one for one in weighed.union(last) if one > 0})
    return WordVectors.of(chain(stored, given), weighed=weighed, common=last)


def _newest(reader: Reader, candidate_set: CandidateSet) -> list[int]:
    newest = sorted(new_to(reader, candidate_set), key=attrgetter("number"), reverse=True)
    return [candidate.id for candidate in newest[:MOST_RANKED]]


def select_for(reader: Reader, candidate_set: CandidateSet, *, received: Collection[int] = ()) -> list[tuple[int, str]]:
    """The (paper id, topic) pairs of a digest: what is new to the reader, then new versions of papers they ``received``."""
    return [*select_papers(reader, candidate_set).papers, *select_updates(reader, candidate_set, received)]


def contents_of(reader: Reader, candidate_set: CandidateSet, *, received: Collection[int] = ()) -> dict[str, object]:
    """What a digest of ``reader`` is frozen as; ``received`` are papers of earlier digests that have a new version since."""
    selection = select_papers(reader, candidate_set)
    papers = [list(pair) for pair in select_for(reader, candidate_set, received=received)]
    picked, more_picked = select_picks(reader, candidate_set)
    texts = candidate_set.saved_queries
    optional: dict[str, object] = {
        "found": dict(selection.found),
        "top": list(selection.top),
        # The texts are frozen with the rest: the reader may have changed their queries before the mail is read.
        "own": {query: texts[query] for query in reader.queries if query in texts},
        "layout": reader.layout.value if reader.layout is not Layout.STANDARD else "",
        "picked": list(picked),
        "more_picked": more_picked,
        "because": [[paper_id, one.word, one.count] for paper_id, one in selection.explanations.items()],
    }
    contents: dict[str, object] = {"papers": papers, "more": selection.more, "topics": list(reader.topics)}
    return contents | {name: value for name, value in optional.items() if value}


def expected_papers(
    services: Services, session: Session, readers: Sequence[Reader], *, now: dt.datetime
) -> Counter[tuple[int, str]]:
    """How many of ``readers`` would get each (paper id, language) if digests were planned now."""
    expected: Counter[tuple[int, str]] = Counter()
    candidate_set = build_candidate_set(services, session, readers, now=now)
    earlier = digests_store.received(session, [reader.id for reader in readers if reader.updates], candidate_set.replaced)
    for reader in readers:
        chosen = select_for(reader, candidate_set, received=earlier.get(reader.id, ()))
        expected.update((paper_id, reader.language) for paper_id, _ in chosen)
    return expected
