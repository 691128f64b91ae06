"""How much higher made-up readers find what they like in later digests, by what they say of earlier ones.

They read the judged papers that ship, digest after digest, by the service's own parts over a database of its own. The model sees
only what they say of papers that a digest showed them on a day before, never the theme that they like.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bench.figures import Figure
from bench.places import SQLITE, a_place
from bench.themes import OTHERS, TEN
from newsletter.bootstrap import Services
from newsletter.daily.select import build_candidate_set
from newsletter.digests.candidates import CandidateSet
from newsletter.digests.selection import select_papers
from newsletter.papers.store import papers as papers_store
from newsletter.population.store import add_readers
from newsletter.ranking.opinions import Say
from newsletter.ranking.store import opinions as opinions_store
from newsletter.topics.catalogue import load
from newsletter.topics.learned.records import shipped_records
from newsletter.topics.matching import matcher_of
from newsletter.values.papers import Paper
from newsletter.values.readers import Reader
from newsletter.values.topics import Match

# Of the other papers a digest showed, a reader says "less" of so many a day: the first ones.
LESS = 3
SHOWN = 20
# A sample of a day, three months before the days that they read one after the other.
NOT_READ = dt.date(2026, 3, 12)
MEASURED_DAYS = 3
BETTER = 40.0
Days = Mapping[dt.date, Sequence[tuple[Paper, Sequence[Match]]]]


@dataclass
class Person:
    """A reader who likes the papers of broad topics that a hidden pattern finds; ranks of these on the measured days."""

    id: int
    name: str
    topics: tuple[str, ...]
    theme: str
    without: list[int] = field(default_factory=list)
    with_feedback: list[int] = field(default_factory=list)

    @property
    def better(self) -> float:
        """By which part the mean rank of what they like is better; below 0 where it is worse."""
        return better([self])

    def would_like(self, one: Paper) -> bool:
        return re.search(self.theme, f"{one.title} {one.abstract}", re.IGNORECASE) is not None

    def reader(self, cursor: int) -> Reader:
        return Reader(id=self.id, language="en", timezone="UTC", hour=6, topics=self.topics, cursor=cursor, max_papers=SHOWN)

    def read(
        self,
        services: Services,
        candidate_set: CandidateSet,
        papers: Mapping[int, Paper],
        *,
        cursor: int,
        now: dt.datetime,
        measured: bool,
    ) -> None:
        """Reads the digest of a day and says something of it; first its whole order is looked at, with feedback and without."""
        everything = replace(self.reader(cursor), max_papers=100_000)
        for ranks, seen in (
            (self.with_feedback, candidate_set),
            (self.without, replace(candidate_set, affinities={}, selections={})),
        ):
            order = [papers[paper_id] for paper_id, _ in select_papers(everything, seen).papers]
            if measured:
                ranks += [rank for rank, one in enumerate(order, start=1) if self.would_like(one)]
        shown = [papers[paper_id] for paper_id, _ in select_papers(self.reader(cursor), candidate_set).papers]
        others = [one for one in shown if not self.would_like(one)]
        said = [(one, Say.MORE) for one in shown if self.would_like(one)] + [(one, Say.LESS) for one in others[:LESS]]
        with services.database.transaction() as session:
            for one, say in said:
                opinions_store.keep(session, self.id, one.id, say, now=now)


def measure(*, others: int) -> Iterator[Figure]:
    """The ten readers, and the first ``others`` of those by whom constants were chosen."""
    days = _judged_days()
    people = [Person(number, *one) for number, one in enumerate([*TEN, *OTHERS[:others]], start=1)]
    with a_place(SQLITE) as (services, _):
        add_readers(services, len(people), now=dt.datetime.combine(min(days), dt.time(), dt.UTC))
        live(services, people, days)
    ten, more = ([one for one in some if one.without] for some in (people[: len(TEN)], people[len(TEN) :]))
    told = f"{_ranks(ten)}; judged papers that ship, the last three days of six counted; nothing was chosen on the ten"
    yield Figure("ten readers find what they like higher", 100 * better(ten), "%", at_least=BETTER, note=told)
    yield Figure("worse off of the ten", float(len(_worse(ten))), at_most=0.0, note=_named(_worse(ten)))
    if more:
        told = f"{_ranks(more)}; constants were chosen on them; worse off: {_named(_worse(more))}"
        yield Figure(f"{len(more)} others find what they like higher", 100 * better(more), "%", note=told)


def better(people: Sequence[Person]) -> float:
    """By which part the mean rank of all papers that the people would like is better; 0 where there is none."""
    before, after = _before(people), _after(people)
    return 1 - _mean(after) / _mean(before) if before and after else 0.0


def live(services: Services, people: Sequence[Person], days: Days) -> None:
    """Lets the people, whom the database holds as subscribers, read digest after digest."""
    for place, (day, papers) in enumerate(sorted(days.items())):
        now = dt.datetime.combine(day, dt.time(8), dt.UTC)
        with services.database.transaction() as session:
            cursor = papers_store.highest_number(session)
            papers_store.store_papers(session, papers, now=now)
        with services.database.reading() as session:
            candidate_set = build_candidate_set(services, session, [one.reader(cursor) for one in people], now=now)
            stored = {one.id: one for one in papers_store.papers_after(session, cursor)}
        for one in people:
            one.read(services, candidate_set, stored, cursor=cursor, now=now, measured=place >= len(days) - MEASURED_DAYS)


def _judged_days() -> Days:
    """The judged papers of whole days by day, with their topics."""
    judged = shipped_records().of_days
    matcher = matcher_of(load())
    days: dict[dt.date, list[tuple[Paper, Sequence[Match]]]] = defaultdict(list)
    for one in (paper for paper in judged.papers if paper.announced_on != NOT_READ):
        days[one.announced_on].append((one, matcher.match(one)))
    return days


def _ranks(people: Sequence[Person]) -> str:
    before, after = _before(people), _after(people)
    return f"mean rank {_mean(before):.1f} without feedback, {_mean(after):.1f} with it, of {len(before)} papers"


def _before(people: Sequence[Person]) -> list[int]:
    return [rank for one in people for rank in one.without]


def _after(people: Sequence[Person]) -> list[int]:
    return [rank for one in people for rank in one.with_feedback]


def _worse(people: Sequence[Person]) -> list[Person]:
    return [one for one in people if one.better < 0]


def _named(people: Sequence[Person]) -> str:
    return ", ".join(f"{one.name} {one.better:+.0%} ({len(one.without)} papers)" for one in people) or "none"


def _mean(ranks: Sequence[int]) -> float:
    return sum(ranks) / len(ranks)
