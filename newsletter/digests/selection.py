"""Which papers a reader gets, in which order and under which topic. Pure.

Selecting from candidates that are indexed is cheap, and readers with the same choices share one selection.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Container, Sequence
from operator import attrgetter

from newsletter.digests.candidates import Candidate, CandidateSet, Place, Shelf, bits_of
from newsletter.digests.for_you import FOR_YOU, for_you, is_above_the_bar, top_papers
from newsletter.values.affinity import Affinity, deviation
from newsletter.values.readers import Reader, Selection

# Digests reach back so far: over a downtime of a month and the fortnight before it. Without a limit, one reader whose topics
# bring nothing for months would make each planning read the papers of all these months.
REACH = dt.timedelta(days=46)
# The heading of new versions of papers received (no slug of the catalogue has a colon), and how many of them a digest has at
# most.
UPDATED = ":updated"
MOST_UPDATES = 20
# The topic of the collection's entries, which are picked by hand and are no papers, and how many of them a digest has at most.
COLLECTION = "collection"
MOST_PICKS = 10
# The papers of authors whom a reader follows, which stand together.
FOLLOWED = ":followed"
# What several readers want more of, in the mail of the week, and a reader's own list.
LIKED, TO_READ = ":liked", ":to-read"
# The order of shelves: a number is compared sooner than the shelf that it stands in.
_BY_PLACE = attrgetter("first")
# For readers who gave no feedback.
NO_AFFINITY = Affinity({}, 0.0, {})
# How much feedback counts against the score of a topic, both in standard deviations.
FEEDBACK = 5.0


def select_papers(reader: Reader, candidate_set: CandidateSet) -> Selection:
    """The papers that are new to the reader: each once, under its best topic, a fair share per topic, the best first.

    Of a reader of whom something was learned, the papers that they will like best come before everything else, from all that is
    new in their categories. A saved query comes before the catalogue's topics, and what the reader keeps out stays out wherever
    it was found. What was learned moves the order within a topic, so what there is room for; it takes no topic's share, and of
    a saved query it moves the order only. A reader whom no digest has covered yet (``cursor`` None) gets the newest announcement
    day and what was posted since.
    """
    affinity = candidate_set.affinities.get(reader.id)
    if affinity is not None:
        # Theirs alone, and kept by nobody: a hundred thousand of them would fill the memory.
        return _choose(reader, candidate_set, affinity)
    choices = (reader.topics, reader.queries, reader.excluded, reader.cursor, reader.max_papers)
    found = candidate_set.selections.get(choices)
    if found is None:
        found = candidate_set.selections[choices] = _choose(reader, candidate_set, NO_AFFINITY)
    return found


def updates_after(reader: Reader) -> int | None:
    """The number in the order of storing after which the reader is told of new versions; None for who is told of none."""
    return reader.cursor if reader.updates else None


def select_updates(reader: Reader, candidate_set: CandidateSet, received: Collection[int]) -> tuple[tuple[int, str], ...]:
    """New versions, since the last digest, of papers that the reader ``received`` and asked to be told of; the newest first."""
    after = updates_after(reader)
    if after is None:
        return ()
    places = {paper_id: place for paper_id in received if (place := candidate_set.replaced.get(paper_id, 0)) > after}
    newest = sorted(places, key=places.__getitem__, reverse=True)[:MOST_UPDATES]
    return tuple((paper_id, UPDATED) for paper_id in newest)


def select_picks(reader: Reader, candidate_set: CandidateSet) -> tuple[tuple[int, ...], int]:
    """The ids of the collection's entries that are new to the reader, newest first, and how many more there are of them."""
    if not candidate_set.picks or COLLECTION not in reader.topics:
        return (), 0
    after = candidate_set.newest_after if reader.cursor is None else reader.cursor
    new = [entry for number, entry in candidate_set.picks if number > after]
    return tuple(new[:MOST_PICKS]), max(0, len(new) - MOST_PICKS)


def _queries(reader: Reader, candidate_set: CandidateSet) -> list[str]:
    return [query for query in dict.fromkeys(reader.queries) if query in candidate_set.saved_queries]


