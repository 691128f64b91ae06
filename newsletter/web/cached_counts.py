"""What pages say that hardly changes: read from the database now and then, not at each visit."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Generic, TypeVar

from cachetools import TTLCache
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from newsletter.db import Database
from newsletter.errors import TemporaryError

T = TypeVar("T")


class Remembered(Generic[T]):
    """What ``read`` gives, read anew after ``seconds``, and ``first`` until then; one per process, safe for many threads."""

    def __init__(
        self, read: Callable[[Session], T], first: T, *, seconds: float, timer: Callable[[], float] = time.monotonic
    ) -> None:
        self._read, self._last = read, first
        self._looked: TTLCache[str, bool] = TTLCache(1, seconds, timer)
        self._lock = threading.Lock()

    def value(self, database: Database) -> T:
        """The value; while the database is away, which must keep nobody from signing up, what was known last."""
        with self._lock:
            if not self._looked:
                with suppress(TemporaryError, SQLAlchemyError), database.reading() as session:
                    self._last = self._read(session)
                self._looked["at all"] = True
            return self._last

    def forget(self) -> None:
        """Looks anew at the next page: somebody changed something."""
        with self._lock:
            self._looked.clear()
