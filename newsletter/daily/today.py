"""Is the day in order? One look at it for operators: what is wrong, each stage with its times, and the mails hour by hour.

Reads and changes nothing.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from newsletter.daily import own_files, refusals, restored
from newsletter.daily.troubles import Trouble, troubles, unreadable
from newsletter.mail.deliveries import OPEN, RefusingDomain
from newsletter.mail.store import day as day_store
from newsletter.mail.store import refusing_domains
from newsletter.operating import heartbeats, state
from newsletter.operating.heartbeats import Beat, Part
from newsletter.papers.store import fetches
from newsletter.papers.store.fetches import FetchRecord
from newsletter.text.masking import without_people
from newsletter.translation.store import usage
from newsletter.values.mail import DeliveryState

if TYPE_CHECKING:
    from newsletter.bootstrap import Services

REPLIES = 8


@dataclass(frozen=True, slots=True)
class Today:
    """``hours`` has for each hour of the day's mails how many are in which state then; ``counts`` are their sums.

    ``fetched`` new papers and ``translated`` texts are those of the day (UTC). ``held`` says why no mail leaves at all.
    """

    date: dt.date
    troubles: Sequence[Trouble]
    stages: Mapping[str, Beat]
    fetch: FetchRecord | None
    fetched: int
    translated: int
    hours: Mapping[dt.datetime, Mapping[DeliveryState, int]]
    said: Sequence[day_store.Said]
    paused: bool
    held: str
    held_domains: Sequence[RefusingDomain]
    restored: Sequence[str]

    @property
    def counts(self) -> Counter[DeliveryState]:
        """The day's digests by state."""
        return sum((Counter(hour) for hour in self.hours.values()), Counter())

    @property
    def waiting(self) -> int:
        """The digests that are still to be sent."""
        return sum(self.counts[one] for one in (*OPEN, DeliveryState.SENDING))


def look(services: Services, date: dt.date, *, now: dt.datetime) -> Today:
    """How the day ``date`` of the digests stands; what is wrong is told of ``now``."""
    unread = unreadable(own_files.problems(services))
    with services.database.reading() as session:
        hours: dict[dt.datetime, dict[DeliveryState, int]] = {}
        for one in day_store.by_hour(session, date):
            hours.setdefault(one.hour, {})[one.state] = one.count
        begin = dt.datetime.combine(date, dt.time(), dt.UTC)
        made, later = (usage.totals(session, since=day) for day in (date, date + dt.timedelta(days=1)))
        return Today(
            date=date,
            troubles=[*troubles(session, services.settings, now=now), *unread],
            stages={beat.name: beat for beat in heartbeats.beats(session) if beat.part is Part.STAGE},
            fetch=fetches.last_fetch(session),
            fetched=fetches.new_between(session, begin, begin + dt.timedelta(days=1)),
            translated=_accepted(made) - _accepted(later),
            hours=hours,
            said=[replace(one, reply=without_people(one.reply)) for one in day_store.said(session, date, most=REPLIES)],
            paused=state.paused(session),
            held=refusals.held(session, now=now),
            held_domains=refusing_domains.held(session, now=now),
            restored=restored.lines(state.RESTORED.read(session)),
        )


def _accepted(counts: Mapping[tuple[str, str], int]) -> int:
    return sum(count for (_, what), count in counts.items() if what == "accepted")
