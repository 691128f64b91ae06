"""arXiv's calendar: batches close at 14:00 and are announced at 20:00 US Eastern, in summer and winter, but on holidays."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.papers.calendar import EASTERN, announcement_day, announces_on, batch_opened, last_announcement

times = st.datetimes(dt.datetime(2025, 6, 1), dt.datetime(2027, 6, 1), timezones=st.just(dt.UTC))  # noqa: DTZ001
days = st.dates(dt.date(2025, 6, 1), dt.date(2027, 6, 1))


def eastern(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=EASTERN)


@pytest.mark.parametrize(
    ("submitted", "day"),
    [
        ("2026-06-22T14:00", "2026-06-23"),  # Monday, just in time: Monday evening, which is Tuesday in UTC
        ("2026-06-22T14:00:01", "2026-06-24"),
        ("2026-06-25T13:59", "2026-06-26"),  # Thursday
        ("2026-06-25T14:01", "2026-06-29"),  # until Friday 14:00: Sunday evening
        ("2026-06-26T13:59", "2026-06-29"),
        ("2026-06-26T14:01", "2026-06-30"),  # Friday 14:00 to Monday 14:00: Monday evening
        ("2026-06-27T12:00", "2026-06-30"),
        ("2026-06-28T23:00", "2026-06-30"),
        ("2026-06-29T14:00", "2026-06-30"),
        ("2026-11-25T15:00", "2026-11-30"),  # Thanksgiving evening brings nothing: Sunday
        ("2026-11-26T15:00", "2026-11-30"),
        ("2026-09-04T15:00", "2026-09-09"),  # Labor Day: with Tuesday's
        ("2026-12-28T15:00", "2026-12-31"),  # 29 December: Wednesday evening
        ("2026-12-31T10:00", "2027-01-04"),
        ("2026-07-02T15:00", "2026-07-06"),  # a holiday on a Friday changes nothing
    ],
)
def test_a_submission_is_announced_with_its_batch(submitted: str, day: str) -> None:
    assert announcement_day(eastern(submitted)) == dt.date.fromisoformat(day)


def test_the_deadline_moves_with_daylight_saving_time() -> None:
    summer, winter = dt.datetime(2026, 6, 23, 18, 30, tzinfo=dt.UTC), dt.datetime(2026, 11, 17, 18, 30, tzinfo=dt.UTC)
    assert announcement_day(summer) == dt.date(2026, 6, 25)  # 14:30 in New York
    assert announcement_day(winter) == dt.date(2026, 11, 18)  # 13:30


@pytest.mark.parametrize(
    ("now", "day"),
    [
        ("2026-06-25T19:59", "2026-06-25"),
        ("2026-06-25T20:00", "2026-06-26"),
        ("2026-06-27T12:00", "2026-06-26"),  # Saturday
        ("2026-06-28T19:59", "2026-06-26"),
        ("2026-06-28T20:00", "2026-06-29"),
        ("2026-11-27T12:00", "2026-11-26"),  # the evening of Thanksgiving brought nothing
    ],
)
def test_the_last_announcement_is_the_new_one_from_eight_in_the_evening_on(now: str, day: str) -> None:
    assert last_announcement(eastern(now)) == dt.date.fromisoformat(day)


@given(times)
def test_a_paper_is_announced_after_its_submission_and_within_a_week_of_announcing_days(submitted: dt.datetime) -> None:
    day = announcement_day(submitted)
    evening = dt.datetime.combine(day - dt.timedelta(days=1), dt.time(20), EASTERN)
    assert announces_on(day)
    assert dt.timedelta(hours=6) - dt.timedelta(hours=1) <= evening - submitted <= dt.timedelta(days=7)


@given(times, st.timedeltas(dt.timedelta(0), dt.timedelta(days=10)))
def test_a_later_submission_is_never_announced_earlier(submitted: dt.datetime, later: dt.timedelta) -> None:
    assert announcement_day(submitted) <= announcement_day(submitted + later)


@given(times)
def test_the_last_announcement_has_happened_and_none_since(now: dt.datetime) -> None:
    day = last_announcement(now)
    assert announces_on(day)
    assert dt.datetime.combine(day - dt.timedelta(days=1), dt.time(20), EASTERN) <= now
    following = day + dt.timedelta(days=1)
    while not announces_on(following):
        following += dt.timedelta(days=1)
    assert dt.datetime.combine(following - dt.timedelta(days=1), dt.time(20), EASTERN) > now


@given(days)
def test_an_announcement_day_is_never_a_saturday_or_sunday(day: dt.date) -> None:
    assert not (announces_on(day) and day.weekday() in (5, 6))


@given(st.dates(dt.date(2026, 1, 5), dt.date(2026, 12, 20)).filter(announces_on))
def test_a_batch_opens_on_the_day_of_the_deadline_before_it(day: dt.date) -> None:
    opened = batch_opened(day)
    noon = dt.datetime.combine(opened, dt.time(12), tzinfo=dt.UTC)
    assert announcement_day(noon) < day
    assert announcement_day(noon + dt.timedelta(days=1)) >= day
