"""Digests a second, all in, beside what Postfix's own load generator and two other ways of sending give the same sink.

Real workers (two processes of `worker.py`, woken over RQ) take planned rows and send them to `smtp-sink`. The figure is the
slope between a small and a large run, so that starting costs nothing; `smtp-source` runs right after each, with messages of our
mean size.
"""

from __future__ import annotations

import datetime as dt
import itertools
import statistics
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bench import peers, postfix
from bench.figures import Figure
from bench.places import POSTGRESQL, SQLITE, a_place, a_redis, last_words, peak_megabytes, workers
from bench.population import fill
from newsletter.bootstrap import Services
from newsletter.daily import plan
from newsletter.daily.compose import MessageBuilder
from newsletter.mail.store import ledger
from newsletter.population.store import PAPERS
from newsletter.queues import Queues
from newsletter.values.mail import MailKind

WORKERS = 2
GOALS = {SQLITE: 0.50, POSTGRESQL: 0.45}
LONGEST_SECONDS = 400


@dataclass(frozen=True, slots=True)
class Run:
    """``seconds`` for ``count`` digests, from the wake-up to the last row settled; ``size`` is their mean in bytes on the wire.

    ``theirs`` is what smtp-source sent a second, ``memory`` the most that a worker had, in MB.
    """

    count: int
    seconds: float
    size: int
    theirs: float
    memory: float


def measure(*, small: int, large: int, peer: int, naive: int) -> Iterator[Figure]:
    """Both databases between ``small`` and ``large`` digests; ``peer`` and ``naive`` mails in the two other ways."""
    try:
        found = postfix.tools()
    except postfix.Missing as error:
        yield Figure("digests a second", None, note=str(error))
        return
    ours = 0.0
    for kind, goal in GOALS.items():
        few, many = (run(kind, count, found) for count in (small, large))
        rate, theirs = (large - small) / (many.seconds - few.seconds), statistics.mean((few.theirs, many.theirs))
        told = f"{WORKERS} workers, {PAPERS} papers, three languages, mean {many.size / 1000:.1f} kB on the wire, slope from"
        yield Figure(f"digests a second on {kind}", rate, note=f"{told} {small:,} to {large:,} digests")
        note = f"smtp-source -d -s 2 sent {theirs:,.0f} messages of that size a second to the same sink"
        yield Figure(f"share of smtp-source's rate on {kind}", rate / theirs, "x", at_least=goal, note=note)
        ours = ours or rate
    yield from peers.compared(ours, found, peer=peer, naive=naive)


def run(kind: str, count: int, found: postfix.Tools) -> Run:
    """One run with ``count`` readers on an empty database of ``kind`` and a sink of its own."""
    with postfix.sinking(found) as port:
        with a_place(kind, SMTP_URL=f"smtp://127.0.0.1:{port}") as (services, environ):
            now = dt.datetime.now(dt.UTC)
            fill(services, count, now=now)
            planned = plan.plan(services, now=now, date=now.date()).planned
            size = mean_size(services, now=now)
            seconds, memory = sending(services, environ, planned)
        theirs = postfix.sent_a_second(found, port, messages=min(count, 5000), size=size)
    return Run(count, seconds * count / planned, size, theirs, memory)


def mean_size(services: Services, *, now: dt.datetime) -> int:
    """The mean bytes of the first 300 messages."""
    with services.database.reading() as session:
        rows = list(itertools.islice(ledger.deliveries(session, kind=MailKind.DIGEST), 300))
    built = MessageBuilder(services).build(rows, now=now)
    return round(statistics.mean(len(message.data) for message in built.values() if not isinstance(message, Exception)))


def sending(services: Services, environ: Mapping[str, str], planned: int) -> tuple[float, float]:
    """Seconds until all ``planned`` rows are sent by the workers, and the most memory of one.

    Raises SystemExit where they come to a stop.
    """
    with a_redis(Path(environ["DATA_DIR"])) as url, workers({**environ, "REDIS_URL": url}, WORKERS) as pids:
        time.sleep(3)
        started = time.perf_counter()
        Queues(url).wake_senders(workers=WORKERS)
        while True:
            with services.database.reading() as session:
                states = ledger.counts_by_state(session)
            if states.get("sent", 0) == planned:
                return time.perf_counter() - started, max(map(peak_megabytes, pids))
            if time.perf_counter() - started > LONGEST_SECONDS:
                raise SystemExit(f"bench: the workers came to a stop: {states}\n{last_words(environ)}")
            time.sleep(0.1)
