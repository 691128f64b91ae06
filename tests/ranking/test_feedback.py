"""Feedback over days: a reader of a broad topic who likes one narrower theme finds its papers higher in later digests.

The same readers over the judged papers, ten and many more, are figures of the benchmark (`make bench ARGS="--only feedback"`).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence

import pytest

from bench.feedback import MEASURED_DAYS, Person, live
from bench.themes import TEN
from newsletter.bootstrap import Services
from newsletter.topics.catalogue import load
from newsletter.values.papers import Paper
from newsletter.values.topics import Match
from tests.factories import a_subscriber
from tests.papers.paper_builder import match, paper

THINGS = ("kites", "harbours", "clocks", "bridges", "looms", "kettles")


def test_a_reader_of_made_up_papers_finds_the_few_about_one_thing_first(
    sqlite_url: str, make_services: Callable[..., Services]
) -> None:
    days: dict[dt.date, list[tuple[Paper, Sequence[Match]]]] = {}
    for number in range(1, 211):
        day = dt.date(2026, 6, 22) + dt.timedelta(days=(number - 1) // 30)
        thing = THINGS[number % len(THINGS)]
        one = paper(number, title=f"A study of {thing}", abstract=f"Number {number} tells how {thing} work.", announced_on=day)
        days.setdefault(day, []).append((one, [match(one, "nerf")]))
    services = make_services(sqlite_url)
    with services.database.transaction() as session:
        person = Person(a_subscriber(session, "nerf"), "kites", ("nerf",), "kites")
    live(services, [person], days)
    assert person.better >= 0.75
    assert sorted(person.with_feedback) == sorted([1, 2, 3, 4, 5] * MEASURED_DAYS)


@pytest.mark.parametrize("theme", [one[2] for one in TEN], ids=[one[0] for one in TEN])
def test_no_phrase_of_the_catalogue_has_a_word_of_a_theme(theme: str) -> None:
    for topic in load().topics:
        phrases = (*topic.strong, *topic.in_title, *topic.weak, *topic.exclude, topic.query, topic.unless, topic.name("en"))
        assert not [phrase for phrase in phrases if re.search(theme, phrase, re.IGNORECASE)], topic.slug
