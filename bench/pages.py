"""How quick the pages are: the sign-up page and its form beside a bare Flask page, and those that read a large database.

Both run under gunicorn as `newsletter run` starts it. Requests come over connections that are kept open; those of
the latencies one after the other, each to another address.
"""

from __future__ import annotations

import datetime as dt
import http.client
import os
import re
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import count as numbers
from urllib.parse import quote, urlencode

from bench.figures import Figure
from bench.places import POSTGRESQL, ROOT, a_place
from bench.population import add_papers, ref_of
from newsletter.bootstrap import Services
from newsletter.mail.signed_links import LinkPurpose
from newsletter.population.store import add_readers

SHARE, P95_MS = 0.30, 50.0
THREADS, CLIENTS = 8, 4
PAPERS_A_DAY = 500
QUERIES = (
    "Method{n}",
    "diffusion",
    "model",
    "language model",
    '"large language model"',
    "neural radiance fields",
    "Method{n} model",
    "扩散模型",
    "zebrafish",
    "we the of and",
)


def measure(*, papers: int, readers: int, seconds: int, requests: int) -> Iterator[Figure]:
    """``papers`` and ``readers`` in PostgreSQL; rates over ``seconds``, latencies over ``requests`` of each page."""
    with a_place(POSTGRESQL) as (services, environ):
        now = dt.datetime.now(dt.UTC)
        add_readers(services, readers, now=now, topics=5)
        add_papers(services, papers, now=now, a_day=PAPERS_A_DAY)
        with serving("bench.bare:app", environ) as port:
            bare = _rate(port, seconds)
        with serving("wsgi:app", environ) as port:
            ours = _rate(port, seconds)
            note = f"{ours:,.0f} to {bare:,.0f} a second, one gunicorn worker with {THREADS} threads each, {CLIENTS} clients"
            yield Figure("rate of the sign-up page to that of a bare Flask page", ours / bare, "x", at_least=SHARE, note=note)
            for page, addresses in _addresses(services, papers, readers, requests, now=now).items():
                yield _latency(page, port, addresses, f"{papers:,} papers and {readers:,} readers in PostgreSQL")
        # Each form from a network of its own, because one has only so many a minute.
        with serving("wsgi:app", {**environ, "PROXY_HOPS": "1", "FORMS_PER_HOUR": "1000000"}) as port:
            posted = _rate(port, seconds, _signing_up)
            note = f"{posted:,.0f} sign-ups to {bare:,.0f} bare pages a second; each is kept, and mails a confirmation afterwards"
            yield Figure("rate of the sign-up form to that of a bare Flask page", posted / bare, "x", note=note)


