"""What a subscriber can choose, and what is wrong with a choice. Pure: the catalogue's slugs are handed in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence, Set
from functools import lru_cache
from zoneinfo import available_timezones

from newsletter.languages import BY_CODE
from newsletter.values.saved_queries import MOST, MOST_AUTHORS, MOST_EXCLUDED, MOST_QUERIES, Kind, OwnQuery

LEAST_PAPERS = 5
MOST_PAPERS = 50
EVERY_DAY = (0, 1, 2, 3, 4, 5, 6)
MOST_TOPICS = 200
# In the time zone files, but no zone that a person lives in: one means whatever the machine is set to.
NO_ZONES = frozenset({"localtime", "Factory"})

NO_TOPIC = "Choose at least one topic."
UNKNOWN_TOPIC = "One of the topics is not offered here: choose from the list."
UNKNOWN_LANGUAGE = "Choose one of the languages in the list."
UNKNOWN_ZONE = "Choose one of the time zones in the list, such as Europe/Berlin."
WRONG_HOUR = "Choose an hour from 0 to 23."
TOO_MANY_QUERIES = f"Keep to {MOST_QUERIES} queries, {MOST_AUTHORS} authors and {MOST_EXCLUDED} lines to keep out at most."
NO_DAY = "Choose at least one day of the week."
WRONG_NUMBER = f"Choose a number of papers from {LEAST_PAPERS} to {MOST_PAPERS}."


@lru_cache(maxsize=1)
def zones() -> frozenset[str]:
    """All IANA names that this machine knows; read from its disk once."""
    return frozenset(available_timezones()) - NO_ZONES


def zone_or_utc(timezone: str) -> str:
    """``timezone``, and UTC where the field was left empty: a browser without scripts cannot tell."""
    return timezone or "UTC"


def once(topics: Iterable[str]) -> tuple[str, ...]:
    """``topics`` in order, each once."""
    return tuple(dict.fromkeys(topics))


def faults_of(
    *,
    topics: Iterable[str],
    language: str,
    timezone: str,
    hour: int,
    known: Set[str] | None,
    max_papers: int = LEAST_PAPERS,
    weekdays: Sequence[int] = EVERY_DAY,
    own: Sequence[OwnQuery] = (),
) -> dict[str, str]:
    """What is wrong, as field -> sentence; empty where nothing is.

    ``known`` are the catalogue's slugs, None: any will do. Whoever has an own query that brings papers needs no topic.
    """
    faults: dict[str, str] = {}
    chosen = once(topics)
    if not chosen and all(one.kind is Kind.EXCLUDE for one in own):
        faults["topics"] = NO_TOPIC
    elif len(chosen) > MOST_TOPICS or (known is not None and not known >= set(chosen)):
        faults["topics"] = UNKNOWN_TOPIC
    if language not in BY_CODE:
        faults["language"] = UNKNOWN_LANGUAGE
    if zone_or_utc(timezone) not in zones():
        faults["timezone"] = UNKNOWN_ZONE
    if not 0 <= hour <= 23:
        faults["hour"] = WRONG_HOUR
    if any(count > MOST[kind] for kind, count in Counter(one.kind for one in own).items()):
        faults["own"] = TOO_MANY_QUERIES
    if not LEAST_PAPERS <= max_papers <= MOST_PAPERS:
        faults["max_papers"] = WRONG_NUMBER
    if not weekdays or not set(weekdays) <= set(EVERY_DAY):
        faults["weekdays"] = NO_DAY
    return faults
