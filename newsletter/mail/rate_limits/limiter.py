"""Keeps one worker within the rate limits: gives the mails that may be prepared next, and waits until they may leave."""

from __future__ import annotations

import datetime as dt
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from newsletter.db import Database
from newsletter.mail.rate_limits.slots import TOTAL, buckets_for
from newsletter.mail.smtp.group_sender import DeliveryMessage
from newsletter.mail.smtp.same_replies import domain_of
from newsletter.mail.store import limits as limits_store
from newsletter.settings import Rates

# Seconds; the worker looks in between whether it is to stop.
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

    def next_group(self, waiting: deque[DeliveryMessage], *, most: int) -> tuple[list[DeliveryMessage], list[int]]:
        """Takes up to ``most`` mails that have slots from the front of ``waiting``; gives them, and the ids to be released.

        Mails to a domain whose slots are used up leave ``waiting``, so that they hold up nobody else's; where the total is
        used up it waits a little and gives none.
        """
        asked = [waiting.popleft() for _ in range(min(most, len(waiting)))]
        if not self.rates:
            return asked, []
        wanted = [buckets_for(self.rates, domain_of(delivery.email)) for delivery, _ in asked]
        with self.database.transaction() as session:
            allotted = limits_store.take_slots(session, wanted, now=self.now())
        self._leave_at = max((slot for slot in allotted.slots if slot is not None), default=None)
        self._full |= {name.removeprefix(f"{TOTAL} "): at for name, at in allotted.full.items() if name != TOTAL}
        group: list[DeliveryMessage] = []
        without_slot: list[DeliveryMessage] = []
        for mail, slot in zip(asked, allotted.slots, strict=True):
            (without_slot if slot is None else group).append(mail)
        put_back = self._put_back([*without_slot, *waiting], waiting)
        if not group and TOTAL in allotted.full:
            self._wait_until(allotted.full[TOTAL])
        return group, put_back

    def _put_back(self, mails: Sequence[DeliveryMessage], waiting: deque[DeliveryMessage]) -> list[int]:
        """Leaves in ``waiting`` those of ``mails`` whose domain has slots, in their order; gives the ids of the others."""
        full = self.full_domains()
        put_back: list[int] = []
        waiting.clear()
        for delivery, message in mails:
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
        """Waits until the group that `next_group` gave last may leave."""
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
