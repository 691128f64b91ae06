"""The heartbeat of a worker: renews its lease while it lives, and knows until when the lease is held for certain."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable

import structlog

from newsletter.db import Database
from newsletter.errors import TemporaryError
from newsletter.mail.store import leases, limits

log = structlog.get_logger(__name__)

# A lease outlives three missed heartbeats.
BEATS = 4


class Heartbeat(threading.Thread):
    """Renews a lease while its worker lives, so that a slow relay costs no lease and a dead worker keeps none.

    ``held_until`` is the end of the lease as far as this process knows: a row is renewed or it is somebody else's. No beat falls
    into a block that holds ``between_beats``: it would lock the same rows in another order.
    """

    def __init__(
        self,
        database: Database,
        lease: str,
        *,
        now: Callable[[], dt.datetime],
        length: dt.timedelta,
        seconds: float | None = None,
    ) -> None:
        """``length`` is that of the lease; it is renewed every ``seconds``, else four times in its length."""
        super().__init__(name="lease-heartbeat", daemon=True)
        self._database, self._lease, self._now, self._length = database, lease, now, length
        self._seconds = seconds or length.total_seconds() / BEATS
        self._ended = threading.Event()
        self.held_until = now()
        self.between_beats = threading.Lock()

    def run(self) -> None:
        while not self._ended.wait(self._seconds):
            try:
                self._beat()
            except TemporaryError as error:
                log.warning("lease not renewed", lease=self._lease, problem=str(error))
            except Exception:
                # A heart that stopped over one bad beat would lose the leases of a worker that lives.
                log.exception("lease not renewed", lease=self._lease)

    def _beat(self) -> None:
        until = self._now() + self._length
        with self.between_beats, self._database.transaction() as session:
            renewed = leases.renew(session, lease=self._lease, until=until)
            limits.keep_connections(session, self._lease, until=until)
        if renewed:
            self.held_until = until

    def holds(self, now: dt.datetime) -> bool:
        """False once the lease may have run out: after a long stop, say. No dot may be sent then."""
        return now < self.held_until

    def end(self) -> None:
        self._ended.set()
        self.join()
