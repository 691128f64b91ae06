"""What a reader's digest would hold now: the candidates for all readers, the choice for one, and the contents it is frozen as.

Writes nothing; ``daily/plan.py`` decides who gets a digest when. A few queries read what all readers together need.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from newsletter.daily.candidates import read_candidates
from newsletter.daily.rank import affinities
from newsletter.digests import store as digests_store
from newsletter.digests.candidates import CandidateSet
from newsletter.digests.selection import select_papers, select_picks, select_updates
from newsletter.values.readers import Layout, Reader

if TYPE_CHECKING:
    from newsletter.bootstrap import Services


def build_candidate_set(services: Services, session: Session, readers: Sequence[Reader], *, now: dt.datetime) -> CandidateSet:
    """The papers that may be new to any of ``readers``, and how much those favour them of whom something was learned."""
    candidate_set = read_candidates(services, session, readers, now=now)
    return replace(candidate_set, affinities=affinities(services, session, readers, candidate_set))


def select_for(reader: Reader, candidate_set: CandidateSet, *, received: Collection[int] = ()) -> list[tuple[int, str]]:
    """The (paper id, topic) pairs of a digest: what is new to the reader, then new versions of papers they ``received``."""
    return [*select_papers(reader, candidate_set).papers, *select_updates(reader, candidate_set, received)]


def contents_of(reader: Reader, candidate_set: CandidateSet, *, received: Collection[int] = ()) -> dict[str, object]:
    """What a digest of ``reader`` is frozen as; ``received`` are papers of earlier digests that have a new version since."""
    selection = select_papers(reader, candidate_set)
    papers = [list(pair) for pair in (*selection.papers, *select_updates(reader, candidate_set, received))]
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
        "because": [[paper_id, one.word, one.count, one.like] for paper_id, one in selection.explanations.items()],
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
