"""Made-up readers and papers in bulk, the same at each run: the columns of the models, and each database's quickest way in."""

from __future__ import annotations

import datetime as dt
import itertools
import random
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Table, text

from newsletter import storing
from newsletter.bootstrap import Services
from newsletter.models import MatchRow, PaperRow, SubscriberRow, SubscriptionRow
from newsletter.papers.sample import sample_day
from newsletter.searching.words import indexed
from newsletter.side_tables import SearchTextRow

LANGUAGES = ("zh-CN", "en", "ja")
PAPERS, TOPICS = 12, 20
BATCH = 5000


def fill(services: Services, count: int, *, now: dt.datetime, topics: int = TOPICS) -> None:
    """The sample day and ``count`` confirmed readers whose hour was midnight UTC, each with their own ``topics`` topics."""
    storing.load_samples(services, now=now)
    add_readers(services, count, now=now, topics=topics)


def add_readers(services: Services, count: int, *, now: dt.datetime, topics: int = TOPICS) -> None:
    """``count`` readers with the ids from 1 on, in three languages, at fifty domains; the database has none yet."""
    dice, slugs = random.Random(7), [topic.slug for topic in services.catalogue.topics]  # noqa: S311
    with services.database.engine.connect() as connection:
        insert(connection, SubscriberRow.__table__, (_reader(number, now) for number in range(1, count + 1)))
        chosen = ((number, slug) for number in range(1, count + 1) for slug in dice.sample(slugs, topics))
        insert(
            connection,
            SubscriptionRow.__table__,
            ({"subscriber_id": number, "topic": slug} for number, slug in chosen),
        )
        settle(connection, "subscribers")


def _reader(number: int, now: dt.datetime) -> dict[str, Any]:
    email = f"reader{number}@host{number % 50}.example.org"
    return {
        "id": number,
        "email": email,
        "email_key": email,
        "address_key": f"bench-{number}",
        "state": "confirmed",
        "language": LANGUAGES[number % 3],
        "timezone": "UTC",
        "hour": 0,
        "weekdays": [0, 1, 2, 3, 4, 5, 6],
        "max_papers": PAPERS,
        "token_version": 0,
        "updates": False,
        "layout": "standard",
        "created_at": now,
        "confirmed_at": now,
    }


def insert(connection: Connection, table: Any, rows: Iterable[dict[str, Any]]) -> None:
    """Writes ``rows``, which name all the same columns, and commits: COPY on PostgreSQL, one prepared INSERT on SQLite."""
    rest = iter(rows)
    first = next(rest, None)
    if first is None:
        return
    names = list(first)
    values = _plain(connection, table, names, itertools.chain([first], rest))
    raw: Any = connection.connection.dbapi_connection
    columns = ", ".join(names)
    if connection.dialect.name == "postgresql":
        with raw.cursor() as cursor, cursor.copy(f"COPY {table.name} ({columns}) FROM STDIN") as copy:
            for row in values:
                copy.write_row(row)
        raw.commit()
        return
    raw.execute("BEGIN IMMEDIATE")
    marks = ", ".join("?" * len(names))
    raw.executemany(f"INSERT INTO {table.name} ({columns}) VALUES ({marks})", values)  # noqa: S608 - names of our own
    raw.execute("COMMIT")


def settle(connection: Connection, *tables: str) -> None:
    """Lets ids go on where the rows end, and the planner know them (autovacuum would, a minute later)."""
    if connection.dialect.name == "postgresql":
        for table in tables:
            connection.execute(text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"))  # noqa: S608
        connection.execute(text("ANALYZE"))
        connection.commit()


def _plain(
    connection: Connection, table: Table, names: Sequence[str], rows: Iterable[dict[str, Any]]
) -> Iterator[tuple[Any, ...]]:
    """The rows as the driver takes them, each value through its column's type."""
    dialect = connection.dialect
    ways = [table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names]
    for row in rows:
        yield tuple(way(row[name]) if way else row[name] for name, way in zip(names, ways, strict=True))


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
                "ref": f"{2401 + number // 20_000:04d}.{number % 100_000:05d}",
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


def _words(paper: dict[str, Any]) -> str:
    return indexed(paper["title"], paper["abstract"])
