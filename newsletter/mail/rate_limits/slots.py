"""How many mails a second may leave: slots of buckets, given out in order. Pure; the buckets are kept by ``store``.

A bucket is the time of its next free slot (the "virtual scheduling" form of the leaky bucket, ITU-T I.371 annex A): one mail
moves it on by 1/rate. Whoever comes late finds at most the slots of the last moment, so an idle hour gives no burst after it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from newsletter.settings import Rates

# A worker that wakes a little late loses no slot by it. At 100 a second these are 20 mails, at 1 a second none.
SLACK = dt.timedelta(milliseconds=200)
# Slots that come so soon are given out together: a group is held back no longer than this.
AHEAD = dt.timedelta(milliseconds=250)
# The bucket of all mails; that of a domain has its name behind it.
TOTAL = "smtp"
_DOMAIN = f"{TOTAL} "


def buckets_for(rates: Rates, domain: str) -> dict[str, float]:
    """The buckets that a mail to ``domain`` takes a slot of, with their rates."""
    found = {TOTAL: rates.total} if rates.total else {}
    rate = rates.domains.get(domain, rates.domains.get("*", 0.0))
    return found | ({f"{_DOMAIN}{domain}": rate} if rate else {})


@dataclass(frozen=True, slots=True)
class Bucket:
    """``next_at`` is the time of the next free slot."""

    rate: float
    next_at: dt.datetime

    def open_at(self, now: dt.datetime) -> dt.datetime:
        return max(self.next_at, now - SLACK)

    def taken(self, now: dt.datetime) -> Bucket:
        return replace(self, next_at=self.open_at(now) + dt.timedelta(seconds=1 / self.rate))


@dataclass(frozen=True, slots=True)
class Allotment:
    """``slots`` has the time at which each mail may leave, in the order asked; None for one that must wait.

    ``full`` names the buckets that made a mail wait, with the time of their next slot; ``buckets`` are all of them after it.
    """

    slots: tuple[dt.datetime | None, ...]
    full: Mapping[str, dt.datetime]
    buckets: Mapping[str, Bucket]

    @property
    def leave_at(self) -> dt.datetime | None:
        """When the last of the mails may leave that have a slot; None where none has."""
        return max(filter(None, self.slots), default=None)

    @property
    def full_domains(self) -> dict[str, dt.datetime]:
        """The domains whose buckets made a mail wait, with the time of their next slot."""
        return {name.removeprefix(_DOMAIN): at for name, at in self.full.items() if name.startswith(_DOMAIN)}


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
