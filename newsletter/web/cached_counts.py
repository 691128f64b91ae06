"""What pages say that hardly changes: read from the database now and then, or when papers changed, not at each visit."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from contextlib import suppress
from typing import Generic, TypeVar

from cachetools import TTLCache
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from newsletter.db import Database
from newsletter.errors import TemporaryError
from newsletter.papers.store.changes import Mark, last_change

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


class KeptForPapers(Generic[T]):
    """What is made of the stored papers, for as long as none of them changes; one per process, safe for many threads.

    Whatever else it depends on is told with each question as ``also``. After ``seconds`` it is read anew in any case: somebody
    may have changed papers by hand.
    """

    def __init__(self, *, seconds: float = 60 * 60, timer: Callable[[], float] = time.monotonic) -> None:
        self._kept: TTLCache[str, tuple[Mark, Hashable, T]] = TTLCache(1, seconds, timer)
        self._lock = threading.Lock()

    def value(self, session: Session, read: Callable[[Session], T], *, also: Hashable = None) -> T:
        """What ``read`` gives, which is the same at each call, for what this session sees."""
        # Read before the papers: what changes between is seen with the old mark, and read once more at the next question.
        mark = last_change(session)
        with self._lock:
            kept = self._kept.get("at all")
        if kept is not None and kept[:2] == (mark, also):
            return kept[2]
        found = read(session)
        with self._lock:
            self._kept["at all"] = (mark, also, found)
        return found
