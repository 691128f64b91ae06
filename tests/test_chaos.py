"""The fire suite at its smallest sizes; `make chaos` runs it whole. Most of its time is waiting, so some scenarios run at once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from chaos.run import SCENARIOS

ROOT = Path(__file__).resolve().parents[1]
# A row whose worker was stopped waits a minute; a rate and an end in time are about seconds alone: test_leases_lost.py,
# test_limits.py and run/test_worker.py stand in.
SLOW = {"stopped", "rates", "ending"}
TOGETHER = [
    ("kills", "postgres", "leaving", "matrix", "first"),
    ("points", "redis", "sqlite", "weather", "year", "bounces", "forms", "fuzz", "logs"),
]


def test_each_scenario_is_run_in_small_but_the_slow_ones() -> None:
    assert sorted(name for names in TOGETHER for name in names) == sorted(SCENARIOS.keys() - SLOW)


@pytest.mark.parametrize("scenarios", TOGETHER, ids="-".join)
def test_the_promises_hold_under_fire(scenarios: tuple[str, ...]) -> None:
    command = [sys.executable, "-m", "chaos.run", "--short"]
    running = {
        name: subprocess.Popen(
            [*command, name],
            cwd=ROOT,
            # What is promised in seconds is for `make chaos` on an idle machine to show.
            env={**os.environ, "CHAOS_SLOWNESS": "10"},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        for name in scenarios
    }
    try:
        said = {name: process.communicate(timeout=1000)[0] for name, process in running.items()}
    finally:
        for process in running.values():
            process.terminate()
    broken = {name: said[name] for name, process in running.items() if process.returncode or f"{name:12} kept" not in said[name]}
    assert broken == {}
