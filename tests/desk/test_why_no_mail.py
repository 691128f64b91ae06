"""Why somebody has no mail today: one true sentence in every state, by what planning and sending do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from newsletter.bootstrap import Services
from newsletter.daily import plan, sending_state
from newsletter.desk import changes
from newsletter.desk.answer import Why
from newsletter.desk.why_no_mail import why_no_mail
from newsletter.errors import InputError
from newsletter.mail.deliveries import Outcome, RefusingDomain
from newsletter.mail.store import leases, refusing_domains
from newsletter.operating import state, store
from newsletter.operating.heartbeats import Beat, Part
from newsletter.subscribers import suppressions
from newsletter.subscribers.choices import Choices
from newsletter.tables.deliveries import DeliveryRow
from newsletter.tables.subscribers import FormerSubscriberRow, SubscriberRow
from newsletter.values.mail import DeliveryState, MailKind
from tests.daily.ledgers import DAY, TODAY, add, fetched, put, rows
from tests.factories import NOW
from tests.subscribers.subscriber_builder import key_of

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def services(sqlite_url: str, make_services: Callable[..., Services]) -> Services:
    return make_services(sqlite_url)


def at_work(services: Services, *parts: Part, now: dt.datetime = NOW) -> None:
    with services.database.transaction() as session:
        for part in parts or (Part.SCHEDULER, Part.WORKER):
            store.put_beat(session, Beat(part, "here:1", now, now))


def why(services: Services, email: str, *, now: dt.datetime = NOW) -> tuple[Why, str]:
    with services.database.reading() as session:
        told = why_no_mail(services, session, email, now=now)
    assert "%(" not in str(told)
    return told.why, str(told)


def write(services: Services, subscriber: int, **columns: object) -> None:
    with services.database.transaction() as session:
        row = session.get_one(SubscriberRow, subscriber)
        for name, value in columns.items():
            setattr(row, name, value)


def test_who_may_get_no_mail_is_told_by_where_they_stand(services: Services) -> None:
    put(services, 1)
    at_work(services)
    week = NOW - 7 * DAY
    write(services, add(services, email="left@example.org"), state="unsubscribed", left_at=week)
    add(services, email="paused@example.org", state="paused")
    add(services, email="away@example.org", paused_until=TODAY + 3 * DAY)
    add(services, email="back@example.org", paused_until=TODAY)
    add(services, email="bounced@example.org", state="bounced")
    add(services, email="probed@example.org", state="bounced", probe_at=NOW + 4 * DAY)
    add(services, email="complained@example.org", state="complained")
    add(services, email="listed@example.org", state="pending", confirmed_at=None)
    suppressed = add(services, email="shunned@example.org")
    write(services, suppressed, address_key=key_of("shunned@example.org"))
    suppressions.add(services, "shunned@example.org", reason="wrote to us", now=week)
    write(services, suppressed, state="confirmed")
    suppressions.add(services, "never-here@example.org", reason="left our old list", now=week)
    with services.database.transaction() as session:
        session.add(FormerSubscriberRow(address_key=key_of("former@example.org"), left_at=week))
    for name, expected, words in (
        ("nobody", Why.UNKNOWN, "look at its spelling"),
        ("never-here", Why.SUPPRESSED, "left our old list"),
        ("former", Why.FORMER, "2026-11-13"),
        ("left", Why.LEFT, "2026-11-13"),
        ("paused", Why.PAUSED, "until they say otherwise"),
        ("away", Why.PAUSED, "2026-11-23"),
        ("back", Why.DUE, "1 papers"),
        ("bounced", Why.BOUNCED, "until an operator lifts that"),
        ("probed", Why.BOUNCED, "once more on 2026-11-24"),
        ("complained", Why.COMPLAINED, "nothing is sent there again"),
        ("listed", Why.UNCONFIRMED, "no confirmation was mailed"),
        ("shunned", Why.SUPPRESSED, "wrote to us"),
    ):
        told = why(services, f"{name}@example.org")
        assert (name, told[0]) == (name, expected), told
        assert words in told[1], told
    with pytest.raises(InputError, match="needs the form"):
        why(services, "no address")


def test_who_has_not_confirmed_is_told_what_became_of_the_mail_with_the_link(services: Services) -> None:
    changes.add(services, "ada@example.org", Choices(("nerf",), "en", "UTC", 7), now=NOW)
    assert "waits to be sent since 08:00 UTC (not tried yet)" in why(services, "ada@example.org")[1]
    sending_state.pause(services, now=NOW)
    assert "because all sending is paused by an operator" in why(services, "ada@example.org")[1]
    sending_state.resume(services, now=NOW)
    with services.database.transaction() as session:
        (mail,) = leases.claim(session, lease="w", until=NOW + HOUR, limit=9, now=NOW)
        leases.settle(session, [Outcome(mail.id, DeliveryState.SENT, "dot", "250 ok")], lease="w", now=NOW)
    told = why(services, "ada@example.org", now=NOW + HOUR)[1]
    assert "went out at 08:00 UTC (“250 ok”), and holds until 2026-11-27 08:00 UTC" in told
    assert "so they need another" in why(services, "ada@example.org", now=NOW + 8 * DAY)[1]
    with services.database.transaction() as session:
        row = session.get_one(DeliveryRow, mail.id)
        row.state, row.reply = "failed", "550 nobody there"
    assert "did not go out at 08:00 UTC (“550 nobody there”)" in why(services, "ada@example.org")[1]


def test_a_reader_who_moved_is_found_by_both_addresses(services: Services) -> None:
    reader = add(services, email="old@example.org")
    changes.move(services, reader, "new@example.org", now=NOW)
    assert why(services, "old@example.org") == (Why.MOVED, "Whoever read here moved to another address on 2026-11-20.")
    assert "moved to this address, and have not confirmed it yet" in why(services, "new@example.org")[1]


def test_before_a_digest_is_planned_the_answer_is_what_planning_does(
    sqlite_url: str, make_services: Callable[..., Services]
) -> None:
    services = make_services(sqlite_url, TRANSLATORS="libre", LIBRETRANSLATE_URL="http://127.0.0.1:9")
    fetched(services)
    reader = add(services, email="r@example.org")
    assert why(services, "r@example.org")[0] is Why.NO_SCHEDULER, "nobody was ever at work"
    at_work(services, now=NOW - HOUR)
    assert "the last one was seen at 2026-11-20 07:00" in why(services, "r@example.org")[1]
    at_work(services)
    states: list[Why] = []

    def look(expected: Why, words: str, *, now: dt.datetime = NOW) -> None:
        at_work(services, now=now)
        told = why(services, "r@example.org", now=now)
        assert (told[0], words in told[1]) == (expected, True), told
        report = plan.plan(services, now=now, wait=dt.timedelta(minutes=services.settings.digest_wait_minutes))
        planned = [row for row in rows(services, reader) if row.state == DeliveryState.QUEUED]
        assert bool(planned) is (expected is Why.DUE), report
        states.append(expected)

    look(Why.NO_PAPERS, "No papers are stored yet")
    put(services, 1, day=TODAY - DAY)
    write(services, reader, hour=20)
    look(Why.NOT_YET, "20:00 in UTC, which is 20:00 UTC")
    write(services, reader, hour=6, weekdays=[0, 1])
    look(Why.NOT_TODAY, "2026-11-23 06:00 UTC")
    states.pop()
    write(services, reader, weekdays=[3])
    look(Why.NOT_TODAY, "2026-11-26 06:00 UTC")
    write(services, reader, weekdays=[*range(7)], mailed_at=NOW - HOUR)
    look(Why.TOO_SOON, "They had one at 07:00 UTC, less than twelve hours ago; their next is due at 19:00 UTC")
    write(services, reader, mailed_at=None, cursor=10_000, hour=8)
    look(Why.AWAITS_ANNOUNCEMENT, "not in yet")
    put(services, 2, topic="slam")
    look(Why.NOTHING_NEW, "looked again until 11:00 UTC")
    gone = add(services, "no-longer-there", email="gone@example.org")
    assert "none of their topics is in the catalogue" in why(services, "gone@example.org")[1]
    write(services, gone, state="unsubscribed", left_at=NOW)
    with services.database.transaction() as session:
        state.PLANNED_AT.write(session, NOW + 2 * HOUR, now=NOW)
    look(Why.NO_PLANNING, "the clock shows")
    with services.database.transaction() as session:
        state.PLANNED_AT.clear(session, now=NOW)
    put(services, 3)
    write(services, reader, cursor=0, language="de")
    look(Why.AWAITS_TRANSLATIONS, "being translated")
    write(services, reader, language="en")
    sending_state.pause(services, now=NOW)
    assert "and waits then: all sending is paused" in why(services, "r@example.org")[1]
    sending_state.resume(services, now=NOW)
    look(Why.DUE, "is made within the next minute")
    assert len(set(states)) == len(states)


def test_after_it_is_planned_the_answer_is_what_holds_it_or_became_of_it(services: Services) -> None:
    put(services, 1)
    add(services, email="r@example.org")
    plan.plan(services, now=NOW)
    at_work(services, Part.SCHEDULER)

    def look(expected: Why, words: str, *, now: dt.datetime = NOW) -> None:
        told = why(services, "r@example.org", now=now)
        assert (told[0], words in told[1]) == (expected, True), told

    def put_row(**columns: object) -> None:
        with services.database.transaction() as session:
            (row,) = session.query(DeliveryRow).all()
            for name, value in columns.items():
                setattr(row, name, value)

    look(Why.NO_WORKER, "no worker was ever at work here")
    at_work(services)
    look(Why.DUE, "leaves in its turn")
    sending_state.pause(services, now=NOW)
    look(Why.ALL_PAUSED, "all sending is paused")
    sending_state.resume(services, now=NOW)
    with services.database.transaction() as session:
        state.SENDING_HELD.write(session, state.SendingHold(NOW + HOUR, "the mail server refuses us: 535 no"), now=NOW)
    look(Why.ALL_HELD, "until 09:00 UTC, as all do: the mail server refuses us: 535 no")
    with services.database.transaction() as session:
        state.SENDING_HELD.clear(session, now=NOW)
        held = RefusingDomain("example.org", holds=1, held_until=NOW + HOUR, reply="451 4.7.1 slow down")
        refusing_domains.keep(session, [held], now=NOW)
    look(Why.DOMAIN_HELD, "example.org refuses us (“451 4.7.1 slow down”), and nothing is sent there until 09:00 UTC")
    with services.database.transaction() as session:
        refusing_domains.forget(session)
    put_row(state="retry", attempts=2, reply="451 4.3.2 later", due_at=NOW.replace(hour=14, minute=5))
    look(Why.RETRY, "tried again at 14:05 UTC: the server said “451 4.3.2 later” (2 tries so far)")
    put_row(state="queued", attempts=0, reply="", due_at=NOW + HOUR, waits_until=NOW + HOUR)
    look(Why.BEING_FETCHED, "09:00 UTC at the latest")
    put_row(waits_until=None)
    look(Why.AWAITS_TRANSLATIONS, "09:00 UTC")
    put_row(state="sending", stage="claimed", attempts=1, lease_until=NOW + HOUR)
    look(Why.BEING_SENT, "being sent just now")
    put_row(lease_until=NOW)
    look(Why.BEING_SENT, "another one takes it up")
    put_row(stage="final_dot")
    look(Why.IN_DOUBT, "nobody will know")
    put_row(lease_until=None, stage="", settled_at=NOW.replace(hour=7, minute=2), state="sent", reply="250 2.0.0 ok")
    look(Why.SENT, "sent at 07:02 UTC: the server said “250 2.0.0 ok”")
    (reader,) = {row.subscriber_id for row in rows(services)}
    for standing in ("paused", "unsubscribed"):
        write(services, reader, state=standing, left_at=NOW)
        look(Why.SENT, "sent at 07:02 UTC")
    write(services, reader, state="confirmed", left_at=None)
    put_row(state="unknown", reason="the worker ended after the mark")
    look(Why.IN_DOUBT, "never sent again by itself")
    put_row(state="failed", reply="552 too big")
    look(Why.REFUSED, "refused for good at 07:02 UTC: the server said “552 too big”")
    for reason, words in (
        ("late", "came too late"),
        ("paused", "paused their mails"),
        ("no new papers", "Nothing was new"),
        ("odd", "odd"),
    ):
        put_row(state="skipped", reason=reason, reply="")
        look(Why.NOTHING_NEW if reason == "no new papers" else Why.SKIPPED, words)


def test_nobody_is_revived_by_an_operators_hand(services: Services) -> None:
    chosen = Choices(("nerf",), "en", "UTC", 7)
    for standing in ("unsubscribed", "bounced", "complained"):
        email = f"{standing}@example.org"
        gone = add(services, email=email, state=standing, left_at=NOW)
        with pytest.raises(InputError):
            changes.resume(services, gone, now=NOW)
        with pytest.raises(InputError):
            changes.pause(services, gone, until=None, now=NOW)
        with pytest.raises(InputError):
            changes.edit(services, gone, chosen, now=NOW)
        with pytest.raises(InputError):
            changes.move(services, gone, "other@example.org", now=NOW)
        with pytest.raises(InputError):
            changes.add(services, email, chosen, consent="they said so", now=NOW)
        with services.database.reading() as session:
            assert session.get_one(SubscriberRow, gone).state == standing
    changes.add(services, "unsubscribed@example.org", chosen, now=NOW)
    (mail,) = [row for row in rows(services) if row.kind is MailKind.CONFIRM]
    with services.database.reading() as session:
        assert session.get_one(SubscriberRow, mail.subscriber_id).state == "unsubscribed", "the link alone brings them back"
    with pytest.raises(InputError, match="none was mailed"):
        changes.add(services, "unsubscribed@example.org", chosen, now=NOW + HOUR)
