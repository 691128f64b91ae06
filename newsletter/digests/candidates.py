"""The papers that may stand in digests, indexed once for all readers: by topic, the best first. Pure."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

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
    """A candidate under one of its topics, with its score there; ``pair`` is its id and the topic."""

    candidate: Candidate
    score: float
    pair: tuple[int, str]


class Shelf(NamedTuple):
    """A topic's places among those of all topics: from ``first`` on, the best first.

    Sets of places are whole numbers, a bit a place: joining those of a reader's topics is a matter of microseconds. ``bits`` has
    one for each place of the topic, counted from ``first`` on, ``yielding`` those of the same papers under topics that fit them
    less, counted from the beginning.
    """

    first: int
    bits: int
    yielding: int
    topic: str


@dataclass(frozen=True, slots=True)
class CandidateSet:
    """All candidates by topic, the best first; a saved query (``q:ID``) stands among the topics,
    and ``saved_queries`` has its text by slug.

    ``replaced`` has the place of each paper's newest replacement in the order of storing, by paper id. ``picks`` are the
    (number, id) of the collection's entries, newest first, in the same order of storing; ``newest_after`` is the number before
    the newest announcement day. ``by_id`` has all candidates by paper id, ``affinities`` those of readers of whom something was
    learned, by reader id.

    ``order`` is the place of a topic in the catalogue; of two topics with the same score the later one is the narrower
    (children follow their parent), and wins. All numbers above ``after`` up to ``covers_to`` were looked at. ``shelves`` has the
    topics of the catalogue among ``by_topic``, ``places`` what stands on them, shelf by shelf, and ``places_of`` the numbers of
    those of a paper, by its id; ``found_by`` has the papers (ids) that each saved query found, also those that keep papers out.
    ``selections`` and ``fresh`` remember what was worked out for readers with the same choices, and which places are new to those
    with the same cursor.
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
    found_by: Mapping[str, Sequence[int]] = field(default_factory=dict, repr=False)
    places: Sequence[Place] = field(default=(), repr=False)
    places_of: Mapping[int, Sequence[int]] = field(default_factory=dict, repr=False)
    shelves: Mapping[str, Shelf] = field(default_factory=dict, repr=False)
    selections: dict[tuple[object, ...], Selection] = field(default_factory=dict, repr=False)
    fresh: dict[int | None, int] = field(default_factory=dict, repr=False)


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
    found_by: dict[str, list[int]] = defaultdict(list)
    for candidate in candidates:
        by_id[candidate.id] = candidate
        for topic in candidate.scores:
            if topic in order or topic in saved_queries:
                by_topic[topic].append(candidate)
            if topic not in order:
                found_by[topic].append(candidate.id)
    for topic, group in by_topic.items():
        group.sort(key=lambda candidate: (-candidate.scores[topic], -candidate.number))
    places, places_of, shelves = _arranged(by_topic, order)
    return CandidateSet(
        by_topic=by_topic,
        order=order,
        newest_day=newest_day,
        covers_to=covers_to,
        saved_queries=saved_queries,
        replaced=replaced or {},
        picks=tuple(picks),
        newest_after=newest_after,
        by_id=by_id,
        after=after,
        found_by=found_by,
        places=places,
        places_of=places_of,
        shelves=shelves,
    )


def bits_of(numbers: Iterable[int], among: int) -> int:
    """The set of these ``numbers``, each below ``among``, as bits of a whole number."""
    octets = bytearray(among // 8 + 1)
    for number in numbers:
        octets[number >> 3] |= 1 << (number & 7)
    return int.from_bytes(octets, "little")


def _arranged(
    by_topic: Mapping[str, Sequence[Candidate]], order: Mapping[str, int]
) -> tuple[list[Place], dict[int, list[int]], dict[str, Shelf]]:
    """The places, the numbers of those of each paper (by id), and the shelves by topic, in the order of the catalogue."""
    topics = sorted(by_topic.keys() & order.keys(), key=order.__getitem__)
    places = [Place(one, one.scores[topic], (one.id, topic)) for topic in topics for one in by_topic[topic]]
    places_of: dict[int, list[int]] = defaultdict(list)
    for number, place in enumerate(places):
        places_of[place.candidate.id].append(number)
    yielding: dict[str, list[int]] = defaultdict(list)
    for numbers in places_of.values():
        # Of two with the same score the later one stays, which is the narrower topic's.
        ranked = sorted(numbers, key=lambda number: (places[number].score, number))
        for rank, number in enumerate(ranked):
            yielding[places[number].pair[1]] += ranked[:rank]
    shelves, first = {}, 0
    for topic in topics:
        held = len(by_topic[topic])
        shelves[topic] = Shelf(first, (1 << held) - 1, bits_of(yielding[topic], len(places)), topic)
        first += held
    return places, places_of, shelves