def _choose(reader: Reader, candidate_set: CandidateSet, affinity: Affinity) -> Selection:
    if not affinity.scores:
        return _choose_plainly(reader, candidate_set)
    best = for_you(
        reader,
        affinity,
        kept_out=lambda paper_id: _is_kept_out(candidate_set.by_id.get(paper_id), reader),
        covers_to=candidate_set.covers_to,
    )
    groups, placed = _placed(reader, candidate_set, affinity, best)
    more = sum(map(len, groups.values())) - len(placed)
    papers = (*((paper_id, FOR_YOU) for paper_id in best), *(place.pair for place in placed))
    explanations = {paper_id: one for paper_id, _ in papers if (one := affinity.explanations.get(paper_id))}
    found = {topic: len(groups[topic]) for _, topic in papers[len(best) :]}
    if best:
        # What a mail begins with is not told once more on top of it.
        return Selection(papers, more, candidate_set.covers_to, explanations, {FOR_YOU: len(best)} | found)
    return Selection(papers, more, candidate_set.covers_to, explanations, found, _top(placed, affinity))


def _choose_plainly(reader: Reader, candidate_set: CandidateSet) -> Selection:
    """The choice for a reader of whom nothing was learned, as most are: looks at no paper but those that there is room for."""
    own, shelved = _own(reader, candidate_set), _shelved(reader, candidate_set)
    counts = [*map(len, own.values()), *[bits.bit_count() for _, bits in shelved]]
    kept = _fair_share(counts, reader.max_papers)
    placed = [place for group, count in zip(own.values(), kept, strict=False) for place in group[:count]]
    for (shelf, bits), count in zip(shelved, kept[len(own) :], strict=True):
        if count:
            placed += _first(count, bits, shelf, candidate_set.places)
    topics = [*own, *[shelf.topic for shelf, _ in shelved]]
    found = {topic: count for topic, count, any_kept in zip(topics, counts, kept, strict=True) if any_kept}
    papers = tuple([place.pair for place in placed])
    return Selection(papers, sum(counts) - len(papers), candidate_set.covers_to, {}, found, _top(placed, NO_AFFINITY))


def _placed(
    reader: Reader, candidate_set: CandidateSet, affinity: Affinity, best: Sequence[int]
) -> tuple[dict[str, list[Place]], list[Place]]:
    """All that is new to the reader by query and topic but the ``best``, and what of it there is room for, in order."""
    # Under a topic feedback also decides which papers there is room for. A saved query asks for just these papers, so there
    # feedback only orders those that were chosen.
    groups = _ranked(_without(best, _groups(reader, candidate_set)), affinity, but=candidate_set.saved_queries)
    if reader.choosy:
        groups = _above_the_bar(groups, affinity, but=candidate_set.saved_queries)
    kept = _fair_share([len(group) for group in groups.values()], reader.max_papers - len(best))
    shares = {topic: group[:count] for (topic, group), count in zip(groups.items(), kept, strict=True)}
    shown = _ranked(shares, affinity, but=candidate_set.order)
    return groups, [place for group in shown.values() for place in group]


def _top(placed: Sequence[Place], affinity: Affinity) -> tuple[int, ...]:
    return top_papers({place.pair[0]: place.score for place in placed}, affinity, weight=FEEDBACK)


def _is_kept_out(candidate: Candidate | None, reader: Reader) -> bool:
    return candidate is not None and any(query in candidate.scores for query in reader.excluded)


def _without(best: Collection[int], groups: dict[str, list[Place]]) -> dict[str, list[Place]]:
    if not best:
        return groups
    left = {topic: [place for place in group if place.candidate.id not in best] for topic, group in groups.items()}
    return {topic: group for topic, group in left.items() if group}


def _above_the_bar(groups: dict[str, list[Place]], affinity: Affinity, *, but: Container[str]) -> dict[str, list[Place]]:
    """What is much like what the reader likes; the groups of the topics ``but`` stay whole."""
    kept = {
        topic: group if topic in but else [place for place in group if is_above_the_bar(affinity, place.candidate.id)]
        for topic, group in groups.items()
    }
    return {topic: group for topic, group in kept.items() if group}


def _groups(reader: Reader, candidate_set: CandidateSet) -> dict[str, list[Place]]:
    """What is new to the reader by query and topic, the best first; each paper where it stands best, and only there."""
    shelved = _shelved(reader, candidate_set)
    return _own(reader, candidate_set) | {
        shelf.topic: _first(bits.bit_count(), bits, shelf, candidate_set.places) for shelf, bits in shelved
    }


def _shelved(reader: Reader, candidate_set: CandidateSet) -> list[tuple[Shelf, int]]:
    """The shelves of the reader's topics in the order of the catalogue, each with what of it is new to them; none without."""
    known = candidate_set.shelves
    shelves = [known[topic] for topic in known.keys() & reader.topics]
    shelves.sort(key=_BY_PLACE)
    elsewhere = _found_by_queries(reader, candidate_set)
    for shelf in shelves:
        elsewhere |= shelf.yielding
    left = _fresh(reader, candidate_set) & ~elsewhere
    return [(shelf, bits) for shelf in shelves if (bits := (left >> shelf.first) & shelf.bits)]


