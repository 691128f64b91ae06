"""A circuit breaker: after failures in a row an engine is left alone for a while that grows with every further failure.

It decides on times handed to it (monotonic seconds) and sleeps never.
"""

from __future__ import annotations

import threading

FAILURES = 3
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 300.0
LONGEST_WISH = 3600.0


class Breaker:
    """One engine's circuit; safe for many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failures = 0
        self._pause = FIRST_PAUSE
        self._opened = float("-inf")
        self._closed_at = float("-inf")

    def rest(self, at: float) -> float:
        """The seconds from ``at`` for which the engine is to be left alone; 0 where it may be asked."""
        with self._lock:
            return max(0.0, self._closed_at - at)

    def succeeded(self) -> None:
        with self._lock:
            self._failures, self._pause = 0, FIRST_PAUSE

    def failed(self, started: float, at: float, *, retry_after: float | None = None) -> None:
        """A call begun at ``started`` failed at ``at``; the engine's own wish for a pause opens the circuit at once.

        Calls that were under way when the circuit opened say nothing new and are not counted.
        """
        with self._lock:
            if started < self._opened:
                return
            self._failures += 1
            if self._failures < FAILURES and not retry_after:
                return
            self._opened = at
            self._closed_at = at + max(self._pause, min(retry_after or 0.0, LONGEST_WISH))
            self._pause = min(self._pause * 2, LONGEST_PAUSE)
