"""The wait before each request to an outside service, over all processes and machines that share the database."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from newsletter.db import Database
from newsletter.http.store import reserve_slot

# Requests take different times to arrive: the margins (seconds) keep also arrivals apart by the delay. The first request opens
# the connection, which takes some round trips more.
FIRST_MARGIN, MARGIN = 0.25, 0.08


def _clock() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@dataclass(frozen=True, slots=True)
class RateLimit:
    """Called before a request: takes the next slot of ``service`` and sleeps until it has come; nothing with ``delay`` 0.

    ``delay`` is in seconds. It reads the clock itself, as it stands at the edge of the program like the request.
    Raises: TemporaryError where the database does not answer.
    """

    database: Database
    service: str
    delay: float
    clock: Callable[[], dt.datetime] = _clock
    sleep: Callable[[float], object] = time.sleep
    _margins: list[float] = field(default_factory=lambda: [FIRST_MARGIN], init=False, repr=False, compare=False)

    def __call__(self) -> None:
        if self.delay <= 0:
            return
        margin = self._margins.pop() if self._margins else MARGIN
        with self.database.transaction() as session:
            slot = reserve_slot(session, self.service, delay=self.delay + margin, now=self.clock())
        pause = (slot - self.clock()).total_seconds()
        if pause > 0:
            self.sleep(pause)
