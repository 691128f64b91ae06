"""What has been kept long enough goes, in small steps, by what the tables say; nothing else does."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import insert

from newsletter.bootstrap import Services
from newsletter.mail.store import ledger
from newsletter.operating import state
from newsletter.subscribers import import_export, links, retention
from newsletter.subscribers.store import retention as retention_store
from newsletter.subscribers.store import subscribers as subscribers_store
from newsletter.tables.about import Rule
from newsletter.tables.deliveries import DeliveryRow
from newsletter.tables.papers import FetchRow
from newsletter.values.mail import MailKind
from tests.factories import NOW, a_digest_row, a_letter_row, a_subscriber
from tests.operating.backup.installations import dump, rows_of
from tests.subscribers.subscriber_builder import key_of, request, sign_up

Make = Callable[..., Services]
DAY = dt.timedelta(days=1)


def run_out(services: Services, *, now: dt.datetime) -> dict[str, int]:
    """As the ticks of a scheduler do it, until nothing is left to do."""
    total: dict[str, int] = {}
    while done := retention.forget_expired(services, now=now):
        for name, count in done.items():
            total[name] = total.get(name, 0) + count
    return total


def here(services: Services) -> set[str]:
    with services.database.reading() as session:
        found = (subscribers_store.subscriber(session, one) for one in range(1, 30))
        return {person.email.partition("@")[0] for person in found if person}


def test_who_left_goes_after_a_month_and_who_never_confirmed_after_a_week(database_url: str, make_services: Make) -> None:
    services = make_services(database_url)
    with services.database.transaction() as session:
        for name, changes in {
            "reads": {"created_at": NOW - 900 * DAY},
            "paused": {"state": "paused", "created_at": NOW - 900 * DAY},
            "bounced": {"state": "bounced", "created_at": NOW - 900 * DAY},
            "left-lately": {"state": "unsubscribed", "left_at": NOW - 29 * DAY},
            "left-long-ago": {"state": "unsubscribed", "left_at": NOW - 31 * DAY},
            "asked-lately": {"state": "pending", "confirmed_at": None, "created_at": NOW - 6 * DAY},
            "asked-long-ago": {"state": "pending", "confirmed_at": None, "created_at": NOW - 8 * DAY},
            "has-a-link": {"state": "pending", "confirmed_at": None, "created_at": NOW - 8 * DAY},
            "waits-for-mail": {"state": "pending", "confirmed_at": None, "created_at": NOW - 8 * DAY},
            "moves": {"state": "pending", "created_at": NOW - 900 * DAY},
        }.items():
            one = a_subscriber(session, "nerf", email=f"{name}@example.org", **changes)
            if name == "has-a-link":
                links.mint(session, one, links.Purpose.CONFIRM, now=NOW - DAY)
            if name == "waits-for-mail":
                a_letter_row(session, one, MailKind.CONFIRM)
    assert run_out(services, now=NOW) == {"subscribers": 2}
    kept = {"reads", "paused", "bounced", "left-lately", "asked-lately", "has-a-link", "waits-for-mail", "moves"}
    assert here(services) == kept
    assert len(dump(services.database)["former_subscribers"]) == 1


def test_the_days_are_settings(sqlite_url: str, make_services: Make) -> None:
    services = make_services(sqlite_url, KEEP_LEFT_DAYS="400")
    with services.database.transaction() as session:
        a_subscriber(session, state="unsubscribed", left_at=NOW - 399 * DAY)
    assert run_out(services, now=NOW) == {}
    assert run_out(services, now=NOW + 2 * DAY) == {"subscribers": 1}


def test_the_ledger_and_links_and_records_go(database_url: str, make_services: Make) -> None:
    services = make_services(database_url)
    with services.database.transaction() as session:
        one = a_subscriber(session, "nerf")
        for period in ("2025-01-01", "2025-01-02", "2026-11-20"):
            a_digest_row(session, one, period=period)
        old = {"planned_at": NOW - 600 * DAY}
        session.execute(DeliveryRow.__table__.update().where(DeliveryRow.period < "2026").values(old))  # type: ignore[attr-defined]
        session.execute(DeliveryRow.__table__.update().where(DeliveryRow.period == "2025-01-01").values(state="sent"))  # type: ignore[attr-defined]
        links.mint(session, one, links.Purpose.CONFIRM, now=NOW - 38 * DAY)  # expired 31 days ago
        links.mint(session, one, links.Purpose.CONFIRM, now=NOW - 30 * DAY)
        times = {"started_at": NOW - 600 * DAY, "ended_at": NOW}
        session.execute(
            insert(FetchRow).values(source="arxiv", since=NOW.date(), until=NOW.date(), found=0, new=0, updated=0, **times)
        )
    assert run_out(services, now=NOW) == {"deliveries": 1, "one_time_links": 1, "fetches": 1}
    with services.database.reading() as session:
        # What is still to be sent stays, however old.
        assert [row.period for row in ledger.deliveries(session)] == ["2025-01-02", "2026-11-20"]


def test_the_network_of_a_consent_is_emptied_after_a_year_and_the_consent_stays(sqlite_url: str, make_services: Make) -> None:
    services = make_services(sqlite_url)
    with services.database.transaction() as session:
        one = a_subscriber(session)
        for days in (366, 364):
            when = NOW - days * DAY
            subscribers_store.add_consent(
                session, one, "asked", words="x", origin="form", now=when, network=f"192.0.2.{days - 300}"
            )
    assert run_out(services, now=NOW) == {"consents": 1}
    assert [row[-1] for row in rows_of(services.database, "consents")] == ["", "192.0.2.64"]


def test_a_step_is_small_and_the_next_tick_goes_on(sqlite_url: str, make_services: Make) -> None:
    services = make_services(sqlite_url)
    with services.database.transaction() as session:
        for _ in range(retention.PEOPLE + 1):
            a_subscriber(session, state="unsubscribed", left_at=NOW - 31 * DAY)
    assert retention.forget_expired(services, now=NOW) == {"subscribers": retention.PEOPLE}
    assert retention.is_due(services, now=NOW)
    assert retention.forget_expired(services, now=NOW) == {"subscribers": 1}
    assert retention.forget_expired(services, now=NOW) == {}
    assert not retention.is_due(services, now=NOW + dt.timedelta(minutes=59))
    assert retention.is_due(services, now=NOW + dt.timedelta(minutes=60))
    # A clock that was ahead for a while stops nothing.
    assert retention.is_due(services, now=NOW - DAY)


def test_an_import_never_brings_back_who_left_long_ago_and_they_may_sign_up_anew(sqlite_url: str, make_services: Make) -> None:
    services = make_services(sqlite_url)
    with services.database.transaction() as session:
        a_subscriber(
            session, email="ada@example.org", address_key=key_of("ada@example.org"), state="unsubscribed", left_at=NOW - 31 * DAY
        )
    run_out(services, now=NOW)
    assert here(services) == set()
    header = "email,topics,language,timezone,hour,status\n"
    for status, refused in (("confirmed", 1), ("unsubscribed", 0)):
        sheet = io.StringIO(f"{header}ada@example.org,nerf,en,UTC,6,{status}\n")
        report = import_export.import_csv(services, sheet, consent="a list", known={"nerf"}, now=NOW)
        assert (report.added, len(report.refused)) == (0, refused)
    with services.database.transaction() as session:
        from tests.services import within

        sign_up(within(session, services.settings), request(email="ada@example.org"), now=NOW)
    assert here(services) == {"ada"}


def test_two_years_and_a_half_of_people_who_come_and_go_keep_the_size_flat(sqlite_url: str, make_services: Make) -> None:
    """Thirty simulated months, two in a step, of sign-ups, mails and leaving, and of readers who stay; past the ledger's eighteen nothing grows."""
    services = make_services(sqlite_url)
    with services.database.transaction() as session:
        staying = [a_subscriber(session, "nerf") for _ in range(10)]
    sizes: list[int] = []
    rows: list[int] = []
    for step in range(15):
        now = NOW + step * 60 * DAY
        with services.database.transaction() as session:
            for reader in staying:
                for day in range(5):
                    a_digest_row(session, reader, period=(now + day * DAY).date().isoformat())
            for _ in range(5):
                a_subscriber(session, "nerf", state="pending", confirmed_at=None, created_at=now)
                one = a_subscriber(session, "nerf", "slam", state="unsubscribed", left_at=now)
                links.mint(session, one, links.Purpose.CONFIRM, now=now)
                subscribers_store.add_consent(session, one, "asked", words="x" * 100, origin="form", now=now)
                for day in range(10):
                    a_letter_row(session, one, MailKind.PREFERENCES, period=str(day))
            settled = {"state": "sent", "planned_at": now}
            session.execute(DeliveryRow.__table__.update().where(DeliveryRow.state == "queued").values(settled))  # type: ignore[attr-defined]
        run_out(services, now=now)
        assert services.database.forget_old_pages("nobody@example.org")  # the log is in the file
        sizes.append(Path(services.database.engine.url.database or "").stat().st_size)
        rows.append(sum(len(found) for name, found in dump(services.database).items() if name != "former_subscribers"))
    past = 548 // 60 + 2
    assert rows[-1] <= max(rows[:past])
    assert rows[past // 2] < rows[past - 1], "the ledger is what grows until then"
    assert sizes[-1] <= 1.1 * max(sizes[:past])


@pytest.mark.parametrize("rule", Rule)
def test_each_rule_has_a_setting(rule: Rule, sqlite_url: str, make_services: Make) -> None:
    assert getattr(make_services(sqlite_url).settings.retention, rule) >= 1


def test_the_scheduler_does_it(sqlite_url: str, make_services: Make, redis_url: str) -> None:
    from newsletter.scheduler import tick

    services = make_services(sqlite_url, REDIS_URL=redis_url)
    with services.database.transaction() as session:
        a_subscriber(session, state="unsubscribed", left_at=NOW - 31 * DAY)
    tick(services, now=NOW)
    tick(services, now=NOW)
    assert here(services) == set()
    with services.database.reading() as session:
        assert state.NOTHING_EXPIRED_AT.read(session) == NOW
    assert list(retention_store.expiries())
