"""The answer to "why no mail today?", as a value, and how its times are written. Pure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from newsletter.values.sentences import Sentence


class Why(StrEnum):
    """What the answer comes to, for whoever goes by it; the sentence says the rest."""

    UNKNOWN = "unknown address"
    MOVED = "moved"
    FORMER = "left long ago"
    SUPPRESSED = "suppressed"
    UNCONFIRMED = "unconfirmed"
    PAUSED = "paused"
    LEFT = "left"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    SENT = "sent"
    IN_DOUBT = "in doubt"
    REFUSED = "refused"
    SKIPPED = "skipped"
    BEING_SENT = "being sent"
    ALL_PAUSED = "all sending paused"
    ALL_HELD = "all sending held"
    DOMAIN_HELD = "domain held"
    BEING_FETCHED = "papers being fetched"
    RETRY = "tried again later"
    NO_WORKER = "no worker"
    DUE = "due"
    NOT_TODAY = "no mail on this weekday"
    NOT_YET = "hour not come"
    TOO_SOON = "had one hours ago"
    MATCHING = "query being matched"
    NO_PLANNING = "nothing is planned"
    NO_SCHEDULER = "no scheduler"
    NO_PAPERS = "no papers"
    AWAITS_ANNOUNCEMENT = "waits for the announcement"
    AWAITS_TRANSLATIONS = "waits for translations"
    NOTHING_NEW = "nothing new"


@dataclass(frozen=True, slots=True)
class Answer:
    """``sentence`` is whole, with times in UTC unless it names a zone."""

    why: Why
    sentence: Sentence

    def __str__(self) -> str:
        return str(self.sentence)


def answer(why: Why, text: str, **values: object) -> Answer:
    """The answer ``why`` in the words ``text``, with ``values`` in its gaps."""
    return Answer(why, Sentence(text, values))


def at(time: dt.datetime, now: dt.datetime) -> str:
    """``time`` (aware) as the sentence says it: the hour alone where that is of the same day (UTC) as ``now``."""
    time = time.astimezone(dt.UTC)
    return f"{time:%H:%M} UTC" if time.date() == now.astimezone(dt.UTC).date() else f"{time:%Y-%m-%d %H:%M} UTC"


def quoted(reply: str, otherwise: str = "no reply") -> str:
    """What a mail server said, in quotation marks; ``otherwise`` where it said nothing."""
    return f"“{reply}”" if reply else otherwise
