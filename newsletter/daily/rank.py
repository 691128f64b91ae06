"""Learning what readers like, and putting the papers in their order: ahead of planning, which then only reads what is kept.

A reader whose examples, feedback or choices have changed since, or whom a new paper has overtaken, is ranked anew: here for all,
or where somebody needs them now. Nothing of a reader but their own rows comes of it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import structlog
from sqlalchemy.orm import Session

from newsletter.daily.candidates import read_candidates
from newsletter.daily.tastes import corpus_upto, keep_tastes, learn_tastes
from newsletter.digests.candidates import CandidateSet
from newsletter.papers.store import papers as papers_store
from newsletter.ranking.affinity import from_json, rank, to_json
from newsletter.ranking.pool import Pool
from newsletter.ranking.store import learned as learned_store
from newsletter.ranking.store import texts as texts_store
from newsletter.ranking.taste import Taste, from_text, version
from newsletter.subscribers.store import readers as readers_store
from newsletter.values.affinity import Affinity
from newsletter.values.batches import batches
from newsletter.values.readers import Reader

if TYPE_CHECKING:
    from newsletter.bootstrap import Services
    from newsletter.db import Database

log = structlog.get_logger(__name__)

# Of the papers that are new to readers only the newest are ranked: after a long pause the others keep their order.
MOST_RANKED = 2000
# So many readers are ranked, or read, together.
SLICE = 200
# Local dates are at most a day ahead of UTC.
AHEAD = dt.timedelta(days=1)

Flags = npt.NDArray[np.bool_]


def rank_readers(services: Services, *, now: dt.datetime) -> int:
    """Learns and ranks for all readers what has changed since it was last done, in slices; gives for how many readers."""
    with services.database.reading() as session:
        upto = papers_store.highest_number(session)
        asked = learned_store.who_said(session)
        kept = learned_store.ranked_for(session, asked, upto=upto)
        readers = [
            reader
            for reader in readers_store.readers(session, on=now.date() + AHEAD, ids=sorted(asked))
            if kept.get(reader.id) != choices_hash(reader)
        ]
        if not readers:
            return 0
        material = _material(services, session, read_candidates(services, session, readers, now=now), upto=upto)
    for some in batches(readers, SLICE):
        _rank_and_keep(services, some, material, now=now)
    log.info("ranked", readers=len(readers), papers=len(material.pool.texts))
    return len(readers)


def affinities(
    services: Services, session: Session, readers: Sequence[Reader], candidate_set: CandidateSet
) -> Mapping[int, Affinity]:
    """How much each of ``readers`` of whom there is something to learn favours papers, by reader id; others cost nothing more."""
    asked = learned_store.who_said(session) & {reader.id for reader in readers}
    if not asked:
        return {}
    # A paper that is stored meanwhile is left to the next digest, whose cursor will not have passed it.
    upto = papers_store.highest_number(session, upto=candidate_set.covers_to)
    kept = learned_store.ranked_for(session, asked, upto=upto)
    left = [reader for reader in readers if reader.id in asked and kept.get(reader.id) != choices_hash(reader)]
    current = asked.difference(reader.id for reader in left)
    found = _worked_out(session, left, _material(services, session, candidate_set, upto=upto)) if left else {}
    if len(current) <= SLICE:
        return found | {who: from_json(ranked) for who, ranked in learned_store.rankings(session, current).items()}
    return _Affinities(services.database, frozenset(current), found)


def _worked_out(session: Session, readers: Sequence[Reader], material: _Material) -> dict[int, Affinity]:
    """For readers for whom nothing was kept ahead."""
    found: dict[int, Affinity] = {}
    for some in batches(readers, SLICE):
        found |= _rank(session, some, material).affinities
    return found


def choices_hash(reader: Reader) -> str:
    """Changes with the topics and queries by which it is chosen what a reader's papers are ranked among, and with what ranks."""
    return hashlib.sha256(repr((version(), reader.topics, reader.queries)).encode()).hexdigest()[:16]


class _Affinities(Mapping[int, Affinity]):
    """Those of very many readers, read from the database some at a time, in the order of ids in which they are asked for."""

    def __init__(self, database: Database, kept: frozenset[int], found: Mapping[int, Affinity]) -> None:
        self._database, self._kept, self._found = database, kept, found
        self._order = sorted(kept)
        self._read: dict[int, Affinity] = {}

    def __contains__(self, who: object) -> bool:
        return who in self._kept or who in self._found

    def __getitem__(self, who: int) -> Affinity:
        if who in self._found:
            return self._found[who]
        if who not in self._kept:
            raise KeyError(who)
        if who not in self._read:
            at = int(np.searchsorted(self._order, who))
            with self._database.reading() as session:
                rankings = learned_store.rankings(session, self._order[at : at + SLICE])
            # Whoever forgot everything since then is ranked no more.
            self._read = {one: from_json(ranked) for one, ranked in rankings.items()}
            self._read.setdefault(who, Affinity({}, 0.0, {}))
        return self._read[who]

    def __iter__(self) -> Iterator[int]:
        return chain(self._found, self._kept)

    def __len__(self) -> int:
        return len(self._found) + len(self._kept)


