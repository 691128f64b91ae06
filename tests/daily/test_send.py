"""Draining the ledger through a real SMTP peer: once each, whatever the peer does."""

from __future__ import annotations

import datetime as dt
import threading
from collections import Counter
from collections.abc import Callable

import pytest

from newsletter.bootstrap import Services
from newsletter.daily import send
from newsletter.daily.refusals import BREAKER_PAUSE
from newsletter.mail.store import ledger
from newsletter.operating import state
from newsletter.values.mail import DeliveryState, MailKind
from tests.factories import NOW, a_digest_row, a_letter_row, a_subscriber
from tests.smtp_sink import DROP, GARBAGE, Script, Sink, obliging


def drain(services: Services, *, now: dt.datetime = NOW) -> send.DrainReport:
    return send.drain(services, now=lambda: now)


def plan(services: Services, count: int) -> None:
    with services.database.transaction() as session:
        for number in range(count):
            a_digest_row(session, a_subscriber(session, "nerf", email=f"r{number}@example.org"))


def states(services: Services) -> Counter[str]:
    with services.database.reading() as session:
        return Counter(str(delivery.state) for delivery in ledger.deliveries(session))


Make = Callable[..., Services]


def test_every_due_mail_leaves_once(database_url: str, make_services: Make) -> None:
    with Sink() as sink:
        services = make_services(database_url, SMTP_URL=sink.url)
        plan(services, 30)
        drain(services)
        drain(services)
    assert states(services) == {"sent": 30}
    assert Counter(taken.recipient for taken in sink.taken) == {f"r{number}@example.org": 1 for number in range(30)}


