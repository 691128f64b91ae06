"""How long 2,000 papers take against 5,000 different queries on one core (goal: at most 5 seconds).

Papers and queries are made up from the words of the sample day and the catalogue, the same at each run. Half as many papers and a
tenth of the queries are measured too: were the cost the product of the two, ten times the queries would take ten times as long.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import random
import time
from collections.abc import Iterator

from bench.figures import Figure
from newsletter.papers.sample import sample_day
from newsletter.topics.catalogue import load
from newsletter.topics.queries.matching import QuerySet
from newsletter.topics.queries.parser import parse
from newsletter.topics.queries.syntax import Query
from newsletter.values.papers import Paper

GOAL = 5.0
DAY = dt.date(2026, 6, 26)
WORDS = 180


def measure(*, papers: int, queries: int) -> Iterator[Figure]:
    """The time, beside how it grows with either number; the bar shrinks with smaller sizes."""
    dice = random.Random(20260626)  # noqa: S311
    made, asked = _papers(papers, dice), _queries(queries, dice)
    started = time.process_time()
    everything = QuerySet(asked)
    everything.match(made[0])
    building = time.process_time() - started
    tenth = QuerySet(dict(list(asked.items())[: max(1, queries // 10)]))
    tenth.match(made[0])
    whole, matches = _timed(everything, made)
    half, _ = _timed(everything, made[: papers // 2])
    few, _ = _timed(tenth, made)
    grown = f"ten times the queries take {whole / few:.1f} times as long, twice the papers {whole / half:.1f} times"
    yield Figure(
        f"matching {papers:,} papers against {queries:,} different queries",
        whole,
        "s",
        at_most=GOAL * papers * queries / (2000 * 5000),
        note=f"processor time of one core; {matches:,} matches; made ready once in {building:.2f} s; {grown}",
    )


def _timed(queries: QuerySet[int], papers: list[Paper]) -> tuple[float, int]:
    started = time.process_time()
    matches = sum(len(queries.match(paper)) for paper in papers)
    return time.process_time() - started, matches


def _papers(count: int, dice: random.Random) -> list[Paper]:
    """Papers as long as real ones: phrases of topics strewn among ordinary words."""
    catalogue = load()
    day = [sample.paper for sample in sample_day(DAY)]
    words = " ".join(paper.abstract for paper in day).split()
    phrases = [words for topic in catalogue.topics for words in (*topic.strong, *topic.in_title, *topic.weak)]

    def text(length: int) -> str:
        return " ".join(dice.choice(phrases) if dice.random() < 0.06 else dice.choice(words) for _ in range(length))

    return [
        dataclasses.replace(
            dice.choice(day),
            ref=f"bench-{number}",
            title=text(10),
            abstract=text(WORDS),
            categories=(dice.choice(catalogue.categories),),
        )
        for number in range(count)
    ]


def _queries(count: int, dice: random.Random) -> dict[int, Query]:
    """Different queries such as people write: a few phrases joined, some of them within a field, some excluded."""
    catalogue = load()
    phrases = sorted({words for topic in catalogue.topics for words in (*topic.strong, *topic.in_title) if len(words) > 3})
    shapes = (
        '"{0}"',
        '"{0}" OR "{1}"',
        '"{0}" AND "{1}"',
        'ti:"{0}" OR abs:("{1}" AND "{2}")',
        '("{0}" OR "{1}") AND NOT "{2}"',
        '"{0}" AND cat:{3}',
        'cat:{3} AND ("{0}" OR "{1}*" OR au:"{2}")',
    )
    found: dict[str, None] = {}
    while len(found) < count:
        three = dice.sample(phrases, 3)
        found[dice.choice(shapes).format(*three, dice.choice(catalogue.categories))] = None
    return {number: parse(text) for number, text in enumerate(found)}
