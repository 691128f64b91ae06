"""How long `newsletter deliveries` takes to answer an operator out of a long ledger: without the start of a process."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator, Mapping

from sqlalchemy import text

from bench.figures import Figure
from bench.places import POSTGRESQL, SQLITE, a_place
from newsletter.bootstrap import Services
from newsletter.cli.deliveries import as_line
from newsletter.mail.store.lookup import Question, found
from newsletter.population.store import add_readers
from newsletter.values.mail import DeliveryState

READERS = 20_000
BAR = 1.0
NOW = dt.datetime(2026, 11, 20, 6, tzinfo=dt.UTC)
# Of a hundred digests ninety-three were sent, four skipped, two refused, and one waits for another try.
FILL = """
INSERT INTO deliveries (id, subscriber_id, kind, period, state, reason, priority, due_at, attempts, stage, lease, message_id,
    reply, contents, planned_at, settled_at)
SELECT n, 1 + n % {readers}, 'digest', {day}, {state}, '', 2, {at}, 1, 'dot', '', '<digest.' || n || '@example.org>',
    CASE WHEN n % 100 < 93 THEN '250 2.0.0 Ok: queued as 4F' || n WHEN n % 100 < 97 THEN ''
    WHEN n % 100 < 99 THEN '550 5.1.1 no such user' ELSE '452 4.2.2 mailbox full' END,
    '{{"papers": [[1, "3d"], [2, "llm"], [3, "nerf"], [4, "agents"]], "more": 0}}', {at}, {at} FROM {numbers}
"""
STATE = "CASE WHEN n % 100 < 93 THEN 'sent' WHEN n % 100 < 97 THEN 'skipped' WHEN n % 100 < 99 THEN 'failed' ELSE 'retry' END"
WAYS = {
    SQLITE: {
        "day": "date('2026-11-20', '-' || (n / {readers}) || ' days')",
        "at": "datetime('2026-11-20 06:00:00.000000', '-' || (n / {readers}) || ' days') || '.000000'",
        "numbers": "(WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {rows}) SELECT n FROM n)",
    },
    POSTGRESQL: {
        "day": "to_char(date '2026-11-20' - (n / {readers}), 'YYYY-MM-DD')",
        "at": "timestamptz '2026-11-20 06:00+00' - (n / {readers}) * interval '1 day'",
        "numbers": "generate_series(1, {rows}) AS numbers(n)",
    },
}
QUESTIONS: Mapping[str, Question] = {
    "one reader's mails": Question(email_key="reader77@host27.example.org"),
    "who did not get today's": Question(date=NOW.date(), state=DeliveryState.FAILED),
    "a reply": Question(reply="5.1.1", limit=100),
    "what failed last": Question(state=DeliveryState.FAILED, limit=100),
    "what was sent last": Question(state=DeliveryState.SENT, limit=100),
    "the newest of all": Question(limit=100),
}


def measure(*, on_sqlite: int, on_postgresql: int) -> Iterator[Figure]:
    """A ledger of so many rows on each database, of digests for 20,000 readers."""
    for kind, rows in ((SQLITE, on_sqlite), (POSTGRESQL, on_postgresql)):
        with a_place(kind) as (services, _):
            add_readers(services, READERS, now=NOW, topics=1)
            fill(services, kind, rows)
            took = {name: _seconds(services, question) for name, question in QUESTIONS.items()}
        told = ", ".join(f"{name} {seconds:.3f}" for name, seconds in took.items())
        note = f"the slowest of: {told}; without the start of the process"
        yield Figure(f"`newsletter deliveries` over {rows:,} rows on {kind}", max(took.values()), "s", at_most=BAR, note=note)


def fill(services: Services, kind: str, rows: int) -> None:
    """A ledger of ``rows`` digests, a day of 20,000 after the other, back from 20 November 2026."""
    parts = {name: part.format(readers=READERS, rows=rows) for name, part in WAYS[kind].items()}
    with services.database.transaction() as session:
        if kind == POSTGRESQL:
            # Ten million looks at whether the reader is there would take longer than all else.
            session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text(FILL.format(readers=READERS, state=STATE, **parts)))
    if kind == POSTGRESQL:
        with services.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))


def _seconds(services: Services, question: Question) -> float:
    """The better of two: the first may have to read from the disk what a service has in memory."""
    runs = []
    for _ in range(2):
        started = time.perf_counter()
        with services.database.reading() as session:
            count = sum(1 for row in found(session, question) if as_line(row))
        runs.append(time.perf_counter() - started)
        if not count:
            raise SystemExit(f"bench: nothing was found for {question}")
    return min(runs)
