"""The benchmark's own part of the population: the sample day with readers, and made-up papers in bulk, the same at each run."""

from __future__ import annotations

import datetime as dt
import random
import re
from collections.abc import Iterable, Iterator
from typing import Any

from newsletter.bootstrap import Services
from newsletter.daily import ingest
from newsletter.papers.sample import sample_day
from newsletter.population.store import TOPICS, add_readers, insert, settle
from newsletter.search.terms import indexed
from newsletter.tables.papers import MatchRow, PaperRow, SearchTextRow

BATCH = 5000


def fill(services: Services, count: int, *, now: dt.datetime, topics: int = TOPICS) -> None:
    """The sample day and ``count`` confirmed readers whose hour was midnight UTC, each with their own ``topics`` topics."""
    ingest.load_samples(services, now=now)
    add_readers(services, count, now=now, topics=topics)


def add_papers(services: Services, count: int, *, now: dt.datetime, a_day: int = 500) -> None:
    """``count`` papers with the ids from 1 on, ``a_day`` under each day up to today, matched and in the search index."""
    with services.database.engine.connect() as connection:
        for table, rows in _papers(services, count, now=now, a_day=a_day):
            insert(connection, table, rows)
        settle(connection, "papers", "search_texts")


def _papers(services: Services, count: int, *, now: dt.datetime, a_day: int) -> Iterator[tuple[Any, Iterable[dict[str, Any]]]]:
    dice = random.Random(20260626)  # noqa: S311
    texts = [sample.paper for sample in sample_day(now.date())]
    sentences = [one for paper in texts for one in re.split(r"(?<=[.!?])\s+", paper.abstract)]
    slugs, categories = [topic.slug for topic in services.catalogue.topics], services.catalogue.categories
    for start in range(0, count, BATCH):
        numbers = range(start + 1, min(start + BATCH, count) + 1)
        papers: list[dict[str, Any]] = [
            {
                "id": number,
                "ref": ref_of(number),
                "number": number,
                "version": 1,
                "source": "arxiv",
                # A name of its own in each: as most words of papers it stands in few of them.
                "title": f"{dice.choice(texts).title} with Method{number}",
                "abstract": f"Method{number // 7} does it. {' '.join(dice.sample(sentences, 7))}",
                "authors": ["Ada Byron", "Alan M. Turing", f"Grace {number}"],
                "categories": [dice.choice(categories)],
                "comment": "",
                "doi": "",
                "journal_ref": "",
                "licence": "",
                "submitted_at": now,
                "updated_at": now,
                "announced_on": now.date() - dt.timedelta(days=(count - number) // a_day),
                "announced_estimated": False,
                "withdrawn": False,
                "stored_at": now,
            }
            for number in numbers
        ]
        yield PaperRow.__table__, papers
        yield (
            MatchRow.__table__,
            [
                {"paper_id": number, "topic": slug, "score": round(dice.uniform(1, 9), 2), "reason": "made up"}
                for number in numbers
                for slug in dice.sample(slugs, dice.choice((0, 1, 1, 2)))
            ],
        )
        yield (
            SearchTextRow.__table__,
            [
                {
                    "id": paper["id"],
                    "paper_id": paper["id"],
                    "language": "en",
                    "words": _words(paper),
                }
                for paper in papers
            ],
        )


def ref_of(number: int) -> str:
    """The base id of the made-up paper ``number``."""
    return f"{2401 + number // 20_000:04d}.{number % 100_000:05d}"


def _words(paper: dict[str, Any]) -> str:
    return indexed(paper["title"], paper["abstract"])
