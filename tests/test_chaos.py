"""The fire suite at its smallest sizes; `make chaos` runs it whole. Most of its time is waiting, so some scenarios run at once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from chaos.run import SCENARIOS

ROOT = Path(__file__).resolve().parents[1]
# What takes processes away: the ledger's promise rests on these.
TOGETHER = [("kills", "postgres", "forms"), ("points", "redis", "logs")]
# The others have tests of their own that take less time, and are for `make chaos`.
STAND_INS = {
    "stopped": "mail/test_leases_lost.py",
    "rates": "mail/rate_limits",
    "ending": "run/test_worker.py",
    "leaving": "subscribers/test_promises.py",
    "matrix": "daily/test_refusals.py",
    "first": "daily/test_welcome.py",
    "sqlite": "daily/test_plan_beside_others.py",
    "weather": "daily/test_delivery_in_any_order.py",
    "year": "daily/test_shown_once.py",
    "bounces": "subscribers/test_bounce_inlets.py",
    "fuzz": "web/test_hostile_input.py",
}


def test_each_scenario_is_run_in_small_or_has_a_test_that_stands_in() -> None:
    assert sorted([*(name for names in TOGETHER for name in names), *STAND_INS]) == sorted(SCENARIOS)
    assert [path for path in STAND_INS.values() if not (ROOT / "tests" / path).exists()] == []


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
