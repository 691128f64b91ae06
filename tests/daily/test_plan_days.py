"""Days missed, days not chosen, waiting for what is late, and a clock that jumps back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from newsletter.bootstrap import Services
from newsletter.daily import plan
from newsletter.mail.deliveries import Delivery
from newsletter.operating import state
from newsletter.values.mail import DeliveryState
from tests.daily.ledgers import DAY, TODAY, add, put, refs, rows, settle
from tests.factories import NOW

Make = Callable[..., Services]
HOUR, MINUTE = dt.timedelta(hours=1), dt.timedelta(minutes=1)
# NOW is 08:00 UTC on a Friday; readers have chosen 06:00.
LONG_WAIT = dt.timedelta(hours=3)


@pytest.fixture
def services(database_url: str, make_services: Make) -> Services:
    return make_services(database_url)


def down_since(services: Services, days: int) -> None:
    """The service sends the digest of some days ago and is down since; a paper was stored meanwhile on each day."""
    put(services, 1, day=TODAY - days * DAY, now=NOW - days * DAY)
    assert plan.plan(services, now=NOW - days * DAY).planned == 1
    settle(services, DeliveryState.SENT, now=NOW - days * DAY)
    for ahead in range(days):
        put(services, 2 + ahead, day=TODAY - ahead * DAY, now=NOW - ahead * DAY)


def by_period(services: Services) -> dict[str, Delivery]:
    return {row.period: row for row in rows(services)}


def test_after_days_down_one_mail_covers_all_and_the_missed_days_say_late(services: Services) -> None:
    add(services)
    down_since(services, 3)
    assert plan.plan(services, now=NOW).planned == 1
    found = by_period(services)
    late = [(TODAY - ahead * DAY).isoformat() for ahead in (1, 2)]
    assert [(found[day].state, found[day].reason) for day in late] == [(DeliveryState.SKIPPED, "late")] * 2
    assert found[TODAY.isoformat()].state is DeliveryState.QUEUED
    assert refs(services, found[TODAY.isoformat()]) == {"2", "3", "4"}


def test_days_that_a_reader_did_not_choose_were_not_missed(services: Services) -> None:
    add(services, weekdays=[1, 2, 4])
    down_since(services, 3)
    plan.plan(services, now=NOW)
    assert sorted(by_period(services)) == ["2026-11-17", "2026-11-18", "2026-11-20"]


def test_missed_days_are_recorded_once_however_often_it_is_planned(services: Services) -> None:
    add(services)
    down_since(services, 3)
    for minutes in range(3):
        plan.plan(services, now=NOW + dt.timedelta(minutes=minutes))
    assert len(rows(services)) == 4


def test_a_digest_is_tried_until_the_readers_next_chosen_day(services: Services) -> None:
    daily, fridays_and_mondays = add(services), add(services, weekdays=[0, 4])
    put(services, 1)
    plan.plan(services, now=NOW)
    until = {row.subscriber_id: row.retry_until for row in rows(services)}
    at_six = dt.datetime.combine(TODAY, dt.time(6), tzinfo=dt.UTC)
    assert until == {daily: at_six + DAY, fridays_and_mondays: at_six + 3 * DAY}


# ---------------------------------------------------------------- waiting


def test_a_digest_waits_for_the_days_announcement_and_goes_without_it_in_the_end(services: Services) -> None:
    add(services)
    put(services, 1, day=TODAY - DAY)
    report = plan.plan(services, now=NOW, wait=LONG_WAIT)
    assert (report.planned, report.waiting) == (0, 1)
    report = plan.plan(services, now=NOW + HOUR, wait=LONG_WAIT)
    assert (report.planned, report.waiting) == (1, 0)


def test_a_digest_leaves_at_once_when_the_announcement_is_in(services: Services) -> None:
    add(services)
    put(services, 1, day=TODAY - DAY)
    assert plan.plan(services, now=NOW, wait=LONG_WAIT).waiting == 1
    put(services, 2, day=TODAY)
    assert plan.plan(services, now=NOW, wait=LONG_WAIT).planned == 1


def test_a_digest_waits_for_translations_of_its_own_papers_only(database_url: str, make_services: Make) -> None:
    services = make_services(database_url, TRANSLATORS="google", GOOGLE_TRANSLATE_URL="http://127.0.0.1:9/m")
    chinese, english = add(services, language="zh-CN"), add(services)
    put(services, 1)
    report = plan.plan(services, now=NOW, wait=LONG_WAIT)
    assert (report.planned, report.waiting) == (1, 1)
    assert [row.subscriber_id for row in rows(services)] == [english]
    plan.plan(services, now=NOW + HOUR, wait=LONG_WAIT)
    assert {row.subscriber_id for row in rows(services)} == {chinese, english}


# ---------------------------------------------------------------- a clock that jumps


def test_a_clock_that_jumps_back_plans_nothing_and_says_so(services: Services) -> None:
    put(services, 1)
    plan.plan(services, now=NOW + 6 * DAY)
    add(services)
    report = plan.plan(services, now=NOW)
    assert (report.planned, rows(services)) == (0, [])
    assert "2026-11-26 08:00" in report.problem
    assert "newsletter resume" in report.problem


def test_clocks_of_several_machines_may_differ_a_little(services: Services) -> None:
    put(services, 1)
    plan.plan(services, now=NOW + dt.timedelta(seconds=100))
    add(services)
    assert plan.plan(services, now=NOW).planned == 1


def test_an_operator_who_says_that_the_clock_is_right_has_it_planned(services: Services) -> None:
    put(services, 1)
    plan.plan(services, now=NOW + 6 * DAY)
    add(services)
    with services.database.transaction() as session:
        state.resume(session, now=NOW)
    report = plan.plan(services, now=NOW)
    assert (report.planned, report.problem) == (1, "")


def test_a_clock_that_has_caught_up_is_believed_again(services: Services) -> None:
    put(services, 1)
    plan.plan(services, now=NOW + HOUR)
    add(services)
    assert plan.plan(services, now=NOW).planned == 0
    assert plan.plan(services, now=NOW + HOUR).planned == 1


def test_a_reader_who_comes_long_after_their_hour_waits_for_one_look_for_translations(
    database_url: str, make_services: Make
) -> None:
    services = make_services(database_url, TRANSLATORS="google", GOOGLE_TRANSLATE_URL="http://127.0.0.1:9/m")
    put(services, 1)
    late = NOW + 6 * HOUR
    imported = add(services, language="zh-CN", confirmed_at=late)
    first = plan.plan(services, now=late + MINUTE, wait=LONG_WAIT)
    assert (first.planned, first.waiting, first.untranslated) == (0, 1, True)
    look(services, state.TRANSLATION_BEGAN_AT, late + 2 * MINUTE)
    second = plan.plan(services, now=late + 3 * MINUTE, wait=LONG_WAIT)
    assert (second.waiting, second.untranslated) == (1, False), "the look is under way"
    look(services, state.TRANSLATION_ENDED_AT, late + 2 * MINUTE)
    assert plan.plan(services, now=late + 4 * MINUTE, wait=LONG_WAIT).planned == 1, "also where it brought nothing"
    assert [row.subscriber_id for row in rows(services)] == [imported]


def test_no_look_that_never_ends_holds_a_digest_back_for_good(database_url: str, make_services: Make) -> None:
    services = make_services(database_url, TRANSLATORS="google", GOOGLE_TRANSLATE_URL="http://127.0.0.1:9/m")
    put(services, 1)
    late = NOW + 6 * HOUR
    add(services, language="zh-CN", confirmed_at=late)
    assert plan.plan(services, now=late + MINUTE, wait=LONG_WAIT).waiting == 1
    assert plan.plan(services, now=late + LONG_WAIT + MINUTE, wait=LONG_WAIT).planned == 1


def test_who_plans_by_hand_waits_for_nothing(database_url: str, make_services: Make) -> None:
    services = make_services(database_url, TRANSLATORS="google", GOOGLE_TRANSLATE_URL="http://127.0.0.1:9/m")
    put(services, 1)
    add(services, language="zh-CN", confirmed_at=NOW)
    assert plan.plan(services, now=NOW).planned == 1


def look(services: Services, fact: state.Fact[dt.datetime], at: dt.datetime) -> None:
    with services.database.transaction() as session:
        fact.write(session, at, now=at)
