"""`python -m bench.delivering`: digests a second, all in, beside what Postfix's own load generator sends to the same sink.

Real workers (two processes of `worker.py`, woken over RQ) take planned rows from SQLite and send them to `smtp-sink`. The figure
is the slope between a small and a large run, so that starting costs nothing; `smtp-source` runs right after each, with messages
of our mean size.
"""

from __future__ import annotations

import argparse
import datetime as dt
import itertools
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import update

from bench import postfix
from newsletter import bootstrap, planning, storing
from newsletter.bootstrap import Services
from newsletter.letters import Letters
from newsletter.mail import store as mail_store
from newsletter.models import SubscriberRow
from newsletter.operating import embedded_redis
from newsletter.operating.migrating import migrate
from newsletter.settings import load
from newsletter.subscribers import exchange
from newsletter.values import MailKind
from newsletter.waking import Waker

LANGUAGES = ("zh-CN", "en", "ja")
PAPERS, TOPICS = 12, 20
GOAL = 0.50
WORKERS = 2
ROOT = Path(__file__).parent.parent


def main() -> None:
    """Measures and prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", type=int, default=5000)
    parser.add_argument("--large", type=int, default=25000)
    given = parser.parse_args()
    sys.stdout.write("\n".join(measured(given.small, given.large)) + "\n")


def measured(small: int, large: int) -> tuple[str, ...]:
    """The figures as lines; one that says why where Postfix's tools cannot be had."""
    try:
        found = postfix.tools()
        runs = [_run(count, found) for count in (small, large)]
    except postfix.Missing as error:
        return (f"delivering  not measured: {error}",)
    (quick, size, theirs_then), (slow, _, theirs_now) = runs
    ours, theirs = (large - small) / (slow - quick), statistics.mean((theirs_then, theirs_now))
    ratio = ours / theirs
    return (
        f"delivering  {ours:.0f} digests a second on SQLite with {WORKERS} workers, mean {size / 1000:.1f} kB on the wire",
        f"            {theirs:.0f} messages of that size a second by smtp-source -d -s 2 to the same sink",
        f"            ratio {ratio:.2f}, goal {GOAL:.2f}: {'pass' if ratio >= GOAL else 'short'}",
    )


def _run(count: int, found: postfix.Tools) -> tuple[float, int, float]:
    """Seconds for ``count`` digests from the wake-up to the last row settled, their mean size, and smtp-source's rate."""
    with tempfile.TemporaryDirectory(prefix="newsletter-bench-") as name, postfix.sinking(found) as port:
        environ = {
            "DATA_DIR": name,
            "SMTP_URL": f"smtp://127.0.0.1:{port}",
            "TRANSLATORS": "none",
            "MAIL_FROM": "Paper Morning <bench@example.org>",
            "LOG_LEVEL": "ERROR",
        }
        services = bootstrap.build(load(environ))
        migrate(services.database)
        try:
            now = dt.datetime.now(dt.UTC)
            _fill(services, count, now=now)
            planned = planning.plan(services, now=now, date=now.date()).planned
            size = _mean_size(services, now=now)
            seconds = _sending(services, environ, planned)
        finally:
            services.database.close()
        theirs = postfix.sent_a_second(found, port, messages=min(count, 5000), size=size)
    return seconds * count / planned, size, theirs


def _fill(services: Services, count: int, *, now: dt.datetime) -> None:
    storing.load_samples(services, now=now)
    dice, slugs = random.Random(7), [topic.slug for topic in services.catalogue.topics]  # noqa: S311
    rows = [
        f"reader{n}@host{n % 50}.example.org,{';'.join(dice.sample(slugs, TOPICS))},{LANGUAGES[n % 3]},UTC,0,confirmed\n"
        for n in range(count)
    ]
    with services.database.transaction() as session:
        exchange.import_csv(
            session,
            ["email,topics,language,timezone,hour,status\n", *rows],
            consent="made up for a measurement",
            known=services.catalogue.by_slug.keys(),
            suppression_key=services.settings.suppression_key,
            now=now,
        )
        session.execute(update(SubscriberRow).values(max_papers=PAPERS))


def _mean_size(services: Services, *, now: dt.datetime) -> int:
    """The mean bytes of the first 300 messages."""
    with services.database.reading() as session:
        rows = list(itertools.islice(mail_store.deliveries(session, kind=MailKind.DIGEST), 300))
    built = Letters(services).build(rows, now=now)
    return round(statistics.mean(len(message.data) for message in built.values() if not isinstance(message, Exception)))


def _sending(services: Services, environ: Mapping[str, str], planned: int) -> float:
    """Seconds until all ``planned`` rows are sent by the workers; an error where one is not."""
    with _redis(Path(environ["DATA_DIR"])) as url, _workers({**environ, "REDIS_URL": url}):
        time.sleep(3)
        started = time.perf_counter()
        Waker(url).wake_senders(hands=WORKERS)
        while True:
            with services.database.reading() as session:
                states = mail_store.counts_by_state(session)
            if states.get("sent", 0) == planned:
                return time.perf_counter() - started
            if time.perf_counter() - started > 1200:
                raise SystemExit(f"bench: the workers came to a stop: {states}")
            time.sleep(0.1)


@contextmanager
def _redis(data_dir: Path) -> Iterator[str]:
    prepared = embedded_redis.prepare(data_dir)
    process = subprocess.Popen(prepared.command, stdout=subprocess.DEVNULL)
    try:
        embedded_redis.wait_for(prepared.url, seconds=20)
        yield prepared.url
    finally:
        process.terminate()
        process.wait()
        prepared.folder.joinpath("redis.sock").unlink(missing_ok=True)
        prepared.folder.rmdir()


@contextmanager
def _workers(environ: Mapping[str, str]) -> Iterator[None]:
    command = [sys.executable, str(ROOT / "worker.py"), "mail"]
    started = [subprocess.Popen(command, env={**os.environ, **environ}, cwd=ROOT) for _ in range(WORKERS)]
    try:
        yield
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait()


if __name__ == "__main__":
    main()
