"""Whether a digest costs a worker the same among many readers as among few, and how long planning takes for all of them.

The cost of a digest is processor time: its share of planning, plus what a real worker spends on sending it, with everybody else's
row waiting in the ledger. A worker sends a warming-up and five slices; the median of the five counts.
"""

from __future__ import annotations

import datetime as dt
import random
import resource
import statistics
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass, replace
from pathlib import Path

from sqlalchemy import delete, func, select, update

from bench import postfix
from bench.figures import Figure
from bench.places import POSTGRESQL, SQLITE, a_place, a_redis, last_words, peak_megabytes, processor_seconds, workers
from bench.population import fill
from newsletter.bootstrap import Services
from newsletter.daily import plan
from newsletter.papers.store.papers import store_papers
from newsletter.population.store import add_readers, insert
from newsletter.queues import Queues
from newsletter.tables.deliveries import DeliveryRow
from newsletter.tables.subscribers import SubscriberRow, SubscriptionRow
from newsletter.topics.catalogue import load
from newsletter.topics.categories import category_matches
from newsletter.topics.learned.records import shipped_records
from newsletter.topics.matching import matcher_of
from newsletter.values.mail import DeliveryState

SLICES, SLICE, WARMING = 5, 300, 400
PLANNING_BARS = {SQLITE: 15.0, POSTGRESQL: 10.0}
FLAT, MEGABYTES, GROWTH = 1.25, 200.0, 1.2
LONGEST_SECONDS = 240
CATEGORIES = 4


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds of processor a digest, for planning and for sending; ``seconds`` the planning took; the worker's MB."""

    planning: float
    sending: float
    seconds: float
    memory: float

    @property
    def whole(self) -> float:
        return self.planning + self.sending


def measure(*, few: int, many: int, going_on: int) -> Iterator[Figure]:
    """Among ``few`` and ``many`` readers; the second worker goes on for ``going_on`` digests, for its memory."""
    try:
        found = postfix.tools()
    except postfix.Missing as error:
        yield Figure("processor time of a digest among many readers", None, note=str(error))
        return
    small, large = _cost(few, found, mornings=5, going_on=0), _cost(many, found, mornings=1, going_on=going_on)
    # Once more among few: machines change their pace, and the two must not stand for its change.
    again = _cost(few, found, mornings=5, going_on=0)
    among_few = Cost(*(statistics.mean(pair) for pair in zip(astuple(small), astuple(again), strict=True)))
    yield _planning(SQLITE, many, large.seconds)
    yield Figure(
        f"processor time of a digest among {many:,} readers to that among {few:,}",
        large.whole / among_few.whole,
        "x",
        at_most=FLAT,
        note=f"planning {large.planning:.3f} to {among_few.planning:.3f} ms, "
        f"sending {large.sending:.3f} to {among_few.sending:.3f} ms (a worker on SQLite, median of {SLICES} slices of {SLICE}; "
        "among few before and after, the mean)",
    )
    sent = WARMING + SLICES * SLICE
    note = f"most at once, after {sent + going_on:,} digests among {many:,} readers"
    yield Figure("memory of a worker", large.memory, "MB", at_most=MEGABYTES, note=note)
    note = f"to {small.memory:.0f} MB after {sent:,} digests among {few:,}"
    yield Figure("growth of a worker's memory", large.memory / small.memory, "x", at_most=GROWTH, note=note)
    with a_place(POSTGRESQL) as (services, _):
        now = dt.datetime.now(dt.UTC)
        fill(services, many, now=now)
        seconds, _ = _planned(services, now=now)
    yield _planning(POSTGRESQL, many, seconds)
    yield _with_categories(many)


def _planning(kind: str, count: int, seconds: float) -> Figure:
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    return Figure(
        f"planning {count:,} digests on {kind}",
        seconds,
        "s",
        at_most=PLANNING_BARS[kind] * count / 100_000,
        note=f"in slices; the planning process had {most:.0f} MB at most",
    )


