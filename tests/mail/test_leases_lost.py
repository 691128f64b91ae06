"""A worker that was stopped past its lease: it sends no dot, settles nothing, and nobody gets a mail twice."""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter
from collections.abc import Callable

import pytest

from newsletter.bootstrap import Services
from newsletter.daily import send
from newsletter.mail.lease_heartbeat import Heartbeat
from newsletter.mail.store import leases
from newsletter.operating import state
from tests.daily.ledgers import rows
from tests.factories import NOW, a_digest_row, a_subscriber
from tests.smtp_sink import Sink
from tests.waiting import wait_until

Make = Callable[..., Services]
LEASE = dt.timedelta(seconds=30)


def plan(services: Services, count: int) -> None:
    with services.database.transaction() as session:
        for number in range(count):
            a_digest_row(session, a_subscriber(session, "nerf", email=f"r{number}@example.org"))


def states(services: Services) -> Counter[str]:
    return Counter(str(row.state) for row in rows(services))


@pytest.mark.parametrize(("step", "unknown"), [("rcpt", 0), ("dot", send.GROUP)])
def test_a_worker_stopped_past_its_lease_doubles_nothing(database_url: str, make_services: Make, step: str, unknown: int) -> None:
    here = NOW
    with Sink() as sink:
        services = make_services(database_url, SMTP_URL=sink.url)
        plan(services, send.GROUP)
        stopped = False

        def stop_once(at: str, _: str) -> None:
            """Lets a lease's length and more pass, while a scheduler goes on, the first time ``step`` is reached."""
            nonlocal here, stopped
            if at == step and not stopped:
                stopped = True
                here += 2 * LEASE
                with services.database.transaction() as session:
                    leases.sweep(session, now=here)

        sink.script = stop_once
        report = send.drain(services, now=lambda: here)
        assert report.lost_leases > 0
        here += dt.timedelta(minutes=5)
        send.drain(services, now=lambda: here)
        send.drain(services, now=lambda: here)
    taken = Counter(one.recipient for one in sink.taken)
    assert max(taken.values()) == 1
    assert states(services) == Counter({"unknown": unknown} if unknown else {"sent": send.GROUP})
    assert len(taken) == send.GROUP or unknown


def test_a_heart_that_found_nothing_to_renew_knows_that_the_lease_is_lost(database_url: str, make_services: Make) -> None:
    services = make_services(database_url)
    plan(services, 1)
    with services.database.transaction() as session:
        leases.claim(session, lease="mine", until=NOW + LEASE, limit=1, now=NOW)
    heartbeat = Heartbeat(services.database, "mine", now=lambda: NOW + LEASE / 2, length=LEASE)
    heartbeat.held_until = NOW + LEASE
    heartbeat._beat()
    assert heartbeat.holds(NOW + LEASE), "renewed for half a lease more"
    with services.database.transaction() as session:
        leases.sweep(session, now=NOW + 2 * LEASE)
    heartbeat._beat()
    assert not heartbeat.holds(NOW + 2 * LEASE)


def test_no_beat_falls_into_the_settling_of_a_group(database_url: str, make_services: Make) -> None:
    # On PostgreSQL the two lock the same rows in different orders: once in some thousand mails each waited for the other.
    services = make_services(database_url)
    plan(services, 1)
    with services.database.transaction() as session:
        leases.claim(session, lease="mine", until=NOW + LEASE, limit=1, now=NOW)
    heartbeat = Heartbeat(services.database, "mine", now=lambda: NOW + LEASE, length=LEASE, seconds=0.01)
    heartbeat.held_until = NOW + LEASE
    with heartbeat.between_beats:
        heartbeat.start()
        time.sleep(0.2)
        assert not heartbeat.holds(NOW + LEASE), "no beat yet"
    wait_until(lambda: heartbeat.holds(NOW + LEASE))
    assert heartbeat.holds(NOW + LEASE)
    heartbeat.end()


def test_a_pause_stops_a_drain_that_is_under_way_before_its_next_dots(database_url: str, make_services: Make) -> None:
    with Sink() as sink:
        services = make_services(database_url, SMTP_URL=sink.url)
        plan(services, 3 * send.GROUP)

        def pause(at: str, _: str) -> None:
            if at == "dot" and len(sink.taken) == 0:
                with services.database.transaction() as session:
                    state.pause(session, now=NOW)

        sink.script = pause
        assert send.drain(services, now=lambda: NOW).stopped == send.PAUSED
    assert len(sink.taken) <= send.GROUP
    assert states(services) == {"sent": len(sink.taken), "queued": 3 * send.GROUP - len(sink.taken)}
