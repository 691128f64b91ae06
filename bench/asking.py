"""How long `newsletter deliveries` takes to answer an operator out of a long ledger: without the start of a process."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator, Mapping

from bench.figures import Figure
from bench.places import POSTGRESQL, SQLITE, a_place
from newsletter.bootstrap import Services
from newsletter.cli.deliveries import as_line
from newsletter.mail.store.lookup import Question, found
from newsletter.population.store import add_digests, add_readers
from newsletter.values.mail import DeliveryState

READERS = 20_000
BAR = 1.0
NOW = dt.datetime(2026, 11, 20, 6, tzinfo=dt.UTC)
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
            add_digests(services, rows, readers=READERS, today=NOW.date())
            took = {name: _seconds(services, question) for name, question in QUESTIONS.items()}
        told = ", ".join(f"{name} {seconds:.3f}" for name, seconds in took.items())
        note = f"the slowest of: {told}; without the start of the process"
        yield Figure(f"`newsletter deliveries` over {rows:,} rows on {kind}", max(took.values()), "s", at_most=BAR, note=note)


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
