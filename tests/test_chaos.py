"""The fire suite at its smallest sizes; `make chaos` runs it whole."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from chaos.run import SCENARIOS

ROOT = Path(__file__).resolve().parents[1]
# A row whose worker was stopped waits a minute, and a rate wants an idle machine: test_leases_lost.py and test_limits.py stand in.
QUICK = [name for name in SCENARIOS if name not in ("stopped", "rates")]


@pytest.mark.parametrize("scenario", QUICK)
def test_the_promises_hold_under_fire(scenario: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "chaos.run", "--short", scenario],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr[-3000:]
    assert f"{scenario:12} kept" in done.stdout
