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
DIGESTS = """
INSERT INTO deliveries (id, subscriber_id, kind, period, state, reason, priority, due_at, attempts, stage, lease, message_id,
    reply, contents, planned_at, settled_at)
SELECT n, 1 + n % {readers}, 'digest', {day}, {state}, '', 2, {at}, 1, 'dot', '', '<digest.' || n || '@example.org>',
    CASE WHEN n % 100 < 93 THEN '250 2.0.0 Ok: queued as 4F' || n WHEN n % 100 < 97 THEN ''
    WHEN n % 100 < 99 THEN '550 5.1.1 no such user' ELSE '452 4.2.2 mailbox full' END,
    '{{"papers": [[1, "3d"], [2, "llm"], [3, "nerf"], [4, "agents"]], "more": 0}}', {at}, {at} FROM {numbers}
"""
STATE = "CASE WHEN n % 100 < 93 THEN 'sent' WHEN n % 100 < 97 THEN 'skipped' WHEN n % 100 < 99 THEN 'failed' ELSE 'retry' END"
DIALECTS = {
    "sqlite": {
        "day": "date('{today}', '-' || (n / {readers}) || ' days')",
        "at": "datetime('{today} 06:00:00.000000', '-' || (n / {readers}) || ' days') || '.000000'",
        "numbers": "(WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {rows}) SELECT n FROM n)",
    },
    "postgresql": {
        "day": "to_char(date '{today}' - (n / {readers}), 'YYYY-MM-DD')",
        "at": "timestamptz '{today} 06:00+00' - (n / {readers}) * interval '1 day'",
        "numbers": "generate_series(1, {rows}) AS numbers(n)",
    },
}


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


def add_digests(services: Services, rows: int, *, readers: int, today: dt.date) -> None:
    """A ledger of ``rows`` digests for the ``readers`` that `add_readers` made, a day after the other back from ``today``.

    Of a hundred ninety-three were sent, four skipped, two refused, and one waits for another try.
    """
    kind = services.database.engine.dialect.name
    parts = {name: part.format(readers=readers, rows=rows, today=today) for name, part in DIALECTS[kind].items()}
    with services.database.transaction() as session:
        if kind == "postgresql":
            # Ten million looks at whether the reader is there would take longer than all else.
            session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text(DIGESTS.format(readers=readers, state=STATE, **parts)))
    if kind == "postgresql":
        with services.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            settle(connection, "deliveries")
            connection.execute(text("VACUUM ANALYZE"))


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
