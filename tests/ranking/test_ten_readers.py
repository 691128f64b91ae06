"""Feedback over the recorded days: readers of broad topics who like one narrower theme find its papers higher in later digests.

A theme is a hidden pattern of words that stand in no phrase of the catalogue. The model sees only what the readers say of papers that
a digest showed them on a day before. The ten were written down before any of them was measured.
"""

from __future__ import annotations

import datetime as dt
import gzip
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from newsletter.bootstrap import Services
from newsletter.daily.select import build_candidate_set
from newsletter.digests.candidates import CandidateSet
from newsletter.digests.selection import select_papers
from newsletter.papers.store import papers as papers_store
from newsletter.ranking.opinions import Say
from newsletter.ranking.store import opinions as opinions_store
from newsletter.topics.catalogue import load
from newsletter.topics.matching import matcher_of
from newsletter.values.papers import Paper
from newsletter.values.readers import Reader
from newsletter.values.topics import Match
from tests.factories import a_subscriber
from tests.papers.paper_builder import match, paper

# Of the other papers a digest showed, a reader says "less" of so many a day: the first ones.
LESS = 3
SHOWN = 20
MEASURED_DAYS = 3
BAR = 0.40


@dataclass
class Person:
    """A reader who likes the papers of broad topics that a hidden pattern finds; ranks of these on the measured days."""

    name: str
    topics: tuple[str, ...]
    theme: str
    id: int = 0
    without: list[int] = field(default_factory=list)
    with_feedback: list[int] = field(default_factory=list)

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


TEN = (
    ("needs no training", ("diffusion",), r"plug-and-play|(?:without|no) (?:any |additional |extra |further |task-specific )*(?:training|retraining|fine-?tuning)\b|inference[- ]time (?:method|steer|guid|control|optimi|interv|align)"),
    ("what bends", ("3d",), r"deform|non-rigid|bending|stretch"),
    ("sums", ("llm",), r"arithmetic|\baime|math-?500|olympiad|math (?:problem|benchmark|reasoning|word)|mathematics|competition math"),
    ("organs of the belly", ("medical",), r"kidney|renal|pancrea|hepat|bowel|gastr|bladder|pelvi|ovar|uter(?:us|ine)|fetal|pregnan"),
    ("crowded scenes", ("detection-segmentation",), r"clutter|crowd(?:ed|s)\b|low[- ]contrast|(?:ambiguous|blurr?y|fuzzy|weak) (?:boundar|edge)|occlu"),
    ("screens", ("agents",), r"smartphone|mobile app|android|desktop|browser|website|web ?page"),
    ("inside of models", ("mllm",), r"neurons?\b|layer-?wise|(?:early|deep|deeper|middle|intermediate|later|shallow) layers?"),
    ("moving cameras", ("video", "humans"), r"viewpoint|camera (?:motion|control|path|movement)"),
    ("steady learning", ("reinforcement-learning",), r"importance (?:sampling|ratio|weight)|clipp(?:ed|ing)|advantage (?:estimat|function|normal)|instabilit|high variance|collapse"),
    ("human judges", ("benchmarks", "nlp"), r"human (?:experts?|raters?|judge?ments?|agreement|preferences?)|experts?[- ](?:written|labell?ed|verified|crafted)|crowd-?sourc|inter-rater"),
)  # fmt: skip


def better(people: Sequence[Person]) -> float:
    """By which part the mean rank of all papers that the people would like is better; prints it for each of them."""
    for one in [*people, together(people)]:
        before, after = mean(one.without), mean(one.with_feedback)
        print(
            f"{one.name:>20}: {len(one.without):3} papers, mean rank {before:5.1f} without, {after:5.1f} with feedback, {1 - after / before:+.0%}"
        )
    every = together(people)
    return 1 - mean(every.with_feedback) / mean(every.without)


def together(people: Sequence[Person]) -> Person:
    every = Person("all", (), "")
    for one in people:
        every.without += one.without
        every.with_feedback += one.with_feedback
    return every


def mean(ranks: Sequence[int]) -> float:
    return sum(ranks) / len(ranks)


def live(services: Services, people: Sequence[Person], days: Mapping[dt.date, Sequence[tuple[Paper, Sequence[Match]]]]) -> None:
    """Lets the people read digest after digest."""
    with services.database.transaction() as session:
        for one in people:
            one.id = a_subscriber(session, *one.topics)
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


def recorded(folder: Path) -> dict[dt.date, list[tuple[Paper, Sequence[Match]]]]:
    """The papers of the recorded days that follow each other, as a fetch would store them; each under its first day."""
    matcher, seen = matcher_of(load()), set[str]()
    days: dict[dt.date, list[tuple[Paper, Sequence[Match]]]] = {}
    for path in sorted(folder.glob("2026-*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for record in map(json.loads, lines):
                if record["id"] in seen:
                    continue
                seen.add(record["id"])
                one = paper(
                    ref=record["id"],
                    title=record["title"],
                    abstract=record["summary"],
                    categories=tuple(record["categories"]),
                    announced_on=dt.date.fromisoformat(record["announced"]),
                )
                days.setdefault(one.announced_on, []).append((one, matcher.match(one)))
    return days


def test_ten_readers_find_what_they_like_at_least_two_fifths_higher(
    shared_data: Path, sqlite_url: str, make_services: Callable[..., Services]
) -> None:
    days = recorded(shared_data / "arxiv")
    assert len(days) == 7
    people = [Person(*one) for one in TEN]
    live(make_services(sqlite_url), people, days)
    assert better(people) >= BAR


@pytest.mark.parametrize("theme", [one[2] for one in TEN], ids=[one[0] for one in TEN])
def test_no_phrase_of_the_catalogue_has_a_word_of_a_theme(theme: str) -> None:
    for topic in load().topics:
        phrases = (*topic.strong, *topic.in_title, *topic.weak, *topic.exclude, topic.query, topic.unless, topic.name("en"))
        assert not [phrase for phrase in phrases if re.search(theme, phrase, re.IGNORECASE)], topic.slug


THINGS = ("kites", "harbours", "clocks", "bridges", "looms", "kettles")


def test_a_reader_of_made_up_papers_finds_the_few_about_one_thing_first(
    sqlite_url: str, make_services: Callable[..., Services]
) -> None:
    days: dict[dt.date, list[tuple[Paper, Sequence[Match]]]] = {}
    for number in range(1, 211):
        day = dt.date(2026, 6, 22) + dt.timedelta(days=(number - 1) // 30)
        thing = THINGS[number % len(THINGS)]
        one = paper(number, title=f"A study of {thing}", abstract=f"Number {number} tells how {thing} work.", announced_on=day)
        days.setdefault(day, []).append((one, [match(one, "nerf")]))
    person = Person("kites", ("nerf",), "kites")
    live(make_services(sqlite_url), [person], days)
    assert better([person]) >= 0.75
    assert sorted(person.with_feedback) == sorted([1, 2, 3, 4, 5] * MEASURED_DAYS)