def _with_categories(count: int) -> Figure:
    """Planning a large day of papers, under all their topics and categories, for readers of twenty topics and some categories."""
    now, dice = dt.datetime.now(dt.UTC), random.Random(7)  # noqa: S311
    judged, matcher = shipped_records().papers, matcher_of(load())
    ((largest, papers),) = Counter(paper.announced_on for paper in judged).most_common(1)
    day = [replace(paper, announced_on=now.date()) for paper in judged if paper.announced_on == largest]
    offered = sorted({match.topic for paper in day for match in category_matches(paper)})
    with a_place(SQLITE) as (services, _):
        add_readers(services, count, now=now)
        with services.database.transaction() as session:
            store_papers(session, [(paper, [*matcher.match(paper), *category_matches(paper)]) for paper in day], now=now)
        without = _planned(services, now=now)
        _forget(services)
        chosen = (
            {"subscriber_id": who, "topic": slug} for who in range(1, count + 1) for slug in dice.sample(offered, CATEGORIES)
        )
        with services.database.engine.connect() as connection:
            insert(connection, SubscriptionRow.__table__, chosen)
        seconds, spent = _planned(services, now=now)
    note = f"{papers} papers, twenty topics and {CATEGORIES} categories each; {spent:.1f} s of processor time, "
    note += f"{without[1]:.1f} without the categories ({without[0]:.1f} s)"
    name, bar = f"planning {count:,} digests of a large day with categories", PLANNING_BARS[SQLITE] * count / 100_000
    return Figure(name, seconds, "s", at_most=bar, note=note)


def _cost(count: int, found: postfix.Tools, *, mornings: int, going_on: int) -> Cost:
    with postfix.sinking(found) as port, a_place(SQLITE, SMTP_URL=f"smtp://127.0.0.1:{port}") as (services, environ):
        now = dt.datetime.now(dt.UTC)
        fill(services, count, now=now)
        plannings = []
        for morning in range(mornings):
            if morning:
                _forget(services)
            plannings.append(_planned(services, now=now))
        seconds = statistics.median(wall for wall, _ in plannings)
        processor = statistics.median(spent for _, spent in plannings)
        sending, memory = _sending(services, environ, going_on=going_on)
    return Cost(1000 * processor / count, 1000 * sending, seconds, memory)


def _planned(services: Services, *, now: dt.datetime) -> tuple[float, float]:
    """Seconds and processor seconds of planning for everybody."""
    started, spent = time.perf_counter(), time.process_time()
    plan.plan(services, now=now, date=now.date())
    return time.perf_counter() - started, time.process_time() - spent


def _forget(services: Services) -> None:
    with services.database.transaction() as session:
        session.execute(delete(DeliveryRow))
        session.execute(update(SubscriberRow).values(cursor=None))


def _sending(services: Services, environ: Mapping[str, str], *, going_on: int) -> tuple[float, float]:
    """Processor seconds a digest of one worker, the median of the slices; and the most memory it had, in MB."""
    with a_redis(Path(environ["DATA_DIR"])) as url, workers({**environ, "REDIS_URL": url}, 1) as (pid,):
        time.sleep(2)
        Queues(url).wake_senders()
        before = _reached(services, environ, pid, WARMING)
        costs = []
        for _ in range(SLICES):
            after = _reached(services, environ, pid, before[0] + SLICE)
            costs.append((after[1] - before[1]) / (after[0] - before[0]))
            before = after
        if going_on:
            _reached(services, environ, pid, before[0] + going_on)
        return statistics.median(costs), peak_megabytes(pid)


def _reached(services: Services, environ: Mapping[str, str], pid: int, count: int) -> tuple[int, float]:
    """Waits until ``count`` digests are sent; gives how many then are, and what processor time the worker has used."""
    sent = select(func.count()).where(DeliveryRow.state == DeliveryState.SENT)
    deadline = time.monotonic() + LONGEST_SECONDS
    while time.monotonic() < deadline:
        with services.database.reading() as session:
            found = session.scalar(sent) or 0
        if found >= count:
            return found, processor_seconds(pid)
        time.sleep(0.01 if count - found < SLICE else 0.1)
    raise SystemExit(f"bench: the worker came to a stop at {found} of {count}\n{last_words(environ)}")
