"""Which papers a reader gets, in which order and under which topic. Pure.

The shelf is built once for a planning; choosing from it is cheap, and readers with the same wishes share one choice.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from newsletter.values import Reader, Selection

# Covers a downtime of a month and what was held before it. A reader whose topics bring nothing for months must not make each
# planning look at all of them.
REACH = dt.timedelta(days=46)
# What new versions of papers received stand under; no slug of the catalogue has a colon. A digest tells of so many at most.
UPDATED = ":updated"
MOST_UPDATES = 20
# The topic of hand-picked entries, which are no papers: newest first, so many in one digest.
COLLECTION = "collection"
MOST_PICKS = 10


@dataclass(frozen=True, slots=True)
class Candidate:
    """A paper that may stand in a digest: its place in the order of storing and its score by topic."""

    id: int
    number: int
    announced_on: dt.date
    scores: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Shelf:
    """All candidates by topic; an own query (``q:ID``) stands among the topics, and ``own`` has its text by slug.

    ``replaced`` has the place of each paper's newest replacement in the order of storing, by paper id. ``picks`` are the
    (number, id) of the collection's entries, newest first, in the same order of storing; ``newest_after`` is the number before
    the newest announcement day.

    ``order`` is the place of a topic in the catalogue; of two topics with the same score the later one is the narrower
    (children follow their parent), and wins. ``covers_to`` is the highest number looked at.
    """

    by_topic: Mapping[str, Sequence[Candidate]]
    order: Mapping[str, int]
    newest_day: dt.date | None
    covers_to: int
    own: Mapping[str, str] = field(default_factory=dict)
    replaced: Mapping[int, int] = field(default_factory=dict)
    picks: Sequence[tuple[int, int]] = ()
    newest_after: int = 0
    chosen: dict[tuple[object, ...], Selection] = field(default_factory=dict, repr=False)


def shelve(
    candidates: Iterable[Candidate],
    *,
    order: Mapping[str, int],
    newest_day: dt.date | None,
    covers_to: int,
    own: Mapping[str, str] | None = None,
    replaced: Mapping[int, int] | None = None,
    picks: Sequence[tuple[int, int]] = (),
    newest_after: int = 0,
) -> Shelf:
    """Sorts candidates under their topics; topics that the catalogue does not know any more are left out."""
    own = own or {}
    by_topic: dict[str, list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        for topic in candidate.scores:
            if topic in order or topic in own:
                by_topic[topic].append(candidate)
    return Shelf(by_topic, order, newest_day, covers_to, own, replaced or {}, tuple(picks), newest_after)


def select_papers(reader: Reader, shelf: Shelf) -> Selection:
    """The papers that are new to the reader: each once, under its best topic, a fair share per topic, the best first.

    An own query comes before the catalogue's topics, and what the reader keeps out stays out wherever it was found.
    A reader whom no digest has covered yet (``cursor`` None) gets the newest announcement day of the shelf and what
    was posted since.
    """
    wishes = (reader.topics, reader.queries, reader.excluded, reader.cursor, reader.max_papers)
    if wishes not in shelf.chosen:
        shelf.chosen[wishes] = _choose(reader, shelf)
    return shelf.chosen[wishes]


def select_updates(reader: Reader, shelf: Shelf, received: Collection[int]) -> tuple[tuple[int, str], ...]:
    """New versions, since the last digest, of papers that the reader ``received`` and asked to be told of; the newest first."""
    if not reader.updates or reader.cursor is None:
        return ()
    places = {paper_id: place for paper_id in received if (place := shelf.replaced.get(paper_id, 0)) > reader.cursor}
    newest = sorted(places, key=places.__getitem__, reverse=True)[:MOST_UPDATES]
    return tuple((paper_id, UPDATED) for paper_id in newest)


def select_picks(reader: Reader, shelf: Shelf) -> tuple[tuple[int, ...], int]:
    """The ids of the collection's entries that are new to the reader, newest first, and how many more there are of them."""
    if not shelf.picks or COLLECTION not in reader.topics:
        return (), 0
    after = shelf.newest_after if reader.cursor is None else reader.cursor
    new = [entry for number, entry in shelf.picks if number > after]
    return tuple(new[:MOST_PICKS]), max(0, len(new) - MOST_PICKS)


def _choose(reader: Reader, shelf: Shelf) -> Selection:
    queries = [query for query in dict.fromkeys(reader.queries) if query in shelf.own]
    topics = queries + sorted({topic for topic in reader.topics if topic in shelf.order}, key=shelf.order.__getitem__)
    found = {candidate.id: candidate for topic in topics for candidate in shelf.by_topic.get(topic, ())}
    groups: dict[str, list[Candidate]] = {topic: [] for topic in topics}
    for candidate in found.values():
        if _is_new(candidate, reader, shelf) and not any(query in candidate.scores for query in reader.excluded):
            groups[_best_topic(candidate, topics, shelf)].append(candidate)
    for topic, group in groups.items():
        group.sort(key=lambda candidate: (-candidate.scores[topic], -candidate.number))
    kept = _fair_share(groups, reader.max_papers)
    total = sum(map(len, groups.values()))
    papers = tuple((candidate.id, topic) for topic in topics for candidate in groups[topic][: kept[topic]])
    return Selection(papers, total - len(papers), shelf.covers_to)


def _is_new(candidate: Candidate, reader: Reader, shelf: Shelf) -> bool:
    if reader.cursor is None:
        return shelf.newest_day is not None and candidate.announced_on >= shelf.newest_day
    return candidate.number > reader.cursor


def _best_topic(candidate: Candidate, topics: Sequence[str], shelf: Shelf) -> str:
    mine = [topic for topic in topics if topic in candidate.scores]
    return max(mine, key=lambda topic: (topic in shelf.own, candidate.scores[topic], shelf.order.get(topic, 0)))


def _fair_share(groups: Mapping[str, Sequence[Candidate]], most: int) -> dict[str, int]:
    """How many papers each group keeps: one each in turn until ``most`` are given out."""
    kept = dict.fromkeys(groups, 0)
    left = most
    while left:
        hungry = [topic for topic, group in groups.items() if kept[topic] < len(group)][:left]
        if not hungry:
            break
        for topic in hungry:
            kept[topic] += 1
        left -= len(hungry)
    return kept
