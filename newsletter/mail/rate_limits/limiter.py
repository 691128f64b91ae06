"""Keeps one worker within the rates: chooses what may be prepared next, and waits until it may leave."""

from __future__ import annotations

import datetime as dt
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from newsletter.db import Database
from newsletter.mail.rate_limits.slots import TOTAL, buckets_for
from newsletter.mail.smtp.groups import Sendable
from newsletter.mail.store import limits as limits_store
from newsletter.settings import Rates

# Between two looks at whether the worker is to stop.
LONGEST_WAIT = 0.5


@dataclass(slots=True)
class Limiter:
    """The rate limits as one worker keeps them; without any it costs nothing. Used by one thread."""

    database: Database
    rates: Rates
    now: Callable[[], dt.datetime]
    sleep: Callable[[float], None] = time.sleep
    _full: dict[str, dt.datetime] = field(default_factory=dict)
    _leave_at: dt.datetime | None = None

    def next_group(self, waiting: deque[Sendable], *, most: int) -> tuple[list[Sendable], list[int]]:
        """Takes up to ``most`` mails that have slots from the front of ``waiting``, and ids that are to be put back.

        Mails to a domain whose slots are used up leave ``waiting``, so that they hold up nobody else's; where the total is
        used up it waits a little and gives none.
        """
        asked = [waiting.popleft() for _ in range(min(most, len(waiting)))]
        if not self.rates:
            return asked, []
        wanted = [buckets_for(self.rates, domain_of(delivery.email)) for delivery, _ in asked]
        with self.database.transaction() as session:
            allotted = limits_store.take_slots(session, wanted, now=self.now())
        self._leave_at = allotted.leave_at
        self._full |= allotted.full_domains
        group = [sendable for sendable, slot in zip(asked, allotted.slots, strict=True) if slot is not None]
        without = [sendable for sendable, slot in zip(asked, allotted.slots, strict=True) if slot is None]
        waiting.extendleft(reversed(without))
        put_back = self._take_out(waiting)
        if not group and TOTAL in allotted.full:
            self._wait_until(allotted.full[TOTAL])
        return group, put_back

    def _take_out(self, waiting: deque[Sendable]) -> list[int]:
        """Takes the mails to domains that are full out of ``waiting``; gives the ids."""
        full, looked_at = self.full_domains(), list(waiting)
        waiting.clear()
        put_back: list[int] = []
        for delivery, message in looked_at:
            if domain_of(delivery.email) in full:
                put_back.append(delivery.id)
            else:
                waiting.append((delivery, message))
        return put_back

    def full_domains(self) -> frozenset[str]:
        """The domains whose slots were used up when a mail to them was last tried, and are so still."""
        now = self.now()
        self._full = {domain: at for domain, at in self._full.items() if at > now}
        return frozenset(self._full)

    def wait_for_slots(self) -> None:
        """Waits until the group in hand may leave."""
        if self._leave_at is not None:
            pause = (self._leave_at - self.now()).total_seconds()
            self._leave_at = None
            if pause > 0:
                self.sleep(pause)

    def wait_for_a_domain(self) -> bool:
        """Waits a little where mails were put back for a domain that is full; False where none was."""
        if not self.full_domains():
            return False
        self._wait_until(min(self._full.values()))
        return True

    def _wait_until(self, at: dt.datetime) -> None:
        pause = (at - self.now()).total_seconds()
        self.sleep(max(0.0, min(LONGEST_WAIT, pause)))


def domain_of(email: str) -> str:
    """What stands behind the @, in small letters."""
    return email.rpartition("@")[2].lower()
