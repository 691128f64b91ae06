"""After a restore nobody gets a mail twice, no mail is lost untold, and who left stays away."""

from __future__ import annotations

import datetime as dt
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from newsletter.bootstrap import Services
from newsletter.daily import restored, send, sending_state
from newsletter.daily.plan import plan
from newsletter.mail.deliveries import Delivery
from newsletter.mail.store import ledger
from newsletter.operating import state
from newsletter.operating.backup import backing_up
from newsletter.operating.migrate import migrate
from newsletter.subscribers.left_addresses import read_left
from newsletter.values.mail import DeliveryState, MailKind
from tests.factories import NOW, a_digest_row, a_letter_row, a_subscriber
from tests.smtp_sink import Sink

Make = Callable[..., Services]
LATER = NOW + dt.timedelta(days=2)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "backup.zip"


def back_up(services: Services, path: Path) -> None:
    backing_up.backup(services.database, path, settings=services.settings, now=NOW)


def bring_back(services: Services, path: Path, *, now: dt.datetime = NOW, left: str = "") -> None:
    """What the command does."""
    migrate(services.database)
    backing_up.restore(services.database, path, settings=services.settings, now=now)
    restored.mark(services, left=read_left(left.splitlines(), name="left"), now=now)


def empty(make_services: Make, tmp_path: Path, **environ: str) -> Services:
    return make_services(f"sqlite:///{tmp_path / 'restored.db'}", **environ)


def rows(services: Services, **which: object) -> list[Delivery]:
    with services.database.reading() as session:
        return ledger.deliveries(session, **which)  # type: ignore[arg-type]


def let_go(services: Services, redis_url: str, *, now: dt.datetime = NOW) -> list[str]:
    told = sending_state.resume(services, now=now)
    send.drain(services, now=lambda: now)
    return told


def test_a_backup_during_a_send_loses_none_doubles_none_and_tells_all_doubtful(
    database_url: str, make_services: Make, tmp_path: Path, path: Path, redis_url: str
) -> None:
    services: list[Services] = []
    once = threading.Lock()

    def script(step: str, _: str) -> str | None:
        if step == "dot" and len(sink.taken) >= 20 and once.acquire(blocking=False):
            back_up(services[0], path)
        return None

    with Sink(script) as sink:
        services.append(make_services(database_url, SMTP_URL=sink.url))
        people = {f"r{number}@example.org" for number in range(60)}
        with services[0].database.transaction() as session:
            for email in sorted(people):
                a_digest_row(session, a_subscriber(session, "nerf", email=email))
        send.drain(services[0], now=lambda: NOW)
        assert len(sink.taken) == 60
        assert path.is_file()
        new = empty(make_services, tmp_path, SMTP_URL=sink.url, REDIS_URL=redis_url)
        bring_back(new, path)
        send.drain(new, now=lambda: NOW)
        assert len(sink.taken) == 60
        told = let_go(new, redis_url)
        plan(new, now=NOW)
        send.drain(new, now=lambda: NOW)
    assert Counter(taken.recipient for taken in sink.taken) == dict.fromkeys(people, 1)
    states = {row.email: row.state for row in rows(new)}
    assert set(states) == people
    assert set(states.values()) == {DeliveryState.SENT, DeliveryState.UNKNOWN}
    unknown = sum(found is DeliveryState.UNKNOWN for found in states.values())
    assert any(line.startswith(f"{unknown} mails may have left") for line in told)


def test_what_was_not_sent_is_told_too(sqlite_url: str, make_services: Make, tmp_path: Path, path: Path, redis_url: str) -> None:
    """The old machine died right after the backup: what waited is in doubt, never silently dropped, and an operator can send it."""
    with Sink() as sink:
        old = make_services(sqlite_url)
        with old.database.transaction() as session:
            a_digest_row(session, a_subscriber(session, email="ada@example.org"))
        back_up(old, path)
        new = empty(make_services, tmp_path, SMTP_URL=sink.url, REDIS_URL=redis_url)
        bring_back(new, path)
        let_go(new, redis_url)
        assert sink.taken == []
        sending_state.resend(new, which=DeliveryState.UNKNOWN, date=NOW.date(), now=NOW)
        send.drain(new, now=lambda: NOW)
    assert [taken.recipient for taken in sink.taken] == ["ada@example.org"]


def test_a_confirmation_is_sent_again(sqlite_url: str, make_services: Make, tmp_path: Path, path: Path, redis_url: str) -> None:
    """The link of the first is not known here: its owner could not confirm by it."""
    with Sink() as sink:
        old = make_services(sqlite_url)
        with old.database.transaction() as session:
            a_letter_row(session, a_subscriber(session, state="pending", email="new@example.org"), MailKind.CONFIRM)
        back_up(old, path)
        new = empty(make_services, tmp_path, SMTP_URL=sink.url, REDIS_URL=redis_url)
        bring_back(new, path)
        let_go(new, redis_url)
    assert [taken.recipient for taken in sink.taken] == ["new@example.org"]


def lost(services: Services) -> set[tuple[str, str]]:
    return {(row.email.partition("@")[0], row.period) for row in rows(services, state=DeliveryState.UNKNOWN)}


