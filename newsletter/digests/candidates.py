"""The papers that may stand in digests, indexed once for all readers: by topic, the best first. Pure."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from newsletter.values.affinity import Affinity
from newsletter.values.readers import Selection


@dataclass(frozen=True, slots=True)
class Candidate:
    """A paper that may stand in a digest: its place in the order of storing and its score by topic."""

    id: int
    number: int
    announced_on: dt.date
    scores: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Place:
    """A candidate under one of its topics; ``better`` has a bit for each topic that fits it better, at its place in the order."""

    candidate: Candidate
    better: int
    pair: tuple[int, str]


@dataclass(frozen=True, slots=True)
class CandidateSet:
    """All candidates by topic, the best first; a saved query (``q:ID``) stands among the topics,
    and ``saved_queries`` has its text by slug.

    ``replaced`` has the place of each paper's newest replacement in the order of storing, by paper id. ``picks`` are the
    (number, id) of the collection's entries, newest first, in the same order of storing; ``newest_after`` is the number before
    the newest announcement day. ``by_id`` has all candidates by paper id, ``affinities`` those of readers of whom something was
    learned, by reader id.

    ``order`` is the place of a topic in the catalogue; of two topics with the same score the later one is the narrower
    (children follow their parent), and wins. All numbers above ``after`` up to ``covers_to`` were looked at. ``selections`` and
    ``fresh`` remember what was worked out for readers with the same choices, and for those with the same cursor.
    """

    by_topic: Mapping[str, Sequence[Candidate]]
    order: Mapping[str, int]
    newest_day: dt.date | None
    covers_to: int
    saved_queries: Mapping[str, str] = field(default_factory=dict)
    replaced: Mapping[int, int] = field(default_factory=dict)
    picks: Sequence[tuple[int, int]] = ()
    newest_after: int = 0
    by_id: Mapping[int, Candidate] = field(default_factory=dict)
    after: int = 0
    affinities: Mapping[int, Affinity] = field(default_factory=dict)
    selections: dict[tuple[object, ...], Selection] = field(default_factory=dict, repr=False)
    fresh: dict[int | None, Mapping[str, Sequence[Place]]] = field(default_factory=dict, repr=False)


def index_candidates(
    candidates: Iterable[Candidate],
    *,
    order: Mapping[str, int],
    newest_day: dt.date | None,
    covers_to: int,
    saved_queries: Mapping[str, str] | None = None,
    replaced: Mapping[int, int] | None = None,
    picks: Sequence[tuple[int, int]] = (),
    newest_after: int = 0,
    after: int = 0,
) -> CandidateSet:
    """Sorts candidates under their topics; topics that the catalogue does not know any more are left out."""
    saved_queries = saved_queries or {}
    by_topic: dict[str, list[Candidate]] = defaultdict(list)
    by_id: dict[int, Candidate] = {}
    for candidate in candidates:
        by_id[candidate.id] = candidate
        for topic in candidate.scores:
            if topic in order or topic in saved_queries:
                by_topic[topic].append(candidate)
    for topic, group in by_topic.items():
        group.sort(key=lambda candidate: (-candidate.scores[topic], -candidate.number))
    return CandidateSet(
        by_topic, order, newest_day, covers_to, saved_queries, replaced or {}, tuple(picks), newest_after, by_id, after
    )
