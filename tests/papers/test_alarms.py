"""What is wrong with the papers is seen: in the alarms themselves, in the metrics, on the dashboard and by the doctor."""

from __future__ import annotations

import datetime as dt

from newsletter.db import Database
from newsletter.papers.alarms import Kind, alarms
from newsletter.papers.calendar import announced_at
from newsletter.papers.store import papers as papers_store
from newsletter.papers.store.papers import FetchRecord
from newsletter.values.papers import POSTING_SERVERS
from tests.papers.paper_builder import paper

FRIDAY, MONDAY = dt.date(2026, 6, 26), dt.date(2026, 6, 29)
HOUR = dt.timedelta(hours=1)


def keep(database: Database, counts: dict[dt.date, int], **changes: object) -> None:
    with database.transaction() as session:
        for place, (day, count) in enumerate(counts.items()):
            papers = [paper(1000 * place + number, announced_on=day, **changes) for number in range(1, count + 1)]
            papers_store.store_papers(session, [(one, []) for one in papers], now=announced_at(day))


def fetched(database: Database, *, at: dt.datetime, error: str = "") -> None:
    with database.transaction() as session:
        papers_store.record_fetch(session, FetchRecord("arxiv", at, at, at.date(), at.date(), 0, 0, 0, error))


def kinds(database: Database, now: dt.datetime) -> list[Kind]:
    with database.reading() as session:
        return [alarm.kind for alarm in alarms(session, now=now)]


def test_an_empty_store_raises_no_alarm(database: Database) -> None:
    assert kinds(database, announced_at(MONDAY) + 9 * HOUR) == []


def test_a_weekday_that_brings_nothing_is_an_alarm_after_three_hours_and_none_once_papers_came(database: Database) -> None:
    keep(database, {FRIDAY: 3})
    assert kinds(database, announced_at(FRIDAY) + 60 * HOUR) == [], "a weekend"
    assert kinds(database, announced_at(MONDAY) + 2 * HOUR) == []
    assert kinds(database, announced_at(MONDAY) + 4 * HOUR) == [Kind.MISSING]
    keep(database, {MONDAY: 3}, source=POSTING_SERVERS[0])
    assert kinds(database, announced_at(MONDAY) + 4 * HOUR) == [Kind.MISSING], "what is posted elsewhere is no announcement"


def test_a_day_with_far_fewer_papers_than_usual_is_an_alarm(database: Database) -> None:
    days = [dt.date(2026, 6, 22) + dt.timedelta(days=n) for n in range(4)]
    keep(database, dict.fromkeys(days, 10) | {FRIDAY: 2})
    assert kinds(database, announced_at(FRIDAY) + HOUR) == [Kind.SMALL]


def test_a_fetch_that_fails_and_fetches_that_stopped_are_alarms(database: Database) -> None:
    at = announced_at(FRIDAY)
    fetched(database, at=at, error="arXiv is out of reach")
    assert kinds(database, at + HOUR) == [Kind.FAILED]
    fetched(database, at=at + HOUR)
    assert kinds(database, at + 2 * HOUR) == []
    assert kinds(database, at + 26 * HOUR) == [Kind.STOPPED]
