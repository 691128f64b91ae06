"""Rate limits as leaky buckets: which mail may leave when. Pure; the buckets are kept by ``mail.store.limits``.

A bucket is the time of its next free slot (the "virtual scheduling" form of the leaky bucket, ITU-T I.371 annex A): one mail
moves it on by 1/rate. Unused slots expire after `SLACK`, so an idle hour is not followed by a burst.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from newsletter.settings import Rates

# Slots that passed so recently may still be used, so that a worker that wakes a little late loses none.
# At 100 a second these are 20 mails, at 1 a second none.
SLACK = dt.timedelta(milliseconds=200)
# Slots that come within this time are given out together; a group waits no longer than this to leave.
AHEAD = dt.timedelta(milliseconds=250)
TOTAL = "smtp"


def buckets_for(rates: Rates, domain: str) -> dict[str, float]:
    """The buckets that a mail to ``domain`` takes a slot of, with their rates."""
    found = {TOTAL: rates.total} if rates.total else {}
    rate = rates.domains.get(domain, rates.domains.get("*", 0.0))
    return found | ({f"{TOTAL} {domain}": rate} if rate else {})


@dataclass(frozen=True, slots=True)
class Bucket:
    """``next_at`` is the time of the next free slot."""

    rate: float
    next_at: dt.datetime

    def open_at(self, now: dt.datetime) -> dt.datetime:
        """The time of the next slot that may be used."""
        return max(self.next_at, now - SLACK)

    def taken(self, now: dt.datetime) -> Bucket:
        """The bucket after one slot was taken."""
        return replace(self, next_at=self.open_at(now) + dt.timedelta(seconds=1 / self.rate))


@dataclass(frozen=True, slots=True)
class Allotment:
    """The slots given to some mails. ``slots`` has the time at which each may leave, in the order asked; None: it must wait.

    ``full`` names the buckets that made a mail wait, with the time of their next slot; ``buckets`` are all of them after it.
    """

    slots: tuple[dt.datetime | None, ...]
    full: Mapping[str, dt.datetime]
    buckets: Mapping[str, Bucket]


def allot(buckets: Mapping[str, Bucket], wanted: Sequence[Sequence[str]], *, now: dt.datetime) -> Allotment:
    """Gives each mail a slot in all the buckets it names, or in none. A mail that must wait keeps no other from leaving."""
    left = dict(buckets)
    slots: list[dt.datetime | None] = []
    full: dict[str, dt.datetime] = {}
    for names in wanted:
        late = {name: at for name in names if (at := left[name].open_at(now)) > now + AHEAD}
        full |= late
        if late:
            slots.append(None)
            continue
        slots.append(max((left[name].open_at(now) for name in names), default=now))
        left |= {name: left[name].taken(now) for name in names}
    return Allotment(tuple(slots), full, left)
