"""Who gets a digest now, of which papers: planned once a local date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from newsletter.bootstrap import Services
from newsletter.daily import plan
from newsletter.mail.store import leases, ledger
from newsletter.subscribers import preferences
from newsletter.tables.subscribers import SubscriberRow
from newsletter.values.mail import DeliveryState
from tests.daily.ledgers import DAY, TODAY, add, put, refs, rows, settle, welcome
from tests.factories import NOW, a_subscriber

Make = Callable[..., Services]


@pytest.fixture
def services(database_url: str, make_services: Make) -> Services:
    return make_services(database_url)


# ---------------------------------------------------------------- when


def test_a_digest_is_planned_at_the_local_hour_and_once(services: Services) -> None:
    put(services, 1, 2)
    add(services, hour=9)
    assert plan.plan(services, now=NOW).planned == 0, "it is eight"
    assert plan.plan(services, now=NOW + dt.timedelta(hours=1)).planned == 1
    assert plan.plan(services, now=NOW + dt.timedelta(hours=1)).planned == 0
    (row,) = rows(services)
    assert (row.period, refs(services, row)) == (TODAY.isoformat(), {"1", "2"})


def test_the_period_is_the_date_on_the_readers_wall(services: Services) -> None:
    put(services, 1)
    add(services, hour=7, timezone="Asia/Tokyo")
    plan.plan(services, now=dt.datetime(2026, 11, 20, 22, tzinfo=dt.UTC))
    assert [row.period for row in rows(services)] == ["2026-11-21"]


def test_no_digest_on_a_weekday_that_was_not_chosen(services: Services) -> None:
    put(services, 1)
    add(services, weekdays=[0, 1, 2])
    assert plan.plan(services, now=NOW).planned == 0


def test_a_date_given_by_hand_takes_everybody_who_has_none_of_it_yet(services: Services) -> None:
    put(services, 1)
    late, early = add(services, hour=20), add(services, hour=1)
    plan.plan(services, now=NOW)
    assert plan.plan(services, now=NOW, date=TODAY).planned == 1
    assert plan.plan(services, now=NOW, date=TODAY).planned == 0
    assert [len(rows(services, one)) for one in (late, early)] == [1, 1]


def test_a_date_ahead_by_a_slip_of_the_hand_silences_nobody_until_then(services: Services) -> None:
    put(services, 1)
    add(services)
    plan.plan(services, now=NOW, date=TODAY + 40 * DAY)
    settle(services, DeliveryState.SENT)
    put(services, 2)
    assert plan.plan(services, now=NOW + DAY).planned == 1


@pytest.mark.parametrize(
    ("zone", "hour", "at"), [("Asia/Tokyo", 7, "2026-11-21T22:00"), ("America/Los_Angeles", 8, "2026-11-22T16:00")]
)
def test_a_pause_ends_on_the_date_of_the_readers_wall(services: Services, zone: str, hour: int, at: str) -> None:
    put(services, 1)
    add(services, timezone=zone, hour=hour, paused_until=dt.date(2026, 11, 22))
    due = dt.datetime.fromisoformat(at).replace(tzinfo=dt.UTC)
    for hours in range(-20, 0):
        assert plan.plan(services, now=due + dt.timedelta(hours=hours)).planned == 0
    assert plan.plan(services, now=due).planned == 1


def test_a_mail_that_waits_for_another_try_does_not_leave_within_a_pause(services: Services) -> None:
    put(services, 1)
    reader = add(services)
    plan.plan(services, now=NOW)
    with services.database.transaction() as session:
        claimed = leases.claim(session, lease="w", until=NOW + DAY, limit=9, now=NOW)
    preferences.pause(services, reader, until=TODAY + 5 * DAY, now=NOW)
    with services.database.transaction() as session:
        assert leases.mark_final_dot(session, [claimed[0].id], lease="w", now=NOW) == set()
        leases.release(session, lease="w")
        assert leases.claim(session, lease="x", until=NOW + DAY, limit=9, now=NOW) == []
        ledger.skip_ineligible(session, now=NOW)
    assert [(row.state, row.reason) for row in rows(services)] == [(DeliveryState.SKIPPED, "paused")]


# ---------------------------------------------------------------- what


def test_a_first_digest_holds_the_newest_announcement_day_and_the_next_what_came_since(services: Services) -> None:
    put(services, 1, day=TODAY - DAY)
    put(services, 2)
    reader = add(services)
    plan.plan(services, now=NOW)
    settle(services, DeliveryState.SENT)
    put(services, 3, day=TODAY - DAY)
    plan.plan(services, now=NOW + DAY)
    assert [refs(services, row) for row in rows(services, reader)] == [{"2"}, {"3"}]


@pytest.mark.parametrize("state", [DeliveryState.FAILED, DeliveryState.RETRY])
def test_papers_of_a_first_digest_that_never_left_are_in_the_next(services: Services, state: DeliveryState) -> None:
    put(services, 1)
    reader = add(services)
    plan.plan(services, now=NOW)
    settle(services, state)
    put(services, 2, day=TODAY + DAY)
    plan.plan(services, now=NOW + DAY)
    first, second = rows(services, reader)
    assert first.state == (DeliveryState.FAILED if state is DeliveryState.FAILED else DeliveryState.SKIPPED)
    assert refs(services, second) == {"1", "2"}


def test_a_first_day_without_papers_loses_none_that_come_late(services: Services) -> None:
    put(services, 1, topic="llm")
    put(services, 4, day=TODAY - DAY)
    reader = add(services, hour=1)
    plan.plan(services, now=NOW)
    put(services, 2, day=TODAY - DAY)
    put(services, 3, topic="llm", day=TODAY + DAY)
    plan.plan(services, now=NOW + DAY)
    assert [row.reason for row in rows(services, reader)] == ["no new papers", ""]
    assert refs(services, rows(services, reader)[1]) == {"2"}


def test_who_has_nothing_new_waits_a_while_then_gets_a_row_and_no_mail(services: Services) -> None:
    put(services, 1, topic="llm")
    add(services)
    assert plan.plan(services, now=NOW) == plan.PlanReport(0, 0)
    assert plan.plan(services, now=NOW + dt.timedelta(hours=1)) == plan.PlanReport(0, 1)
    assert [(row.state, row.reason) for row in rows(services)] == [(DeliveryState.SKIPPED, "no new papers")]


def test_a_reader_without_topics_is_planned_nothing(services: Services) -> None:
    put(services, 1)
    with services.database.transaction() as session:
        a_subscriber(session)
    assert plan.plan(services, now=NOW).planned == 0


def test_what_is_more_than_a_digest_holds_is_counted(services: Services) -> None:
    put(services, *range(1, 8))
    add(services, max_papers=5)
    plan.plan(services, now=NOW)
    (row,) = rows(services)
    assert (len(row.contents["papers"]), row.contents["more"]) == (5, 2)


def test_a_digest_that_never_left_is_late_and_its_papers_are_in_the_next(services: Services) -> None:
    put(services, 1)
    reader = add(services, cursor=0)
    plan.plan(services, now=NOW)
    put(services, 2)
    plan.plan(services, now=NOW + DAY)
    first, second = rows(services, reader)
    assert (first.state, first.reason) == (DeliveryState.SKIPPED, "late")
    assert refs(services, second) == {"1", "2"}


# ---------------------------------------------------------------- the first digest


def test_a_welcome_is_todays_digest_and_leaves_at_once_in_english(services: Services) -> None:
    put(services, 1)
    reader = add(services)
    assert welcome(services, reader) is not None
    (row,) = rows(services)
    assert (row.period, row.due_at, row.contents["welcome"]) == (TODAY.isoformat(), NOW, True)
    assert plan.plan(services, now=NOW).planned == 0


def test_a_welcome_waits_for_translations_no_longer_than_a_minute(services: Services) -> None:
    put(services, 1)
    welcome(services, add(services, language="ja"))
    (row,) = rows(services)
    assert NOW < row.due_at <= NOW + dt.timedelta(seconds=60)


def test_a_welcome_without_papers_still_leaves_and_the_next_papers_follow(services: Services) -> None:
    put(services, 1, topic="llm")
    reader = add(services)
    welcome(services, reader)
    settle(services, DeliveryState.SENT)
    put(services, 2, day=TODAY - DAY)
    plan.plan(services, now=NOW + DAY)
    assert [refs(services, row) for row in rows(services, reader)] == [set(), {"2"}]


def test_a_second_welcome_on_the_same_date_is_not_planned(services: Services) -> None:
    put(services, 1)
    reader = add(services)
    assert [welcome(services, reader) is None for _ in range(2)] == [False, True]


def test_who_signs_up_again_is_not_shown_what_they_have(services: Services) -> None:
    put(services, 1)
    reader = add(services)
    plan.plan(services, now=NOW)
    settle(services, DeliveryState.SENT)
    put(services, 2)
    with services.database.transaction() as session:
        session.get_one(SubscriberRow, reader).cursor = None  # as confirming anew does
    welcome(services, reader, now=NOW + DAY)
    assert [refs(services, row) for row in rows(services, reader)] == [{"1"}, {"2"}]


def test_who_signs_up_again_on_the_same_date_is_not_shown_it_twice_the_next(services: Services) -> None:
    put(services, 1)
    reader = add(services)
    plan.plan(services, now=NOW)
    settle(services, DeliveryState.SENT)
    with services.database.transaction() as session:
        session.get_one(SubscriberRow, reader).cursor = None
    assert welcome(services, reader) is None
    assert plan.plan(services, now=NOW + DAY).planned == 0


# ---------------------------------------------------------------- one mail a week


def test_a_single_day_is_one_mail_a_week_with_all_that_the_week_brought(services: Services) -> None:
    put(services, 1)
    reader = add(services, weekdays=[TODAY.weekday()])
    plan.plan(services, now=NOW)
    settle(services, DeliveryState.SENT)
    for days in range(1, 7):
        put(services, 1 + days, day=TODAY + days * DAY)
        assert plan.plan(services, now=NOW + days * DAY).planned == 0
    assert plan.plan(services, now=NOW + 7 * DAY).planned == 1
    assert refs(services, rows(services, reader)[1]) == set("234567")


def test_the_layout_is_frozen_with_the_digest(services: Services) -> None:
    put(services, 1)
    brief, standard = add(services, layout="brief"), add(services)
    plan.plan(services, now=NOW)
    assert [rows(services, one)[0].contents.get("layout") for one in (brief, standard)] == ["brief", None]