def test_digests_of_the_days_since_are_unknown_and_not_planned_again(
    sqlite_url: str, make_services: Make, tmp_path: Path, path: Path, redis_url: str
) -> None:
    old = make_services(sqlite_url)
    with old.database.transaction() as session:
        had = a_subscriber(session, email="had@example.org")
        a_digest_row(session, had, period="2026-11-20")
        a_subscriber(session, email="had-not@example.org")
        a_subscriber(session, email="late@example.org", hour=23)
        a_subscriber(session, email="away@example.org", paused_until=dt.date(2026, 11, 22))
        a_subscriber(session, email="gone@example.org", state="unsubscribed")
        a_subscriber(session, email="east@example.org", timezone="Asia/Tokyo", hour=17)
        a_subscriber(session, email="sundays@example.org", weekdays=[6])
        session.flush()
    back_up(old, path)
    new = empty(make_services, tmp_path, REDIS_URL=redis_url)
    bring_back(new, path, now=LATER)
    assert lost(new) == {
        ("had", "2026-11-20"),  # its row was open in the backup
        ("had", "2026-11-21"),
        ("had", "2026-11-22"),
        ("had-not", "2026-11-20"),
        ("had-not", "2026-11-21"),
        ("had-not", "2026-11-22"),
        ("late", "2026-11-19"),  # due at 23:00, and good for twelve hours
        ("late", "2026-11-20"),
        ("late", "2026-11-21"),
        ("away", "2026-11-22"),
        ("east", "2026-11-20"),
        ("east", "2026-11-21"),
        ("east", "2026-11-22"),
        ("sundays", "2026-11-22"),
    }
    told = " ".join(sending_state.resume(new, now=LATER))
    assert "digests of 2026-11-19, 2026-11-20, 2026-11-21, 2026-11-22 among them" in told
    before = len(rows(new))
    plan(new, now=LATER + dt.timedelta(minutes=1))
    assert len(rows(new)) == before


def test_a_lost_day_is_planned_anew_where_an_operator_wants_it_sent(
    sqlite_url: str, make_services: Make, tmp_path: Path, path: Path, redis_url: str
) -> None:
    old = make_services(sqlite_url)
    with old.database.transaction() as session:
        a_subscriber(session, email="ada@example.org")
    back_up(old, path)
    new = empty(make_services, tmp_path, REDIS_URL=redis_url)
    bring_back(new, path, now=LATER)
    assert sending_state.resend(new, which=DeliveryState.UNKNOWN, date=LATER.date(), now=LATER) == 1
    assert ("ada", "2026-11-22") not in lost(new)
    assert rows(new, state=DeliveryState.QUEUED) == []


def test_nothing_is_in_doubt_of_what_had_stopped_before_the_backup(
    sqlite_url: str, make_services: Make, tmp_path: Path, path: Path, redis_url: str
) -> None:
    with Sink() as sink:
        old = make_services(sqlite_url)
        with old.database.transaction() as session:
            a_digest_row(session, a_subscriber(session, email="ada@example.org"))
        back_up(old, path)
        new = empty(make_services, tmp_path, SMTP_URL=sink.url, REDIS_URL=redis_url)
        migrate(new.database)
        stopped = NOW - dt.timedelta(minutes=1)
        backing_up.restore(new.database, path, settings=new.settings, now=LATER, stopped=stopped)
        restored.mark(new, now=LATER)
        assert lost(new) == set()
        let_go(new, redis_url)
    assert [taken.recipient for taken in sink.taken] == ["ada@example.org"]


def test_a_clock_that_is_behind_takes_no_doubt_away(
    sqlite_url: str, make_services: Make, tmp_path: Path, path: Path, redis_url: str
) -> None:
    old = make_services(sqlite_url)
    with old.database.transaction() as session:
        a_digest_row(session, a_subscriber(session, email="ada@example.org"))
    back_up(old, path)
    new = empty(make_services, tmp_path, REDIS_URL=redis_url)
    bring_back(new, path, now=NOW - dt.timedelta(hours=1))
    assert lost(new) == {("ada", "2026-11-20")}


def test_who_left_since_gets_nothing(sqlite_url: str, make_services: Make, tmp_path: Path, path: Path, redis_url: str) -> None:
    with Sink() as sink:
        old = make_services(sqlite_url)
        with old.database.transaction() as session:
            for name in ("ada", "bob", "cyd"):
                a_digest_row(session, a_subscriber(session, email=f"{name}@example.org"))
        back_up(old, path)
        new = empty(make_services, tmp_path, SMTP_URL=sink.url, REDIS_URL=redis_url)
        bring_back(
            new,
            path,
            left="email,status\nADA@example.org,unsubscribed\nbob@example.org,confirmed\nunknown@example.org,unsubscribed\n",
        )
        told = let_go(new, redis_url)
        sending_state.resend(new, which=DeliveryState.UNKNOWN, date=None, now=NOW)
        send.drain(new, now=lambda: NOW)
    assert sorted(taken.recipient for taken in sink.taken) == ["bob@example.org", "cyd@example.org"]
    assert any(line.startswith("1 people") for line in told)


def test_resume_marks_what_a_restore_that_was_interrupted_did_not(
    sqlite_url: str, make_services: Make, tmp_path: Path, path: Path, redis_url: str
) -> None:
    old = make_services(sqlite_url)
    with old.database.transaction() as session:
        a_digest_row(session, a_subscriber(session))
    back_up(old, path)
    new = empty(make_services, tmp_path, REDIS_URL=redis_url)
    migrate(new.database)
    backing_up.restore(new.database, path, settings=new.settings, now=NOW, stopped=NOW)
    with new.database.reading() as session:
        assert state.paused(session)
    told = sending_state.resume(new, now=NOW)
    assert any("1 mails may have left" in line for line in told)
    assert sending_state.resume(new, now=NOW) == []
