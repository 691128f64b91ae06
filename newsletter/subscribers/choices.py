"""What a subscriber can choose, and what is wrong with a choice: at sign-up, in the preferences and in an import alike.

Pure: the catalogue's slugs are handed in.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Set
from dataclasses import dataclass, replace
from functools import lru_cache
from zoneinfo import available_timezones

from newsletter.languages import BY_CODE
from newsletter.subscribers.faults import ChoicesError, Fault
from newsletter.subscribers.subscriber import Subscriber
from newsletter.values.readers import Layout
from newsletter.values.saved_queries import MOST, Kind, SavedQuery

LEAST_PAPERS, MAX_PAPERS, MOST_PAPERS = 5, 20, 50
EVERY_DAY = (0, 1, 2, 3, 4, 5, 6)
MOST_TOPICS = 200
LONGEST_PAUSE = dt.timedelta(days=366)
# In the time zone files, but no zone that a person lives in: one means whatever the machine is set to.
NO_ZONES = frozenset({"localtime", "Factory"})

NO_TOPIC = Fault("Choose at least one topic.")
UNKNOWN_TOPIC = Fault("One of the topics is not offered here any more: look through your choice again.")
UNKNOWN_LANGUAGE = Fault("Choose one of the languages in the list.")
UNKNOWN_ZONE = Fault("Choose one of the time zones in the list.")
WRONG_HOUR = Fault("Choose an hour from 0 to 23.")
NO_DAY = Fault("Choose at least one day of the week.")
WRONG_NUMBER = Fault("Choose a number of papers from %(least)s to %(most)s.", {"least": LEAST_PAPERS, "most": MOST_PAPERS})
UNKNOWN_LAYOUT = Fault("Choose one of the layouts in the list.")
TOO_EARLY = Fault("Choose a day after today, or leave the field empty.")
TOO_LATE = Fault("Choose a day within the next twelve months.")
FIELDS = {Kind.QUERY: "queries", Kind.AUTHOR: "authors", Kind.EXCLUDE: "excluded"}


@dataclass(frozen=True, slots=True)
class Choices:
    """All that a subscriber chooses.

    ``hour`` is 0-23 in ``timezone`` (empty: UTC, for a browser without scripts cannot tell), ``max_papers`` how many papers a
    digest holds at most, ``own`` are queries of their own, ``updates`` asks to be told of new versions of papers received;
    ``weekdays`` are the days with mail, 0 = Monday, a single one for one mail a week. ``weekly`` asks for the best of the week on
    Saturdays, ``reading_mail`` for the list of papers to read later on Sundays.
    """

    topics: tuple[str, ...]
    language: str
    timezone: str
    hour: int
    max_papers: int = MAX_PAPERS
    own: tuple[SavedQuery, ...] = ()
    updates: bool = False
    weekdays: tuple[int, ...] = EVERY_DAY
    layout: Layout = Layout.STANDARD
    weekly: bool = False
    reading_mail: bool = False


@lru_cache(maxsize=1)
def zones() -> frozenset[str]:
    """All IANA names that this machine knows; read from its disk once."""
    return frozenset(available_timezones()) - NO_ZONES


def hour_of(text: str) -> int:
    """The hour in ``text``, in the digits of any script; -1, which is none, where that is no number."""
    return int(text) if text.isdecimal() and len(text) <= 2 else -1


def checked(chosen: Choices, *, known: Set[str] | None) -> Choices:
    """``chosen`` `settled`. Raises ChoicesError with everything that is wrong, by field."""
    faults = faults_of(chosen, known=known)
    if faults:
        raise ChoicesError(faults)
    return settled(chosen)


def settled(chosen: Choices) -> Choices:
    """``chosen``, of which nothing is wrong, as it is kept: each topic and day once, and a zone."""
    topics, weekdays = tuple(dict.fromkeys(chosen.topics)), tuple(sorted(set(chosen.weekdays)))
    return replace(chosen, topics=topics, timezone=chosen.timezone or "UTC", weekdays=weekdays, layout=Layout(chosen.layout))


def columns_of(chosen: Choices) -> dict[str, object]:
    """What a sign-up or an import chooses, by the columns that keep it."""
    return {"language": chosen.language, "timezone": chosen.timezone, "hour": chosen.hour}


def faults_of(chosen: Choices, *, known: Set[str] | None) -> dict[str, Fault]:
    """What is wrong, by field; empty where nothing is.

    ``known`` are the catalogue's slugs, None: any will do. Whoever has a saved query that brings papers needs no topic.
    """
    counts = Counter(one.kind for one in chosen.own)
    faults = {FIELDS[kind]: fault for kind, count in counts.items() if (fault := too_many(kind, count))}
    if not chosen.topics and not counts[Kind.QUERY] and not counts[Kind.AUTHOR]:
        faults["topics"] = NO_TOPIC
    elif len(chosen.topics) > MOST_TOPICS or (known is not None and not known >= set(chosen.topics)):
        faults["topics"] = UNKNOWN_TOPIC
    right = {
        "language": (chosen.language in BY_CODE, UNKNOWN_LANGUAGE),
        "timezone": (not chosen.timezone or chosen.timezone in zones(), UNKNOWN_ZONE),
        "hour": (0 <= chosen.hour <= 23, WRONG_HOUR),
        "max_papers": (LEAST_PAPERS <= chosen.max_papers <= MOST_PAPERS, WRONG_NUMBER),
        "weekdays": (bool(chosen.weekdays) and set(chosen.weekdays) <= set(EVERY_DAY), NO_DAY),
        "layout": (chosen.layout in list(Layout), UNKNOWN_LAYOUT),
    }
    return faults | {name: fault for name, (well, fault) in right.items() if not well}


def too_many(kind: Kind, count: int) -> Fault | None:
    """What is wrong with ``count`` saved queries of one kind, if anything."""
    return Fault("There may be %(most)s lines here at most: take some out.", {"most": MOST[kind]}) if count > MOST[kind] else None


def pause_fault(until: dt.date, *, today: dt.date) -> Fault | None:
    """What is wrong with ``until`` as the first day with mail again, if anything."""
    if until <= today:
        return TOO_EARLY
    return TOO_LATE if until > today + LONGEST_PAUSE else None


def choices_of(subscriber: Subscriber) -> Choices:
    """What this subscriber has chosen."""
    return Choices(
        topics=subscriber.topics,
        language=subscriber.language,
        timezone=subscriber.timezone,
        hour=subscriber.hour,
        max_papers=subscriber.max_papers,
        own=subscriber.own,
        updates=subscriber.updates,
        weekdays=subscriber.weekdays,
        layout=subscriber.layout,
        weekly=subscriber.weekly,
        reading_mail=subscriber.reading_mail,
    )


def fewer_papers(most: int) -> int:
    """How many papers a mail holds at most once somebody asks for fewer than ``most``: the half."""
    return max(LEAST_PAPERS, most // 2)
