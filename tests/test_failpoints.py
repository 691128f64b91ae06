"""Fail points: inert unless armed, and deadly at the pass that was asked for."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from newsletter import failpoints

PROGRAM = "from newsletter import failpoints\nfor n in range(5):\n    failpoints.reach('after_dot')\n    print(n, flush=True)"


def run(armed: str) -> subprocess.CompletedProcess[str]:
    environ = {failpoints.VARIABLE: armed} if armed else {}
    return subprocess.run([sys.executable, "-c", PROGRAM], env=environ, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("armed", ["", "before_dot:1", "after_dot:6"])
def test_a_point_that_is_not_armed_or_not_reached_often_enough_does_nothing(armed: str) -> None:
    assert run(armed).returncode == 0


def test_an_armed_point_kills_at_the_pass_that_is_named() -> None:
    killed = run("after_dot:3")
    assert (killed.returncode, killed.stdout.split()) == (-signal.SIGKILL, ["0", "1"])


def test_a_point_of_an_unknown_name_is_refused() -> None:
    with pytest.raises(ValueError, match="after_dinner"):
        failpoints.armed({failpoints.VARIABLE: "after_dinner:2"})
