"""How much of their time workers on PostgreSQL spend inside of claim statements, two of them and four."""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Iterator
from pathlib import Path

from bench import postfix
from bench.delivering import LONGEST_SECONDS
from bench.figures import Figure
from bench.places import POSTGRESQL, a_place, a_redis, last_words, workers
from bench.population import fill
from newsletter.daily import plan
from newsletter.mail.store import ledger
from newsletter.queues import Queues

BAR = 0.05


def measure(*, digests: int) -> Iterator[Figure]:
    """``digests`` sent by two workers, then by four."""
    try:
        found = postfix.tools()
    except postfix.Missing as error:
        yield Figure("share of claims in the workers' time", None, note=str(error))
        return
    for count in (2, 4):
        yield _share(count, digests, found)


def _share(count: int, digests: int, found: postfix.Tools) -> Figure:
    with postfix.sinking(found) as port, a_place(POSTGRESQL, SMTP_URL=f"smtp://127.0.0.1:{port}") as (services, environ):
        now = dt.datetime.now(dt.UTC)
        fill(services, digests, now=now)
        planned = plan.plan(services, now=now, date=now.date()).planned
        folder = Path(environ["DATA_DIR"])
        script = ("bench/watched_worker.py", str(folder), "mail")
        with a_redis(folder) as url, workers({**environ, "REDIS_URL": url}, count, script=script):
            time.sleep(3)
            started = time.perf_counter()
            Queues(url).wake_senders(workers=count)
            while True:
                with services.database.reading() as session:
                    sent = ledger.counts_by_state(session).get("sent", 0)
                if sent == planned:
                    break
                if time.perf_counter() - started > LONGEST_SECONDS:
                    raise SystemExit(f"bench: the workers came to a stop at {sent}\n{last_words(environ)}")
                time.sleep(0.1)
            took = time.perf_counter() - started
        told = [json.loads(path.read_text("utf-8")) for path in folder.glob("[0-9]*.json")]
    wall = sum(one["last"] - one["first"] for one in told)
    claims, reads = (sum(one[name] for one in told) for name in ("claims", "reads"))
    statements = sum(one["statements"] for one in told)
    return Figure(
        f"share of claim statements in the time of {count} workers on PostgreSQL",
        claims / wall,
        "x",
        at_most=BAR,
        note=f"{statements} claims for {planned:,} digests in {took:.1f} s, {1000 * claims / max(1, statements):.1f} ms each; "
        f"reading what was claimed took another {reads / wall:.3f}; {len(told)} workers told",
    )