def _addresses(services: Services, papers: int, readers: int, count: int, *, now: dt.datetime) -> Mapping[str, list[str]]:
    days = max(1, papers // PAPERS_A_DAY)
    slugs = [topic.slug for topic in services.catalogue.topics]
    tokens = [services.signer.link_token(LinkPurpose.PREFERENCES, 1 + 37 * n % readers, 0, day=now.date()) for n in range(count)]
    return {
        "archive": ["/archive" for _ in range(count)],
        "archive of a day": [f"/archive/{now.date() - dt.timedelta(days=7 * n % days)}" for n in range(count)],
        "topic": [f"/topics/{slugs[n % len(slugs)]}" for n in range(count)],
        "paper": [f"/papers/{ref_of(1 + 97 * n % papers)}" for n in range(count)],
        "site map": ["/sitemap.xml" for _ in range(count)],
        "search": [f"/search?q={quote(QUERIES[n % len(QUERIES)].format(n=1 + 97 * n % papers))}" for n in range(count)],
        "preferences": [f"/preferences/{token}" for token in tokens],
    }


def _latency(page: str, port: int, addresses: Sequence[str], where: str) -> Figure:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    times: list[float] = []
    slowest = ("", 0.0)
    for address in [addresses[0], *addresses]:
        started = time.perf_counter()
        connection.request("GET", address)
        answer = connection.getresponse()
        answer.read()
        took = 1000 * (time.perf_counter() - started)
        if answer.status != 200:
            return Figure(f"{page}, p95", None, note=f"{address} answered {answer.status}")
        times.append(took)
        slowest = max(slowest, (address, took), key=lambda one: one[1])
    connection.close()
    # The first request of a page makes it ready; what it took is told with the slowest.
    p95 = statistics.quantiles(times[1:], n=20)[-1]
    note = f"{where}; median {statistics.median(times[1:]):.1f}, first {times[0]:.0f}, slowest {slowest[1]:.0f} ms ({slowest[0]})"
    return Figure(f"{page}, p95", p95, "ms", at_most=P95_MS, note=note)


def _looking(connection: http.client.HTTPConnection, _number: int) -> Iterator[None]:
    """Loads the front page again and again."""
    while True:
        connection.request("GET", "/")
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise RuntimeError(f"/ answered {answer.status}")
        yield


def _signing_up(connection: http.client.HTTPConnection, number: int) -> Iterator[None]:
    """Loads the form once, and sends it again and again, each time for another mailbox from another network."""
    connection.request("GET", "/")
    answer = connection.getresponse()
    found = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', answer.read().decode())
    cookie = (answer.headers["Set-Cookie"] or "").partition(";")[0]
    if found is None:
        raise RuntimeError("no form on /")
    chosen = {"csrf_token": found[1], "topics": "llm", "language": "en", "timezone": "UTC", "hour": "7"}
    for one in numbers():
        body = urlencode({**chosen, "email": f"reader{one}@host{number}-{one // 100}.example.org"})
        network = f"10.{number}.{one // 250 % 250}.{one % 250}"
        kind = "application/x-www-form-urlencoded"
        connection.request("POST", "/subscribe", body, {"Content-Type": kind, "Cookie": cookie, "X-Forwarded-For": network})
        answer = connection.getresponse()
        answer.read()
        if answer.status != 303:
            raise RuntimeError(f"/subscribe answered {answer.status}")
        yield


def _rate(port: int, seconds: int, visit: Callable[[http.client.HTTPConnection, int], Iterator[None]] = _looking) -> float:
    """How many steps of ``visit`` a second ``CLIENTS`` threads do, after a second of warming up."""
    counts = [0] * CLIENTS
    ended = threading.Event()

    def ask(number: int) -> None:
        for _ in visit(http.client.HTTPConnection("127.0.0.1", port, timeout=30), number):
            counts[number] += 1
            if ended.is_set():
                return

    threads = [threading.Thread(target=ask, args=(number,), daemon=True) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    time.sleep(1)
    before, started = sum(counts), time.perf_counter()
    time.sleep(seconds)
    rate = (sum(counts) - before) / (time.perf_counter() - started)
    ended.set()
    for thread in threads:
        thread.join()
    return rate


@contextmanager
def serving(app: str, environ: Mapping[str, str]) -> Iterator[int]:
    """``app`` under gunicorn on a free port, as the supervisor starts it."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(64)
        listening.set_inheritable(True)
        command = [sys.executable, "-m", "gunicorn", "--bind", f"fd://{listening.fileno()}", "--pythonpath", str(ROOT)]
        command += ["--config", str(ROOT / "gunicorn.conf.py"), "--workers", "1", "--threads", str(THREADS)]
        process = subprocess.Popen(
            [*command, "--log-level", "warning", app],
            env={**os.environ, **environ},
            cwd=environ["DATA_DIR"],
            pass_fds=(listening.fileno(),),
        )
        port = int(listening.getsockname()[1])
        try:
            _wait_for(port)
            yield port
        finally:
            process.terminate()
            process.wait()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        with suppress(OSError, http.client.HTTPException):
            connection.request("GET", "/")
            if connection.getresponse().status == 200:
                return
        time.sleep(0.1)
    raise SystemExit("bench: gunicorn does not answer")
