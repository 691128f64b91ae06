"""How long the service takes to be ready, and the command line to tell its help."""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.figures import Figure

NEWSLETTER = Path(sys.executable).with_name("newsletter")
READY_BAR, HELP_BAR = 10.0, 0.5
# What `newsletter run` says once /readyz has answered.
READY = "Sign up:"
LONGEST_SECONDS = 60
NOTHING = "http://127.0.0.1:9/api/query"


def measure(*, starts: int, helps: int) -> Iterator[Figure]:
    """The slowest of ``starts`` starts, each on an empty folder, and the median of ``helps`` calls for help."""
    times = [_start() for _ in range(starts)]
    note = f"slowest of {starts}, on an empty folder: migrations, Redis, local inbox, pages, two workers, scheduler"
    yield Figure("newsletter run until it is ready", max(times), "s", at_most=READY_BAR, note=note)
    calls = [_help() for _ in range(helps)]
    note = f"median of {helps}; {max(calls):.2f} s at most"
    yield Figure("newsletter --help", statistics.median(calls), "s", at_most=HELP_BAR, note=note)


def _start() -> float:
    with tempfile.TemporaryDirectory(prefix="newsletter-bench-") as name:
        values = {**os.environ, "DATA_DIR": f"{name}/var", "TRANSLATORS": "none", "ARXIV_API_URL": NOTHING}
        log = Path(name) / "log"
        started = time.perf_counter()
        with log.open("wb") as out:
            command = [str(NEWSLETTER), "run", "--port", "0"]
            process = subprocess.Popen(command, env=values, cwd=name, stdout=out, stderr=out)
        try:
            while READY not in log.read_text("utf-8"):
                if process.poll() is not None or time.perf_counter() - started > LONGEST_SECONDS:
                    raise SystemExit(f"bench: the service did not start:\n{log.read_text('utf-8')[-2000:]}")
                time.sleep(0.02)
            return time.perf_counter() - started
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def _help() -> float:
    started = time.perf_counter()
    subprocess.run([str(NEWSLETTER), "--help"], check=True, capture_output=True)
    return time.perf_counter() - started