def test_three_workers_at_once_send_each_mail_once(database_url: str, make_services: Make) -> None:
    with Sink() as sink:
        plan(make_services(database_url, SMTP_URL=sink.url), 60)
        workers = [threading.Thread(target=drain, args=(make_services(database_url, SMTP_URL=sink.url),)) for number in range(3)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    assert len(sink.taken) == len({taken.recipient for taken in sink.taken}) == 60


def test_the_message_id_of_the_ledger_is_that_of_the_mail(sqlite_url: str, make_services: Make) -> None:
    with Sink() as sink:
        services = make_services(sqlite_url, SMTP_URL=sink.url)
        plan(services, 1)
        drain(services)
    with services.database.reading() as session:
        assert [delivery.message_id for delivery in ledger.deliveries(session)] == [sink.taken[0].message_id]


def test_a_mail_refused_for_now_waits_and_leaves_later_with_the_same_message_id(database_url: str, make_services: Make) -> None:
    greylisted: set[str] = set()

    def greylist(step: str, argument: str) -> str | None:
        if step == "rcpt" and argument not in greylisted:
            greylisted.add(argument)
            return "450 4.2.0 try again later"
        return None

    with Sink(greylist) as sink:
        services = make_services(database_url, SMTP_URL=sink.url)
        plan(services, 5)
        drain(services)
        assert states(services) == {"retry": 5}
        drain(services, now=NOW + dt.timedelta(minutes=2))
    assert states(services) == {"sent": 5}
    assert len({taken.message_id for taken in sink.taken}) == 5


def at_step(step: str, answer: str) -> Script:
    """The script of a server that says ``answer`` at ``step`` to the reader r1, and yes to all others."""

    def script(now_at: str, argument: str) -> str | None:
        return answer if now_at == step and argument.startswith("r1@") else None

    return script


@pytest.mark.parametrize(
    ("step", "answer", "state"),
    [
        ("rcpt", "450 4.2.0 later", "retry"),
        ("rcpt", "550 5.1.1 no such user", "failed"),
        ("rcpt", "550 5.7.1 blocked", "retry"),
        ("rcpt", "552 5.2.2 full", "retry"),
        ("rcpt", "421 4.7.0 bye", "retry"),
        ("rcpt", DROP, "retry"),
        ("rcpt", GARBAGE, "retry"),
        ("data", "451 4.3.0 later", "retry"),
        ("data", "554 5.6.0 no", "retry"),
        ("data", DROP, "retry"),
        ("dot", "451 4.3.0 later", "retry"),
        ("dot", "554 5.7.1 spam", "retry"),
        ("dot", DROP, "unknown"),
        ("dot", GARBAGE, "unknown"),
    ],
)
def test_one_bad_answer_concerns_one_mail_only(sqlite_url: str, make_services: Make, step: str, answer: str, state: str) -> None:
    with Sink(at_step(step, answer)) as sink:
        services = make_services(sqlite_url, SMTP_URL=sink.url)
        plan(services, 12)
        drain(services)
    assert states(services) == {"sent": 11, state: 1}


def test_a_mail_in_doubt_is_not_sent_again_by_itself(database_url: str, make_services: Make) -> None:
    with Sink(at_step("dot", DROP)) as sink:
        services = make_services(database_url, SMTP_URL=sink.url)
        plan(services, 3)
        drain(services)
        drain(services, now=NOW + dt.timedelta(hours=5))
    assert states(services) == {"sent": 2, "unknown": 1}
    assert len(sink.to("r1@example.org")) == 1


def test_a_server_that_refuses_us_stops_the_run_and_costs_nobody_their_mail(database_url: str, make_services: Make) -> None:
    refusing = True

    def script(step: str, argument: str) -> str | None:
        return "554 5.7.1 listed" if refusing and step == "mail" else None

    with Sink(script) as sink:
        services = make_services(database_url, SMTP_URL=sink.url)
        plan(services, 40)
        assert "refuses us" in drain(services).stopped
        assert states(services)["queued"] >= 40 - 2 * send.GROUP
        assert drain(services).by_state == {}, "sending is held for a while"
        refusing, told = False, list[int]()
        send.drain(services, now=lambda: NOW + BREAKER_PAUSE, settled=told.append)
    assert states(services) == {"sent": 40}
    assert (told, told[-1]) == (sorted(told), 40)


def test_a_paused_service_sends_nothing_until_it_is_resumed(database_url: str, make_services: Make) -> None:
    with Sink() as sink:
        services = make_services(database_url, SMTP_URL=sink.url)
        plan(services, 3)
        with services.database.transaction() as session:
            state.pause(session, now=NOW)
        drain(services)
        assert (states(services), sink.taken) == ({"queued": 3}, [])
        with services.database.transaction() as session:
            state.resume(session, now=NOW)
        drain(services)
    assert states(services) == {"sent": 3}


def test_a_worker_asked_to_stop_gives_its_rows_back_untried(sqlite_url: str, make_services: Make) -> None:
    with Sink() as sink:
        services = make_services(sqlite_url, SMTP_URL=sink.url)
        plan(services, 30)
        report = send.drain(services, now=lambda: NOW, stop=lambda: len(sink.taken) >= send.GROUP)
        assert report.stopped == "asked to stop"
        assert states(services) == {"sent": send.GROUP, "queued": 30 - send.GROUP}


def test_when_no_server_can_be_reached_every_mail_waits(sqlite_url: str, make_services: Make) -> None:
    services = make_services(sqlite_url, SMTP_URL="smtp://127.0.0.1:9")
    plan(services, 10)
    drain(services)
    assert states(services) == {"retry": 10}


def test_the_second_server_takes_over_where_the_first_is_down(sqlite_url: str, make_services: Make) -> None:
    with Sink() as sink:
        services = make_services(sqlite_url, SMTP_URL=f"smtp://127.0.0.1:9,{sink.url}")
        plan(services, 10)
        drain(services)
    assert states(services) == {"sent": 10}


def test_a_server_that_limits_messages_per_connection_gets_them_all(sqlite_url: str, make_services: Make) -> None:
    taken_here: Counter[int] = Counter()
    lock = threading.Lock()

    def script(step: str, argument: str) -> str | None:
        if step == "connect":
            taken_here[threading.get_ident()] = 0
        if step != "mail":
            return None
        with lock:
            taken_here[threading.get_ident()] += 1
            return "421 4.7.0 too many messages on this connection" if taken_here[threading.get_ident()] > 2 else None

    with Sink(script) as sink:
        services = make_services(sqlite_url, SMTP_URL=sink.url)
        plan(services, 64)
        drain(services)
    assert states(services) == {"sent": 64}


def test_an_unsubscription_before_the_claim_means_no_mail(database_url: str, make_services: Make) -> None:
    with Sink() as sink:
        services = make_services(database_url, SMTP_URL=sink.url)
        with services.database.transaction() as session:
            a_digest_row(session, a_subscriber(session, "nerf", state="unsubscribed"))
        drain(services)
    assert (states(services), sink.taken) == ({"skipped": 1}, [])


@pytest.mark.parametrize("kind", [MailKind.CONFIRM, MailKind.PREFERENCES, MailKind.GOODBYE])
def test_each_kind_of_letter_leaves_with_its_link(sqlite_url: str, make_services: Make, kind: MailKind) -> None:
    state = {MailKind.CONFIRM: "pending", MailKind.PREFERENCES: "confirmed", MailKind.GOODBYE: "unsubscribed"}[kind]
    with Sink(obliging) as sink:
        services = make_services(sqlite_url, SMTP_URL=sink.url)
        with services.database.transaction() as session:
            a_letter_row(session, a_subscriber(session, "nerf", state=state), kind)
        drain(services)
    assert states(services) == {DeliveryState.SENT: 1}
    message = sink.taken[0].message
    text = message.get_body(("plain",))
    assert text is not None
    assert "http://papers.example.org/" in text.get_content()
    assert message["List-Unsubscribe-Post"] is None
