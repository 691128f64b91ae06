"""A subscriber as a value, and the states a subscriber can be in. No session, no SQL."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from newsletter.values.readers import Layout
from newsletter.values.saved_queries import SavedQuery


class State(StrEnum):
    """Where a subscriber stands.

    ``pending`` asked and did not confirm yet; ``paused`` wants no digests until they say otherwise (a pause with an end keeps
    ``confirmed`` and has ``paused_until``); ``unsubscribed`` left; ``bounced`` and ``complained`` is what mail servers said.
    """

    PENDING = "pending"
    CONFIRMED = "confirmed"
    PAUSED = "paused"
    UNSUBSCRIBED = "unsubscribed"
    BOUNCED = "bounced"
    COMPLAINED = "complained"


# Those who read: they have confirmed and not left.
SUBSCRIBED = (State.CONFIRMED, State.PAUSED)
# What `paused_until` holds of somebody who left during a pause without an end, so that it is there when they come back.
ENDLESS = dt.date.max
# Why those are suppressed who left some other list, by `suppressions import` and `subscribers import`, and did nothing worse.
LEFT_ELSEWHERE = ("left elsewhere", State.UNSUBSCRIBED)


@dataclass(frozen=True, slots=True)
class Subscriber:
    """One person; ``topics`` are slugs in alphabetical order, ``own`` their saved queries in their order.

    ``updates`` asks to be told of new versions of papers received, ``weekdays`` are the days with mail (0 = Monday),
    ``paused_until`` is the first day with mail again; ``weekly`` and ``reading_mail`` as in `Choices`.
    """

    id: int
    email: str
    address_key: str
    state: State
    language: str
    timezone: str
    hour: int
    weekdays: tuple[int, ...]
    max_papers: int
    topics: tuple[str, ...]
    own: tuple[SavedQuery, ...]
    updates: bool
    token_version: int
    link_key: int
    layout: Layout
    choosy: bool
    paused_until: dt.date | None
    weekly: bool
    reading_mail: bool
    cursor: int | None
    created_at: dt.datetime
    confirmed_at: dt.datetime | None
    left_at: dt.datetime | None

    def paused_on(self, day: dt.date) -> bool:
        """True where no digest may leave on ``day`` because the subscriber wants a pause."""
        return self.state is State.PAUSED or (self.paused_until is not None and self.paused_until > day)