def _found_by_queries(reader: Reader, candidate_set: CandidateSet) -> int:
    """The places of papers that stand under no topic of this reader, as bits: a saved query brings them, or keeps them out."""
    queries = (*_queries(reader, candidate_set), *reader.excluded)
    # Most readers have none.
    if not queries:
        return 0
    papers = (paper_id for query in queries for paper_id in candidate_set.found_by.get(query, ()))
    numbers = (number for paper_id in papers for number in candidate_set.places_of.get(paper_id, ()))
    return bits_of(numbers, len(candidate_set.places))


def _own(reader: Reader, candidate_set: CandidateSet) -> dict[str, list[Place]]:
    """What is new to the reader by saved query, the best first; those that bring nothing are left out."""
    queries = _queries(reader, candidate_set)
    groups = {
        query: [
            Place(candidate, candidate.scores[query], (candidate.id, query))
            for candidate in candidate_set.by_topic.get(query, ())
            if _is_new(candidate, reader, candidate_set) and _stands_here(candidate, query, queries, reader.excluded)
        ]
        for query in queries
    }
    return {query: group for query, group in groups.items() if group}


def _first(count: int, bits: int, shelf: Shelf, places: Sequence[Place]) -> list[Place]:
    """The first ``count`` of the ``places`` that ``bits`` stand for, at least one."""
    before = shelf.first - 1
    lowest = bits & -bits
    found = [places[before + lowest.bit_length()]]
    while len(found) < count:
        bits ^= lowest
        lowest = bits & -bits
        found.append(places[before + lowest.bit_length()])
    return found


def _ranked(groups: dict[str, list[Place]], affinity: Affinity, *, but: Container[str]) -> dict[str, list[Place]]:
    """The groups in the order of score and affinity together; those of the topics ``but`` stay as they are."""
    if not affinity.scores:
        return groups
    return {topic: group if topic in but else _in_order(group, topic, affinity) for topic, group in groups.items()}


def _in_order(group: Sequence[Place], topic: str, affinity: Affinity) -> list[Place]:
    spread = deviation([place.candidate.scores[topic] for place in group])

    def worth(place: Place) -> float:
        score = place.candidate.scores[topic] / spread if spread > 0 else 0.0
        return score + FEEDBACK * affinity.trust * affinity.scores.get(place.candidate.id, affinity.floor)

    return sorted(group, key=worth, reverse=True)


def _fresh(reader: Reader, candidate_set: CandidateSet) -> int:
    """What is new to all readers with this reader's cursor: the places as bits."""
    found = candidate_set.fresh.get(reader.cursor)
    if found is None:
        places = candidate_set.places
        new = (number for number, place in enumerate(places) if _is_new(place.candidate, reader, candidate_set))
        found = candidate_set.fresh[reader.cursor] = bits_of(new, len(places))
    return found


def _stands_here(candidate: Candidate, query: str, queries: Sequence[str], excluded: Collection[str]) -> bool:
    """Whether the paper is shown under ``query``: no excluding query found it, and no other saved query fits it better."""
    if any(one in candidate.scores for one in excluded):
        return False
    mine = [one for one in queries if one in candidate.scores]
    return query == max(mine, key=candidate.scores.__getitem__)


def _is_new(candidate: Candidate, reader: Reader, candidate_set: CandidateSet) -> bool:
    # Whom no digest has covered yet is not sent the whole archive: the newest day is a fair beginning.
    if reader.cursor is None:
        return candidate_set.newest_day is not None and candidate.announced_on >= candidate_set.newest_day
    return candidate.number > reader.cursor


def _fair_share(counts: Sequence[int], most: int) -> list[int]:
    """How many papers each group keeps of so many: one each in turn until ``most`` are given out."""
    if sum(counts) <= most:
        return list(counts)
    left, groups = most, len(counts)
    # The groups that are given all they have, the smallest first; the others share what is left.
    for count in sorted(counts):
        if count * groups >= left:
            break
        left, groups = left - count, groups - 1
    share, over = divmod(left, groups)
    kept = [count if count < share else share for count in counts] if share else [0] * len(counts)
    for place in [place for place, count in enumerate(counts) if count > share][:over]:
        kept[place] += 1
    return kept
