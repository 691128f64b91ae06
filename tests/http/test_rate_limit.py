"""Politeness holds over all processes that share the database."""

from __future__ import annotations

import datetime as dt
import itertools
import subprocess
import sys

from newsletter.db import Database
from newsletter.http.rate_limit import FIRST_MARGIN, MARGIN, Gate
from newsletter.http.store import reserve_slot
from tests.waiting import PATIENCE

NOW = dt.datetime(2026, 6, 26, 12, 0, tzinfo=dt.UTC)
PROCESSES, CALLS = 3, 10
# The clock stands still, so that the pause before a request tells which slot it was given.
PROCESS = f"""
import datetime as dt, sys
from newsletter.db import connect
from newsletter.http.rate_limit import Gate
now = dt.datetime.fromisoformat(sys.argv[2])
database = connect(sys.argv[1])
gate = Gate(database, "arxiv", 3.0, clock=lambda: now, sleep=print)
print("there", flush=True)
sys.stdin.readline()
for _ in range({CALLS}):
    gate()
database.close()
"""


def slot(database: Database, now: dt.datetime, service: str = "arxiv", delay: float = 3.0) -> dt.datetime:
    with database.transaction() as session:
        return reserve_slot(session, service, delay=delay, now=now)


def seconds(number: float) -> dt.timedelta:
    return dt.timedelta(seconds=number)


def test_slots_taken_at_one_time_lie_apart_by_the_delay(database: Database) -> None:
    assert [slot(database, NOW) for _ in range(3)] == [NOW, NOW + seconds(3), NOW + seconds(6)]


def test_a_service_that_rested_is_free_at_once(database: Database) -> None:
    slot(database, NOW)
    assert slot(database, NOW + seconds(100)) == NOW + seconds(100)


def test_services_do_not_wait_for_each_other(database: Database) -> None:
    slot(database, NOW)
    assert slot(database, NOW, "huggingface") == NOW


def test_a_slot_of_a_clock_that_was_wrong_once_does_not_block_for_long(database: Database) -> None:
    slot(database, NOW + dt.timedelta(days=400))
    assert slot(database, NOW) == NOW


def test_a_gate_sleeps_until_its_slot_and_leaves_more_room_after_the_request_that_opens_a_connection(database: Database) -> None:
    slept: list[float] = []
    gate = Gate(database, "arxiv", 3.0, clock=lambda: NOW, sleep=slept.append)
    for _ in range(3):
        gate()
    assert slept == [3.0 + FIRST_MARGIN, 6.0 + FIRST_MARGIN + MARGIN]


def test_a_gate_without_delay_does_nothing(database: Database) -> None:
    slept: list[float] = []
    gate = Gate(database, "arxiv", 0, clock=lambda: NOW, sleep=slept.append)
    gate()
    gate()
    assert slept == []
    assert slot(database, NOW) == NOW


def test_three_processes_together_keep_the_spacing_of_one(database_url: str) -> None:
    command = [sys.executable, "-c", PROCESS, database_url, NOW.isoformat()]
    processes = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(PROCESSES)]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "there\n"
    said = _at_once(processes)
    # The very first of them had a slot at once, and did not sleep.
    slots = sorted([0.0, *(float(line) for words in said for line in words.split())])
    assert len(slots) == PROCESSES * CALLS
    assert min(later - earlier for earlier, later in itertools.pairwise(slots)) >= 3.0


def _at_once(processes: list[subprocess.Popen[str]]) -> list[str]:
    """Lets all of them go on, and gives what each said."""
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    return [process.communicate(timeout=PATIENCE)[0] for process in processes]
