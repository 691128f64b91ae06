"""Made-up readers in bulk, the same at each run, for the demo and the benchmark: each database's quickest way in.

Columns are those of the models. It asks nobody and sends nothing; nothing else in the service may use it.
"""

from __future__ import annotations

import datetime as dt
import itertools
import random
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Table, text

from newsletter.tables.subscribers import SubscriberRow, SubscriptionRow

if TYPE_CHECKING:
    from newsletter.bootstrap import Services

LANGUAGES = ("zh-CN", "en", "ja")
PAPERS, TOPICS = 12, 20


def add_readers(
    services: Services, count: int, *, now: dt.datetime, topics: int = TOPICS, languages: Sequence[str] = LANGUAGES
) -> None:
    """``count`` confirmed readers with the ids from 1 on, who take turns in ``languages``; the database has none yet.

    Their hour is midnight UTC, and each has ``topics`` topics of their own; their addresses are at fifty domains.
    """
    dice, slugs = random.Random(7), [topic.slug for topic in services.catalogue.topics]  # noqa: S311
    with services.database.engine.connect() as connection:
        insert(connection, SubscriberRow.__table__, (_reader(number, languages, now) for number in range(1, count + 1)))
        chosen = ((number, slug) for number in range(1, count + 1) for slug in dice.sample(slugs, topics))
        insert(
            connection,
            SubscriptionRow.__table__,
            ({"subscriber_id": number, "topic": slug} for number, slug in chosen),
        )
        settle(connection, "subscribers")


def _reader(number: int, languages: Sequence[str], now: dt.datetime) -> dict[str, Any]:
    email = f"reader{number}@host{number % 50}.example.org"
    return {
        "id": number,
        "email": email,
        "email_key": email,
        "address_key": f"made-up-{number}",
        "state": "confirmed",
        "language": languages[number % len(languages)],
        "timezone": "UTC",
        "hour": 0,
        "weekdays": [0, 1, 2, 3, 4, 5, 6],
        "max_papers": PAPERS,
        "token_version": 0,
        "link_key": number,
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
