"""Waiting for what another thread or process does. It says nothing about speed: a deadline only ends what would hang for ever."""

from __future__ import annotations

import time
from collections.abc import Callable

# Seconds. Nobody waits so long but for something that never comes, so a machine that is slow and busy fails no test.
PATIENCE = 180.0


def wait_until(condition: Callable[[], object], *, seconds: float = PATIENCE) -> None:
    """Looks until ``condition`` holds; the caller asserts what it needs."""
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
