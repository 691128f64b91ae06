"""What readers' feedback says of the papers on a shelf, read for whoever plans or foresees digests: all see the same order.

It chooses nothing, and nothing is done for readers who gave none.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter

from sqlalchemy.orm import Session

from newsletter.digests.selection import CandidateSet, new_to
from newsletter.ranking import store
from newsletter.ranking.affinity import Words, affinity
from newsletter.values.affinity import Affinity
from newsletter.values.readers import Reader

# What a reader said long ago says less than what they said since.
MOST_SAID = 200
# So many of the papers that are new to a reader are weighed, the newest: after a pause of weeks the others keep their order.
MOST_WEIGHED = 1000
# The words of so many papers, the last stored, say which words are common: the same for all readers, whoever else is planned for.
CORPUS = 1000


def affinities(session: Session, readers: Sequence[Reader], candidate_set: CandidateSet) -> dict[int, Affinity]:
    """How each of ``readers`` who gave feedback leans towards what is new to them, by reader id; others cost nothing more."""
    said = store.said_by(session, [reader.id for reader in readers], most=MOST_SAID)
    if not said:
        return {}
    new = {reader.id: _newest(reader, candidate_set) for reader in readers if reader.id in said}
    last = store.last_ids(session, upto=candidate_set.covers_to, most=CORPUS)
    weighed = {paper_id for opinions in said.values() for paper_id, _ in opinions}.union(*new.values())
    words = Words.of(store.texts(session, weighed.union(last)), weighed=weighed, common=last)
    return {reader_id: affinity(opinions, new[reader_id], words) for reader_id, opinions in said.items()}


def _newest(reader: Reader, candidate_set: CandidateSet) -> list[int]:
    newest = sorted(new_to(reader, candidate_set), key=attrgetter("number"), reverse=True)
    return [candidate.id for candidate in newest[:MOST_WEIGHED]]
