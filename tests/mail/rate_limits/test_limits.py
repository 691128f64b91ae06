"""Rates and connections over all workers: slots of simulated hours, counted."""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter, deque
from collections.abc import Callable

import pytest

from newsletter.bootstrap import Services
from newsletter.daily import send
from newsletter.db import Database
from newsletter.mail.rate_limits.limiter import Limiter
from newsletter.mail.rate_limits.slots import TOTAL, Bucket, allot, buckets_for
from newsletter.mail.smtp.group_sender import DeliveryMessage
from newsletter.mail.store import limits as limits_store
from newsletter.settings import Rates
from newsletter.values.mail import Message
from tests.daily.ledgers import rows
from tests.factories import NOW, a_digest_row, a_subscriber
from tests.mail.smtp.test_replies import delivery
from tests.smtp_sink import Sink

GROUP = 8


class Clock:
    """A clock that moves by sleeping only."""

    def __init__(self) -> None:
        self.time = NOW

    def now(self) -> dt.datetime:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += dt.timedelta(seconds=seconds)

    @property
    def seconds(self) -> float:
        return (self.time - NOW).total_seconds()


def mails(*emails: str) -> deque[DeliveryMessage]:
    return deque(
        (delivery(number=number, email=email), Message(number, "us", email, (b"",))) for number, email in enumerate(emails)
    )


