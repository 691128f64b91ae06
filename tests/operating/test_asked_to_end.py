"""How a process learns that it shall end."""

from __future__ import annotations

import subprocess
import sys

import pytest

# A signal comes while the waiting thread holds the lock of the event, as it does for a moment in each wait.
CODE = """
import os, signal
from newsletter.operating.process import asked_to_end
ended = asked_to_end()
with ended._cond:
    os.kill(os.getpid(), signal.{name})
    sum(range(1000))
print(ended.wait(20))
"""


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_a_signal_is_heard_at_whatever_moment_it_comes(name: str) -> None:
    command = [sys.executable, "-c", CODE.format(name=name)]
    assert subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout == "True\n"
