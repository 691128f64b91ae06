"""Repeats a request to an outside service after growing pauses, as long as the failure is a temporary one."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TypeVar

import structlog

from newsletter.errors import TemporaryError
from newsletter.http.session import UnreachableError

FIRST_PAUSE = 3.0
LONGEST_PAUSE = 300.0
# Where not even a connection can be made, waiting a minute rarely helps: the next fetch tries again. A caller that asks only a
# few times, because somebody waits, gets the error at once.
UNREACHABLE_ATTEMPTS = 2
# Attempts where somebody waits before an empty page.
HASTY_ATTEMPTS = 3

log = structlog.get_logger(__name__)
Result = TypeVar("Result")


def with_retries(ask: Callable[[], Result], *, attempts: int, sleep: Callable[[float], None], what: str) -> Result:
    """What ``ask`` gives, called up to ``attempts`` times; ``what`` names it in the log.

    Where no connection comes about it is called twice at most, and once where ``attempts`` are three or less.
    Raises: the TemporaryError of the last attempt; any other error at once.
    """
    for attempt in range(1, max(1, attempts)):
        try:
            return ask()
        except TemporaryError as error:
            if isinstance(error, UnreachableError) and attempt >= min(UNREACHABLE_ATTEMPTS, attempts // 2):
                raise
            pause = pause_after(attempt, error.retry_after)
            log.info("asking_again", what=what, attempt=attempt, pause=round(pause, 1), reason=str(error))
            sleep(pause)
    return ask()


def pause_after(attempt: int, retry_after: float | None) -> float:
    """Seconds to wait after failed attempt 1, 2 ...: doubling from 3 with a little chance, at least Retry-After, at most 300."""
    growing = FIRST_PAUSE * 2.0 ** (attempt - 1) * random.uniform(1.0, 1.25)  # noqa: S311 - spreads requests, hides nothing
    return float(min(max(growing, retry_after or 0.0), LONGEST_PAUSE))
