"""How long somebody who signs up waits at most while digests for very many readers are planned on SQLite, which has one writer.

`python -m bench.signing_up` is the visitor: it signs up again and again until its input ends, and prints the longest wait.
"""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping

from bench.figures import Figure
from bench.places import ROOT, SQLITE, a_place
from bench.population import fill
from newsletter import bootstrap
from newsletter.daily import plan
from newsletter.settings import load
from newsletter.subscribers.choices import Choices
from newsletter.subscribers.signup import SignUpRequest, ask_to_sign_up

BAR = 1.0
PAUSE_SECONDS = 0.05


def measure(*, readers: int) -> Iterator[Figure]:
    """The longest wait of one visitor after the other while digests for ``readers`` are planned."""
    with a_place(SQLITE) as (services, environ):
        now = dt.datetime.now(dt.UTC)
        fill(services, readers, now=now, topics=4)
        with _visitor(environ) as visitor:
            assert visitor.stdout is not None
            visitor.stdout.readline()
            started = time.perf_counter()
            report = plan.plan(services, now=now, date=now.date())
            took = time.perf_counter() - started
            longest, count = visitor.communicate()[0].splitlines()[-1].split()
    note = f"the longest of {int(count)} waits, one sign-up after the other; the planning took {took:.1f} s"
    yield Figure(f"wait of a sign-up while {report.planned:,} digests are planned", float(longest), "s", at_most=BAR, note=note)


def _visitor(environ: Mapping[str, str]) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "bench.signing_up"]
    values = {**os.environ, **environ}
    return subprocess.Popen(command, cwd=ROOT, env=values, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def main() -> None:
    """Signs up until stdin ends; prints a line as it begins, and at the end the longest wait in seconds and their number."""
    services = bootstrap.build(load())
    ended = threading.Event()
    threading.Thread(target=_wait_for_the_end, args=(ended,), daemon=True).start()
    choices = Choices(topics=("llm",), language="en", timezone="UTC", hour=7)
    waits: list[float] = []
    sys.stdout.write("begun\n")
    sys.stdout.flush()
    while not ended.wait(PAUSE_SECONDS):
        request = SignUpRequest(f"visitor{len(waits)}@example.org", choices)
        started = time.perf_counter()
        # Each from another network, because one of them has only so many an hour.
        ask_to_sign_up(services, request, network=str(len(waits)), now=dt.datetime.now(dt.UTC))
        waits.append(time.perf_counter() - started)
    sys.stdout.write(f"{max(waits)} {len(waits)}\n")


def _wait_for_the_end(ended: threading.Event) -> None:
    sys.stdin.read()
    ended.set()


if __name__ == "__main__":
    main()
