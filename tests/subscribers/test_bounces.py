"""What follows when something comes back: matched surely or not at all, counted once, and lifted only by time or an operator."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from newsletter.bootstrap import Services
from newsletter.daily import send
from newsletter.mail.store import ledger
from newsletter.subscribers import bounces, rights, signup
from newsletter.subscribers.bounce_inlets import take_message
from newsletter.subscribers.choices import Choices
from newsletter.subscribers.store import bounces as bounces_store
from newsletter.subscribers.store import subscribers as subscribers_store
from newsletter.tables.subscribers import SubscriberRow
from newsletter.values.mail import DeliveryState
from tests.daily.ledgers import rows, settle, verp
from tests.factories import NOW, a_digest_row, a_subscriber
from tests.mail.bounces.samples import complaint, dsn, original, out_of_office
from tests.smtp_sink import Sink
from tests.subscribers import subscriber_builder

Make = Callable[..., Services]
DAY = dt.timedelta(days=1)


def reader(services: Services, email: str = "reader@example.net", **changes: object) -> int:
    with services.database.transaction() as session:
        return a_subscriber(session, "nerf", email=email, **changes)


def mailed(services: Services, subscriber: int, *, period: str = "2026-11-20", now: dt.datetime = NOW) -> tuple[int, str]:
    """A digest that was sent; its id and the address that its bounces come to."""
    with services.database.transaction() as session:
        delivery = a_digest_row(session, subscriber, period=period)
        session.connection().exec_driver_sql(f"UPDATE deliveries SET planned_at = due_at WHERE id = {delivery}")
    settle(services, DeliveryState.SENT, now=now)
    return delivery, verp(services, delivery)


def stands(services: Services, subscriber: int) -> tuple[str, bool]:
    with services.database.reading() as session:
        found = subscribers_store.subscriber(session, subscriber)
        assert found is not None
        return found.state, subscribers_store.is_suppressed(session, found.address_key)


@pytest.fixture
def services(database_url: str, make_services: Make) -> Services:
    return make_services(database_url, BOUNCE_DOMAIN="bounces.example.org")


def test_a_hard_bounce_ends_the_mails_and_suppresses_the_address(services: Services) -> None:
    subscriber = reader(services)
    delivery, address = mailed(services, subscriber)
    acted = take_message(services, dsn(to=address), origin="file", now=NOW)
    assert (acted.report.kind, acted.delivery, acted.email) == ("hard", delivery, "reader@example.net")
    assert stands(services, subscriber) == ("bounced", True)


def test_what_is_about_us_and_an_answer_of_a_machine_change_nothing(services: Services) -> None:
    subscriber = reader(services)
    _, address = mailed(services, subscriber)
    take_message(services, dsn(to=address, status="5.7.1", said="550 5.7.1 blocked using a list"), origin="file", now=NOW)
    take_message(services, out_of_office(to=address), origin="file", now=NOW)
    assert stands(services, subscriber) == ("confirmed", False)


def test_a_complaint_is_for_good_also_with_the_address_blacked_out(services: Services) -> None:
    subscriber = reader(services)
    _, address = mailed(services, subscriber)
    redacted = complaint(original=original(return_path=address, to="[redacted]"), recipient="")
    assert take_message(services, redacted, origin="file", now=NOW).email == "reader@example.net"
    assert stands(services, subscriber) == ("complained", True)


def test_the_message_id_names_the_mail_where_no_token_does_and_an_address_never(services: Services) -> None:
    subscriber = reader(services)
    mailed(services, subscriber)
    stranger = dsn(to="x@example.org", message_id="<digest.00000000000000000000000000000000@example.org>")
    assert take_message(services, stranger, origin="file", now=NOW).delivery is None
    assert stands(services, subscriber) == ("confirmed", False)
    number = rows(services, subscriber)[0].message_id
    take_message(services, dsn(to="x@example.org", message_id=number), origin="file", now=NOW)
    assert stands(services, subscriber) == ("bounced", True)
    with services.database.reading() as session:
        (kept,) = bounces_store.bounces(session, unmatched=True)
    assert (kept.kind, kept.domain, "User unknown" in kept.raw) == ("hard", "example.net", True)


def test_a_forged_token_suppresses_nobody(services: Services) -> None:
    subscriber = reader(services)
    _, address = mailed(services, subscriber)
    forged = address[:10] + ("a" if address[10] != "a" else "b") + address[11:]
    take_message(services, dsn(to=forged), origin="file", now=NOW)
    assert stands(services, subscriber) == ("confirmed", False)


def soft(services: Services, address: str, *, now: dt.datetime) -> None:
    take_message(services, dsn(to=address, status="5.2.2", said="552 5.2.2 mailbox full"), origin="file", now=now)


def week(services: Services, subscriber: int, days: int, *, taken: int | None = None) -> dt.datetime:
    """A mail a day, each of which comes back for now but that of the day ``taken``; gives the time of the last."""
    for number in range(days):
        at = NOW + number * DAY
        with services.database.transaction() as session:
            delivery = a_digest_row(session, subscriber, period=at.date().isoformat())
            session.connection().exec_driver_sql(
                f"UPDATE deliveries SET planned_at = '{at:%Y-%m-%d %H:%M:%S}' WHERE id = {delivery}"
                if session.get_bind().dialect.name == "sqlite"
                else f"UPDATE deliveries SET planned_at = '{at.isoformat()}' WHERE id = {delivery}"
            )
        settle(services, DeliveryState.SENT, now=at)
        if number != taken:
            soft(services, verp(services, delivery), now=at)
            soft(services, verp(services, delivery), now=at)
    return at


def test_five_soft_bounces_in_a_row_end_the_mails_for_two_weeks_and_the_next_one_ends_them(services: Services) -> None:
    subscriber = reader(services)
    last = week(services, subscriber, 4)
    assert stands(services, subscriber) == ("confirmed", False), "each mail counts once"
    last = week(services, subscriber, 5)
    assert stands(services, subscriber) == ("bounced", False)
    assert bounces.start_probes(services, now=last + 13 * DAY) == 0
    assert bounces.start_probes(services, now=last + 14 * DAY) == 1
    assert stands(services, subscriber) == ("confirmed", False)
    probe = last + 14 * DAY
    _, address = mailed(services, subscriber, period=probe.date().isoformat(), now=probe)
    soft(services, address, now=probe)
    assert stands(services, subscriber) == ("bounced", True)


def test_a_mail_that_is_taken_in_between_begins_the_count_anew(services: Services) -> None:
    subscriber = reader(services)
    week(services, subscriber, 6, taken=2)
    assert stands(services, subscriber) == ("confirmed", False)


def test_told_twice_it_counts_once_and_a_delay_not_at_all(services: Services) -> None:
    subscriber = reader(services)
    _, address = mailed(services, subscriber)
    late = dsn(to=address, action="delayed", status="4.4.1", said="timed out")
    for _ in range(2):
        take_message(services, late, origin="file", now=NOW)
    with services.database.reading() as session:
        assert [one.followed for one in bounces_store.bounces(session, subscriber_id=subscriber)] == ["still tried, nothing"]


def test_an_address_that_was_left_since_does_not_count_against_the_new_one(services: Services) -> None:
    subscriber = reader(services)
    _, address = mailed(services, subscriber)
    with services.database.transaction() as session:
        subscribers_store.add_consent(session, subscriber, "moved", words="", origin="", now=NOW + DAY)
    take_message(services, dsn(to=address), origin="file", now=NOW + 2 * DAY)
    assert stands(services, subscriber) == ("confirmed", False)


def test_no_such_user_at_once_counts_as_a_hard_bounce_and_what_is_about_us_does_not(
    database_url: str, make_services: Make
) -> None:
    def script(step: str, to: str) -> str | None:
        said = {"gone@a.example": "550 5.1.1 User unknown", "r@b.example": "550 5.7.1 blocked using a list"}
        return said.get(to) if step == "rcpt" else None

    with Sink(script) as sink:
        services = make_services(database_url, SMTP_URL=sink.url)
        gone, there = reader(services, "gone@a.example"), reader(services, "r@b.example")
        with services.database.transaction() as session:
            for one in (gone, there):
                a_digest_row(session, one)
        send.drain(services, now=lambda: NOW)
    assert stands(services, gone) == ("bounced", True)
    assert stands(services, there) == ("confirmed", False)


def test_what_turns_out_to_be_about_us_is_taken_back_from_the_readers_too(database_url: str, make_services: Make) -> None:
    with Sink(lambda step, to: "550 5.1.1 User unknown" if step == "rcpt" and to.endswith("moved.example") else None) as sink:
        services = make_services(database_url, SMTP_URL=sink.url)
        readers = [reader(services, f"r{number}@moved.example") for number in range(3)]
        readers += [reader(services, f"g{number}@good.example") for number in range(5)]
        readers += [reader(services, f"s{number}@moved.example") for number in range(6)]
        with services.database.transaction() as session:
            for one in readers:
                a_digest_row(session, one)
        send.drain(services, now=lambda: NOW)
    assert {stands(services, one) for one in readers} == {("confirmed", False)}


def test_a_suppression_outlives_erasure_and_signing_up_does_not_revive(services: Services) -> None:
    subscriber = reader(services, "gone@example.net")
    with services.database.transaction() as session:
        key = bounces_key(services, "gone@example.net")
        session.query(SubscriberRow).filter_by(id=subscriber).update({"address_key": key})
    _, address = mailed(services, subscriber)
    take_message(services, dsn(to=address), origin="file", now=NOW)
    rights.erase(services, subscriber, now=NOW)
    wish = signup.SignUpRequest("gone@example.net", Choices(topics=("nerf",), language="en", timezone="UTC", hour=6))
    subscriber_builder.sign_up(services, wish, now=NOW + DAY)
    with services.database.reading() as session:
        assert subscribers_store.subscriber_by_key(session, "gone@example.net") is None
        assert ledger.deliveries(session) == []


def bounces_key(services: Services, email: str) -> str:
    from newsletter.subscribers.addresses import address_key

    return address_key(email, services.settings.suppression_key)


def test_the_mail_says_where_to_leave_by_mail_where_that_is_read_and_whoever_writes_there_leaves(
    sqlite_url: str, make_services: Make, tmp_path: Path
) -> None:
    with Sink() as sink:
        common = {"SMTP_URL": sink.url, "BOUNCE_DOMAIN": "b.example.org"}
        unread, services = make_services(sqlite_url, **common), make_services(sqlite_url, BOUNCE_MAILBOX=str(tmp_path), **common)
        first, second = reader(services, "a@example.net"), reader(services, "b@example.net")
        for one, by in ((first, unread), (second, services)):
            with services.database.transaction() as session:
                a_digest_row(session, one)
            send.drain(by, now=lambda: NOW)
    (without,), (given,) = sink.to("a@example.net"), sink.to("b@example.net")
    assert "mailto:" not in without.message["List-Unsubscribe"]
    (address,) = re.findall(r"<mailto:(u-[a-z2-7]+@b\.example\.org)\?subject=unsubscribe>", given.message["List-Unsubscribe"])
    letter = f"From: b@example.net\r\nTo: {address}\r\nSubject: unsubscribe\r\n\r\n\r\n".encode()
    assert take_message(services, letter, origin="file", now=NOW).followed == "left by mail"
    assert [stands(services, one)[0] for one in (first, second)] == ["confirmed", "unsubscribed"]