@dataclass(frozen=True, slots=True)
class _Material:
    """The papers that may be new to readers, ready to be ranked, in the order of the pool."""

    pool: Pool
    numbers: Mapping[int, int]
    upto: int
    in_categories: Mapping[str, Flags]
    found_by: Mapping[str, Flags]
    newest: Flags
    ordered_numbers: npt.NDArray[np.int64]

    def places(self, reader: Reader) -> tuple[npt.NDArray[np.intp], Flags]:
        """Where the papers stand that are new and in a category of the reader's topics, or found by a topic or query of theirs.

        The second says which of them were found.
        """
        nothing = np.zeros(len(self.newest), bool)
        found_by = (self.found_by[slug] for slug in (*reader.topics, *reader.queries) if slug in self.found_by)
        in_categories = (self.in_categories[slug] for slug in reader.topics if slug in self.in_categories)
        found = np.logical_or.reduce([nothing, *found_by])
        new = self.newest if reader.cursor is None else self.ordered_numbers > reader.cursor
        places = np.flatnonzero(np.logical_or.reduce([found, *in_categories]) & new)
        return places, found[places]


def _material(services: Services, session: Session, candidate_set: CandidateSet, *, upto: int) -> _Material:
    corpus = corpus_upto(session, upto=upto)
    papers = texts_store.pool(session, after=candidate_set.after, upto=upto, most=MOST_RANKED)
    newest = candidate_set.newest_day
    return _Material(
        Pool.of(((one.id, one.title, one.abstract) for one in papers), corpus),
        {one.id: one.number for one in papers},
        upto,
        *_under(services, candidate_set, papers),
        np.array([newest is not None and one.announced_on >= newest for one in papers], bool),
        np.array([one.number for one in papers], np.int64),
    )


def _under(
    services: Services, candidate_set: CandidateSet, papers: Sequence[texts_store.PoolPaper]
) -> tuple[dict[str, Flags], dict[str, Flags]]:
    """Which papers are in a category of each topic, and which were found by each topic or query."""
    of_category: dict[str, list[int]] = defaultdict(list)
    for place, one in enumerate(papers):
        for category in one.categories:
            of_category[category].append(place)
    place_of = {one.id: place for place, one in enumerate(papers)}

    def flags(places: Iterable[int]) -> Flags:
        found = np.zeros(len(papers), bool)
        found[list(places)] = True
        return found

    in_categories = {
        topic.slug: flags(at for name in topic.categories for at in of_category[name]) for topic in services.topics.values()
    }
    found_by = {
        slug: flags(place_of[one.id] for one in group if one.id in place_of) for slug, group in candidate_set.by_topic.items()
    }
    return in_categories, found_by


@dataclass(frozen=True, slots=True)
class _RankedReaders:
    """``learned`` has the tastes that were not kept yet."""

    affinities: Mapping[int, Affinity]
    learned: Mapping[int, Taste] = field(default_factory=dict)


def _rank_and_keep(services: Services, readers: Sequence[Reader], material: _Material, *, now: dt.datetime) -> None:
    ids = [reader.id for reader in readers]
    with services.database.reading() as session:
        before = learned_store.marks(session, ids)
        found = _rank(session, readers, material)
    hashes = {reader.id: choices_hash(reader) for reader in readers}
    with services.database.transaction() as session:
        same = keep_tastes(session, found.learned, before, material.pool.corpus, now=now)
        ranked = {who: (hashes[who], to_json(one)) for who, one in found.affinities.items() if who in same}
        learned_store.keep_rankings(session, ranked, upto=material.upto)


def _rank(session: Session, readers: Sequence[Reader], material: _Material) -> _RankedReaders:
    ids = [reader.id for reader in readers]
    tastes = {who: taste for who, text in learned_store.tastes(session, ids).items() if (taste := from_text(text)) is not None}
    learned = learn_tastes(session, [who for who in ids if who not in tastes], material.pool.corpus)
    tastes |= learned
    titles = texts_store.titles(session, {key for taste in tastes.values() for key in taste.liked})
    found = {
        reader.id: rank(tastes[reader.id], material.pool, *material.places(reader), numbers=material.numbers, titles=titles)
        for reader in readers
        if reader.id in tastes
    }
    return _RankedReaders(found, learned)
