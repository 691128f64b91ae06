"""When a mail server refuses us, gives few connections or none, or the database is away: all is kept, and sending goes on."""

from __future__ import annotations

import datetime as dt
import threading
from collections import Counter
from collections.abc import Callable

from newsletter.bootstrap import Services
from newsletter.daily import send
from newsletter.daily.refusals import held
from newsletter.db import Database
from newsletter.errors import TemporaryError
from newsletter.mail.lease_heartbeat import Heartbeat
from newsletter.mail.store import leases
from newsletter.operating import state
from newsletter.values.mail import DeliveryState
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


def drain(services: Services, *, now: dt.datetime = NOW) -> send.DrainReport:
    return send.drain(services, now=lambda: now)


def states(services: Services) -> Counter[str]:
    return Counter(str(row.state) for row in rows(services))


def test_resuming_lifts_the_hold_after_refusals(database_url: str, make_services: Make) -> None:
    refusing = True

    def script(step: str, _: str) -> str | None:
        return "554 5.7.1 listed" if refusing and step == "mail" else None

    with Sink(script) as sink:
        services = make_services(database_url, SMTP_URL=sink.url)
        plan(services, 20)
        drain(services)
        refusing = False
        with services.database.transaction() as session:
            assert "listed" in held(session, now=NOW)
            state.resume(session, now=NOW)
            assert held(session, now=NOW) == ""
        drain(services, now=NOW + dt.timedelta(minutes=2))
    assert states(services) == {"sent": 20}


def test_five_refusals_in_a_row_hold_sending_though_a_sixth_mail_gets_through(sqlite_url: str, make_services: Make) -> None:
    said = iter(["554 5.7.1 listed"] * 5)
    with Sink(lambda step, _: next(said, None) if step == "mail" else None) as sink:
        services = make_services(sqlite_url, SMTP_URL=sink.url)
        plan(services, send.GROUP)
        drain(services)
        with services.database.reading() as session:
            assert "listed" in held(session, now=NOW)
    assert states(services) == {"sent": 3, "retry": 5}


def test_the_envelope_sender_stays_over_tries_though_the_settings_change(database_url: str, make_services: Make) -> None:
    asked: list[str] = []

    def greylist(step: str, argument: str) -> str | None:
        if step == "mail":
            asked.append(argument)
        return "450 4.2.0 greylisted" if step == "rcpt" and len(asked) == 1 else None

    with Sink(greylist) as sink:
        before = make_services(database_url, SMTP_URL=sink.url, BOUNCE_DOMAIN="old.example.org")
        plan(before, 1)
        drain(before)
        after = make_services(database_url, SMTP_URL=sink.url, BOUNCE_DOMAIN="new.example.org")
        drain(after, now=NOW + dt.timedelta(minutes=2))
    assert states(after) == {"sent": 1}
    assert len(set(asked)) == 1
    assert asked[0].endswith("@old.example.org")


def test_a_relay_that_gives_two_connections_gets_all_mails_at_once(sqlite_url: str, make_services: Make) -> None:
    lock = threading.Lock()
    opened = 0

    def script(step: str, _: str) -> str | None:
        nonlocal opened
        if step != "connect":
            return None
        with lock:
            opened += 1
            return "421 4.7.0 two connections are enough" if opened > 2 else None

    with Sink(script) as sink:
        services = make_services(sqlite_url, SMTP_URL=sink.url)
        plan(services, 40)
        drain(services)
    assert states(services) == {"sent": 40}
    assert opened <= 4


def test_somebody_who_leaves_while_their_mail_is_being_handed_over_gets_none(database_url: str, make_services: Make) -> None:
    with Sink() as sink:
        services = make_services(database_url, SMTP_URL=sink.url)
        plan(services, 1)

        def leave(step: str, _: str) -> str | None:
            if step == "rcpt":
                with services.database.transaction() as session:
                    session.connection().exec_driver_sql("UPDATE subscribers SET state = 'unsubscribed'")
            return None

        sink.script = leave
        drain(services)
        drain(services)
    assert sink.taken == []
    assert [(row.state, row.reason) for row in rows(services)] == [(DeliveryState.SKIPPED, "unsubscribed")]


class _Failing:
    """A database that fails at some of its transactions, as one that is locked or restarting does, and where it cannot be read."""

    def __init__(self, database: Database, failures: dict[int, Exception], *, read: Callable[[], bool] = lambda: True) -> None:
        self._database, self._failures, self.count, self._read = database, failures, 0, read
        self.refused_to_read = 0

    def reading(self) -> object:
        if not self._read():
            self.refused_to_read += 1
            raise TemporaryError("locked")
        return self._database.reading()

    def transaction(self) -> object:
        self._fail_now_and_then()
        return self._database.transaction()

    def statement(self) -> object:
        self._fail_now_and_then()
        return self._database.statement()

    def _fail_now_and_then(self) -> None:
        self.count += 1
        if error := self._failures.pop(self.count, None):
            raise error


def test_answers_are_not_lost_to_a_database_that_is_away_for_a_moment(database_url: str, make_services: Make) -> None:
    with Sink() as sink:
        services = make_services(database_url, SMTP_URL=sink.url)
        plan(services, 9)
        # The claim, the mark of a group, its settlement with the mark of the next, the last settlement: all but the first fail once.
        away = {2: TemporaryError("locked"), 4: TemporaryError("restarting"), 6: TemporaryError("locked")}
        failing = Services(services.settings, _Failing(services.database, away))  # type: ignore[arg-type]
        report = drain(failing)
    assert away == {}
    assert (len(sink.taken), states(services), report.lost_leases) == (9, {"sent": 9}, 0)


def test_answers_are_not_lost_where_nobody_can_be_asked_what_other_runs_heard(database_url: str, make_services: Make) -> None:
    refused: list[str] = []

    def script(step: str, argument: str) -> str | None:
        if step == "rcpt" and argument.endswith("@example.org"):
            refused.append(argument)
            return "550 5.1.1 no such user"
        return None

    with Sink(script) as sink:
        services = make_services(database_url, SMTP_URL=sink.url)
        plan(services, 2)
        with services.database.transaction() as session:
            a_digest_row(session, a_subscriber(session, "nerf", email="a@example.net"))
        failing = _Failing(services.database, {}, read=lambda: not refused)
        drain(Services(services.settings, failing))  # type: ignore[arg-type]
    assert failing.refused_to_read > 0
    assert states(services) == {"sent": 1, "failed": 2}


def test_a_heart_goes_on_beating_after_a_beat_that_failed(database_url: str, make_services: Make) -> None:
    services = make_services(database_url)
    plan(services, 1)
    with services.database.transaction() as session:
        leases.claim(session, lease="mine", until=NOW + LEASE, limit=1, now=NOW)
    later = NOW + LEASE - dt.timedelta(seconds=1)
    failing = _Failing(services.database, {1: TemporaryError("locked"), 2: RuntimeError("no connection in the pool")})
    heartbeat = Heartbeat(failing, "mine", now=lambda: later, length=LEASE, seconds=0.01)  # type: ignore[arg-type]
    heartbeat.start()
    wait_until(lambda: failing.count >= 4 or not heartbeat.is_alive())
    heartbeat.end()
    with services.database.transaction() as session:
        assert leases.sweep(session, now=NOW + LEASE).retried == 0