def windows(moments: list[float], *, length: int, until: int) -> list[int]:
    """How many of ``moments`` lie in each whole stretch of ``length`` seconds after the first."""
    counted = Counter(int(moment // length) for moment in moments)
    return [counted[number] for number in range(1, until // length)]


@pytest.mark.parametrize("rate", [1, 10, 100])
def test_a_rate_is_kept_within_a_twentieth_over_any_stretch(rate: int) -> None:
    clock, moments = Clock(), list[float]()
    buckets = {TOTAL: Bucket(rate, NOW)}
    while clock.seconds < 200:
        allotted = allot(buckets, [(TOTAL,)] * GROUP, now=clock.now())
        buckets = dict(allotted.buckets)
        slots = [slot for slot in allotted.slots if slot is not None]
        until = max(slots) if slots else allotted.full[TOTAL]
        clock.time = max(clock.time, until)
        moments += [clock.seconds] * len(slots)
    length = 40
    assert all(abs(count - rate * length) <= 0.05 * rate * length for count in windows(moments, length=length, until=200))


@pytest.mark.parametrize("rate", [1.0, 10.0, 100.0])
def test_two_workers_together_keep_one_rate(database: Database, rate: float) -> None:
    until = 40 if rate < 100 else 12
    clocks = [Clock(), Clock()]
    limiters = [Limiter(database, Rates(rate), now=clock.now, sleep=clock.sleep) for clock in clocks]
    sent = 0
    while min(clock.seconds for clock in clocks) < until:
        turn = 0 if clocks[0].time <= clocks[1].time else 1
        group, _ = limiters[turn].next_group(mails(*["a@example.org"] * GROUP), most=GROUP)
        limiters[turn].wait_for_slots()
        sent += len(group) if clocks[turn].seconds < until else 0
    assert abs(sent - rate * until) <= 0.05 * rate * until


def test_an_idle_hour_gives_no_burst_after_it() -> None:
    allotted = allot({TOTAL: Bucket(10, NOW - dt.timedelta(hours=1))}, [(TOTAL,)] * 100, now=NOW)
    assert sum(slot is not None for slot in allotted.slots) <= 5


def test_a_slow_domain_keeps_no_other_from_leaving(database: Database) -> None:
    clock = Clock()
    limiter = Limiter(database, Rates(0.0, {"slow.example": 0.5}), now=clock.now, sleep=clock.sleep)
    waiting = mails("a@slow.example", "b@slow.example", "c@quick.example", "d@slow.example")
    group, put_back = limiter.next_group(waiting, most=3)
    assert [one.email for one, _ in group] == ["a@slow.example", "c@quick.example"]
    assert sorted(put_back) == [1, 3]
    assert not waiting
    assert limiter.full_domains() == {"slow.example"}
    clock.sleep(2)
    assert limiter.full_domains() == frozenset()


@pytest.mark.parametrize(
    ("domain", "buckets"),
    [("a.example", {TOTAL: 5.0, f"{TOTAL} a.example": 1.0}), ("b.example", {TOTAL: 5.0, f"{TOTAL} b.example": 2.0})],
)
def test_a_star_stands_for_each_other_domain(domain: str, buckets: dict[str, float]) -> None:
    assert buckets_for(Rates(5.0, {"a.example": 1.0, "*": 2.0}), domain) == buckets


def test_a_domain_of_any_length_has_a_bucket(database: Database) -> None:
    long = "a" * 60 + "." + "b" * 60 + ".example"
    with database.transaction() as session:
        limits_store.take_slots(session, [buckets_for(Rates(0.0, {"*": 1.0}), long)], now=NOW)
    with database.transaction() as session:
        allotted = limits_store.take_slots(session, [buckets_for(Rates(0.0, {"*": 1.0}), long)], now=NOW)
    assert allotted.slots == (None,)


# ---------------------------------------------------------------- connections


def take(database: Database, lease: str, *, now: dt.datetime = NOW) -> int:
    with database.transaction() as session:
        return limits_store.take_connections(session, lease, wanted=GROUP, most=10, until=now + dt.timedelta(seconds=30), now=now)


def test_workers_share_the_connections_that_there_are(database: Database) -> None:
    assert [take(database, name) for name in "abc"] == [8, 2, 0]
    with database.transaction() as session:
        limits_store.give_connections_back(session, "a")
    assert take(database, "d") == 8


def test_the_connections_of_a_dead_worker_are_free_once_its_lease_is_over(database: Database) -> None:
    take(database, "dead")
    assert take(database, "b", now=NOW + dt.timedelta(seconds=29)) == 2
    assert take(database, "c", now=NOW + dt.timedelta(seconds=31)) == 8


def test_a_living_worker_keeps_its_connections(database: Database) -> None:
    take(database, "a")
    with database.transaction() as session:
        limits_store.keep_connections(session, "a", until=NOW + dt.timedelta(seconds=60))
    assert take(database, "b", now=NOW + dt.timedelta(seconds=31)) == 2


def test_a_drain_opens_no_more_connections_than_allowed_and_gives_them_back(
    database_url: str, make_services: Callable[..., Services]
) -> None:
    with Sink() as sink:
        services = make_services(database_url, SMTP_URL=sink.url, SMTP_CONNECTIONS="3")
        with services.database.transaction() as session:
            for _ in range(30):
                a_digest_row(session, a_subscriber(session, "nerf"))
        with services.database.transaction() as session:
            limits_store.take_connections(session, "other", wanted=3, most=3, until=NOW + dt.timedelta(minutes=1), now=NOW)
        assert send.drain(services, now=lambda: NOW).stopped == send.CROWDED
        with services.database.transaction() as session:
            limits_store.give_connections_back(session, "other")
        send.drain(services, now=lambda: NOW)
    assert (len(sink.taken), sink.connections) == (30, 3)
    assert take(services.database, "next") == 8


def test_mails_to_a_slow_domain_are_put_back_untried_and_all_leave_in_one_drain(
    database_url: str, make_services: Callable[..., Services]
) -> None:
    began = time.monotonic()

    def running() -> dt.datetime:
        return NOW + dt.timedelta(seconds=time.monotonic() - began)

    with Sink() as sink:
        services = make_services(database_url, SMTP_URL=sink.url, SMTP_DOMAIN_RATES="slow.example=5")
        with services.database.transaction() as session:
            for number in range(20):
                domain = "slow.example" if number < 8 else "quick.example"
                a_digest_row(session, a_subscriber(session, "nerf", email=f"r{number}@{domain}"))
        send.drain(services, now=running)
    assert len(sink.taken) == 20
    quick = [one.recipient.endswith("@quick.example") for one in sink.taken]
    assert quick.index(True) < 8, "the slow ones were claimed first, and held up nobody"
    assert {row.attempts for row in rows(services)} == {1}
