"""How much came back, by day and domain, and when that is an alarm."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from newsletter.bootstrap import Services
from newsletter.subscribers.bounce_alarms import bounce_alarms, shares
from newsletter.subscribers.bounce_inlets import take_message
from newsletter.subscribers.store import bounce_rates
from newsletter.subscribers.store.bounce_rates import Rate
from newsletter.values.mail import DeliveryState
from tests.daily.ledgers import settle, verp
from tests.factories import NOW, a_digest_row, a_subscriber
from tests.mail.bounces.samples import complaint, dsn, original

Make = Callable[..., Services]


def sent(services: Services, count: int, *, domain: str = "a.example") -> list[str]:
    """So many digests of a day; gives the addresses that their bounces come to."""
    with services.database.transaction() as session:
        rows = [a_digest_row(session, a_subscriber(session, "nerf", email=f"r{number}@{domain}")) for number in range(count)]
    settle(services, DeliveryState.SENT)
    return [verp(services, delivery) for delivery in rows]


@pytest.fixture
def services(database_url: str, make_services: Make) -> Services:
    return make_services(database_url, BOUNCE_DOMAIN="b.example.org")


def alarms(services: Services) -> list[str]:
    with services.database.reading() as session:
        return [alarm.kind.value for alarm in bounce_alarms(session, now=NOW)]


def test_each_mail_counts_once_by_day_and_by_domain(services: Services) -> None:
    first, second, *_ = sent(services, 10)
    sent(services, 30, domain="b.example")
    for _ in range(2):
        take_message(services, dsn(to=first), origin="file", now=NOW)
        take_message(services, dsn(to=first, status="5.2.1", said="550 5.2.1 disabled"), origin="file", now=NOW)
    take_message(services, dsn(to=second, action="delayed", status="4.4.1", said="timed out"), origin="file", now=NOW)
    take_message(services, complaint(original=original(return_path=second)), origin="file", now=NOW)
    with services.database.reading() as session:
        since = NOW.date() - dt.timedelta(days=7)
        assert bounce_rates.by_day(session, since=since) == {"2026-11-20": Rate(40, 1, 1)}
        assert bounce_rates.by_domain(session, since=since, most=10) == {"a.example": Rate(10, 1, 1)}


def test_two_in_a_hundred_bounces_and_one_in_a_thousand_complaints_are_alarms(services: Services) -> None:
    addresses = sent(services, 51)
    take_message(services, dsn(to=addresses[0]), origin="file", now=NOW)
    assert alarms(services) == []
    take_message(services, dsn(to=addresses[1]), origin="file", now=NOW)
    assert alarms(services) == ["bounces"]
    take_message(services, complaint(original=original(return_path=addresses[2])), origin="file", now=NOW)
    assert alarms(services) == ["bounces", "complaints"]


def test_of_a_few_mails_no_share_is_an_alarm_or_a_figure(services: Services) -> None:
    take_message(services, dsn(to=sent(services, 5)[0]), origin="file", now=NOW)
    assert alarms(services) == []
    with services.database.reading() as session:
        assert shares(session, now=NOW) == (0.0, 0.0)
    sent(services, 45, domain="b.example")
    with services.database.reading() as session:
        assert shares(session, now=NOW) == (0.02, 0.0)
