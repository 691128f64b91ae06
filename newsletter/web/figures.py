"""What pages say that hardly changes: read from the database now and then, not at each visit."""

from __future__ import annotations

import datetime as dt
import threading
from contextlib import suppress

from sqlalchemy.exc import SQLAlchemyError

from newsletter.bootstrap import Services
from newsletter.collection import store as collection_store
from newsletter.errors import TemporaryError
from newsletter.papers.days.store import typical_day

KEPT = dt.timedelta(minutes=15)
NOTICED = dt.timedelta(minutes=1)
DAYS = 10


class TypicalDay:
    """How many papers a typical day brings, by topic; one object per process, safe for many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._read_at: dt.datetime | None = None
        self._counts: dict[str, int] = {}

    def counts(self, services: Services, *, now: dt.datetime) -> dict[str, int]:
        """The counts by slug; topics that bring less than one in two days are left out."""
        with self._lock:
            if self._read_at is None or not self._read_at <= now < self._read_at + KEPT:
                # Nobody is kept from signing up by a figure: while the database is away, what was known last is shown.
                with suppress(TemporaryError, SQLAlchemyError), services.database.reading() as session:
                    self._counts = typical_day(session, days=DAYS)
                self._read_at = now
            return self._counts


class CollectionThere:
    """Whether there is a collection to offer; noticed within a minute. One object per process, safe for many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._read_at: dt.datetime | None = None
        self._there = False

    def now(self, services: Services, *, now: dt.datetime) -> bool:
        """True where any entry stands; what was known last while the database is away."""
        with self._lock:
            if self._read_at is None or not self._read_at <= now < self._read_at + NOTICED:
                with suppress(TemporaryError, SQLAlchemyError), services.database.reading() as session:
                    self._there = collection_store.has_entries(session)
                self._read_at = now
            return self._there

    def forget(self) -> None:
        """Looks anew at the next page: an editor changed something."""
        self._read_at = None
