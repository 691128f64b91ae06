"""The mails of the weekend: the best of the week on Saturdays, the reader's own list on Sundays; once, in bulk, beside digests."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from email import message_from_bytes, policy

import pytest

from newsletter.bootstrap import Services
from newsletter.daily.compose import MessageBuilder
from newsletter.daily.translate import expected_readers
from newsletter.daily.weekend import LEAST_READERS, plan_weekend
from newsletter.digests.selection import LIKED, TO_READ
from newsletter.mail.deliveries import Delivery
from newsletter.papers.store import papers as papers_store
from newsletter.ranking.opinions import Say
from newsletter.ranking.store import opinions as opinions_store
from newsletter.ranking.store import reading as reading_store
from newsletter.subscribers import unsubscribe
from newsletter.values.mail import DeliveryState, MailKind, Message
from tests.daily.ledgers import DAY, TODAY, add, cursor, put, rows
from tests.factories import NOW
from tests.papers.paper_builder import paper

# The Saturday and the Sunday after the day of the tests, at an hour at which the mails of everybody here are due.
SATURDAY = NOW + DAY * ((5 - NOW.weekday()) % 7)
SUNDAY = SATURDAY + DAY


@pytest.fixture
def services(database_url: str, make_services: Callable[..., Services]) -> Services:
    return make_services(database_url)


def ids(services: Services, *numbers: int) -> list[int]:
    with services.database.reading() as session:
        found = [papers_store.paper_by_ref(session, paper(number).ref) for number in numbers]
    return [one.id for one in found if one is not None]


def of_kind(services: Services, kind: MailKind) -> list[Delivery]:
    return [row for row in rows(services) if row.kind is kind]


def message_of(services: Services, delivery: Delivery) -> Message:
    built = MessageBuilder(services).build([delivery], now=SATURDAY)[delivery.id]
    assert isinstance(built, Message)
    return built


def test_the_best_of_the_week_comes_on_saturday_once_and_moves_no_cursor(services: Services) -> None:
    reader = add(services, "nerf", "slam", weekly=True, cursor=2)
    add(services, "nerf")
    put(services, 1, 2, day=TODAY)
    put(services, 3, topic="slam", day=TODAY)
    assert plan_weekend(services, now=SATURDAY - DAY) == 0
    assert plan_weekend(services, now=SATURDAY) == 1
    assert plan_weekend(services, now=SATURDAY) == 0
    [week] = of_kind(services, MailKind.WEEKLY)
    assert (week.subscriber_id, week.period, week.covers_to) == (reader, SATURDAY.date().isoformat(), None)
    # Also what a digest has brought already: it is the best of the week.
    assert {paper_id for paper_id, _ in week.contents["papers"]} == set(ids(services, 1, 2, 3))
    assert cursor(services, reader) == 2


def test_it_is_a_mail_in_bulk_with_a_heading_and_a_subject_of_its_own(services: Services) -> None:
    add(services, "nerf", weekly=True)
    put(services, 1, day=TODAY)
    plan_weekend(services, now=SATURDAY)
    mail = message_from_bytes(message_of(services, of_kind(services, MailKind.WEEKLY)[0]).data, policy=policy.default)
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["Feedback-ID"].split(":")[1] == "weekly"
    assert mail["Subject"].startswith("The week: ")
    html = mail.get_body(("html",))
    assert html is not None
    assert "The week to " in html.get_content()


@pytest.mark.parametrize(("readers", "told"), [(LEAST_READERS - 1, False), (LEAST_READERS, True)])
def test_what_others_liked_is_told_where_there_are_enough_of_them(services: Services, readers: int, told: bool) -> None:
    add(services, "nerf", weekly=True)
    put(services, 1, 2, 3, day=TODAY)
    [liked] = ids(services, 2)
    others = [add(services, "slam") for _ in range(readers)]
    with services.database.transaction() as session:
        for other in others:
            opinions_store.keep(session, other, liked, Say.MORE, now=SATURDAY)
    plan_weekend(services, now=SATURDAY)
    papers = of_kind(services, MailKind.WEEKLY)[0].contents["papers"]
    assert ([liked, LIKED] in papers) is told
    assert [paper_id for paper_id, _ in papers].count(liked) == 1


def test_the_reading_list_comes_on_sunday_where_there_is_anything_on_it(services: Services) -> None:
    reader, _ = add(services, "nerf", reading_mail=True), add(services, "nerf", reading_mail=True)
    put(services, 1, 2, day=TODAY)
    first, second = ids(services, 1, 2)
    with services.database.transaction() as session:
        reading_store.keep_for_later(session, reader, first, now=NOW)
        reading_store.keep_for_later(session, reader, second, now=NOW + dt.timedelta(minutes=1))
        reading_store.keep_for_later(session, reader, first, now=NOW + dt.timedelta(minutes=2))
    assert plan_weekend(services, now=SUNDAY) == 1
    [listed] = of_kind(services, MailKind.READING)
    assert listed.contents["papers"] == [[second, TO_READ], [first, TO_READ]]
    mail = message_from_bytes(message_of(services, listed).data, policy=policy.default)
    assert mail["Subject"].startswith("2 papers to read later · ")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


@pytest.mark.parametrize("days", [-2, -1, 0, 1])
def test_what_the_weekend_brings_is_translated_from_the_day_before(services: Services, days: int) -> None:
    reader = add(services, "nerf", weekly=True, reading_mail=True, language="de", cursor=9)
    add(services, "nerf", weekly=True, reading_mail=True)
    put(services, 1, 2, day=TODAY)
    later, best = ids(services, 1, 2)
    with services.database.transaction() as session:
        reading_store.keep_for_later(session, reader, later, now=NOW)
    with services.database.reading() as session:
        expected = expected_readers(services, session, now=SATURDAY + days * DAY)
    weekly = {(later, "de"), (best, "de")} if days in (-1, 0) else set()
    assert set(expected) == weekly | ({(later, "de")} if days in (0, 1) else set())


def test_who_pauses_or_leaves_gets_none(services: Services) -> None:
    add(services, "nerf", weekly=True, paused_until=SUNDAY.date() + DAY)
    leaving = add(services, "nerf", weekly=True)
    put(services, 1, day=TODAY)
    assert plan_weekend(services, now=SATURDAY) == 1
    unsubscribe.leave(services, leaving, now=SATURDAY, origin="test")
    assert [row.state for row in of_kind(services, MailKind.WEEKLY)] == [DeliveryState.SKIPPED]
