"""Who must not be mailed again is not, whatever happens after; only an operator's word with a reason brings them back."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable

import pytest

from newsletter.bootstrap import Services
from newsletter.errors import InputError
from newsletter.subscribers import confirm, links, rights, signup, suppressions
from newsletter.subscribers.addresses import address_key
from newsletter.subscribers.bounce_inlets import take_message
from newsletter.subscribers.choices import Choices
from newsletter.subscribers.import_export import import_csv
from newsletter.subscribers.left_addresses import read_left
from newsletter.subscribers.store import subscribers as subscribers_store
from newsletter.subscribers.store import suppressions as store
from tests.daily.ledgers import rows
from tests.factories import NOW, a_subscriber
from tests.mail.bounces.samples import complaint, dsn, original
from tests.subscribers import subscriber_builder
from tests.subscribers.test_bounces import mailed, stands

Make = Callable[..., Services]
EMAIL = "gone@example.net"


@pytest.fixture
def services(database_url: str, make_services: Make) -> Services:
    return make_services(database_url, BOUNCE_DOMAIN="b.example.org")


def reader(services: Services, email: str = EMAIL, **changes: object) -> int:
    key = address_key(email, services.settings.suppression_key)
    with services.database.transaction() as session:
        return a_subscriber(session, "nerf", email=email, address_key=key, **changes)


def sign_up(services: Services, email: str = EMAIL) -> None:
    wish = signup.SignUpRequest(email, Choices(topics=("nerf",), language="en", timezone="UTC", hour=6))
    subscriber_builder.sign_up(services, wish, now=NOW + dt.timedelta(days=1))


def bring_in_as_reader(services: Services, email: str = EMAIL) -> list[tuple[int, str]]:
    lines = ["email,topics,language,timezone,hour,status\n", f"{email},nerf,en,UTC,6,confirmed\n"]
    return list(import_csv(services, lines, consent="they said so", known={"nerf"}, now=NOW).refused)


@pytest.mark.parametrize("way", ["bounced", "complained"])
def test_neither_signing_up_nor_an_import_brings_back_who_bounced_or_complained_also_after_erasure(
    services: Services, way: str
) -> None:
    subscriber = reader(services)
    _, address = mailed(services, subscriber)
    came = dsn(to=address) if way == "bounced" else complaint(original=original(return_path=address))
    take_message(services, came, origin="file", now=NOW)
    sign_up(services)
    assert bring_in_as_reader(services) != []
    assert stands(services, subscriber) == (way, True)
    rights.erase(services, subscriber, now=NOW)
    sign_up(services)
    assert bring_in_as_reader(services) != []
    assert rows(services) == []


def test_lifting_takes_a_reason_that_is_kept_and_brings_back_who_bounced(services: Services) -> None:
    subscriber = reader(services)
    _, address = mailed(services, subscriber)
    take_message(services, dsn(to=address), origin="file", now=NOW)
    with pytest.raises(InputError, match="reason is empty"):
        suppressions.lift(services, EMAIL, reason=" ", now=NOW)
    assert suppressions.lift(services, EMAIL, reason="their provider was down", now=NOW) == "reads again"
    assert stands(services, subscriber) == ("confirmed", False)
    with services.database.reading() as session:
        key = address_key(EMAIL, services.settings.suppression_key)
        assert [words for _, words in store.lifted(session, key)] == ["their provider was down"]
        assert subscribers_store.consents(session, subscriber)[-1]["words"].endswith("their provider was down")
    with pytest.raises(InputError, match="not suppressed"):
        suppressions.lift(services, EMAIL, reason="again", now=NOW)


def test_who_complained_does_not_read_again_by_lifting_but_may_sign_up(services: Services) -> None:
    subscriber = reader(services)
    _, address = mailed(services, subscriber)
    take_message(services, complaint(original=original(return_path=address)), origin="file", now=NOW)
    suppressions.lift(services, EMAIL, reason="they asked by telephone", now=NOW)
    assert stands(services, subscriber) == ("unsubscribed", False)


@pytest.mark.parametrize(
    "text",
    [
        "gone@example.net\nother@example.net\n",
        "\ufeffGONE@example.net\r\n\r\nother@example.net\r\n",
        "name,Email,date\nA,gone@example.net,2024\nB,Other <other@example.net>,2025\n",
        "Email Address\ngone@example.net\nother@example.net\ngone@example.net\n",
    ],
)
def test_a_list_of_addresses_alone_comes_in_and_its_readers_leave(services: Services, text: str) -> None:
    subscriber = reader(services)
    lines = text.lstrip("\ufeff").splitlines(keepends=True)
    report = suppressions.bring_in(services, lines, reason="left elsewhere", now=NOW)
    assert (report.added, report.known, report.left, report.refused) == (2, 0, 1, ())
    assert stands(services, subscriber) == ("unsubscribed", True)
    assert bring_in_as_reader(services, "other@example.net") != []


@pytest.mark.parametrize("way", ["suppressions import", "subscribers import"])
def test_who_only_left_elsewhere_may_sign_up_again_by_a_confirmation_and_no_import_brings_them_back(
    services: Services, way: str
) -> None:
    if way == "suppressions import":
        suppressions.bring_in(services, [f"{EMAIL}\n", "other@example.net\n"], reason="left elsewhere", now=NOW)
    else:
        lines = ["email,status\n", f"{EMAIL},unsubscribed\n", "other@example.net,unsubscribed\n"]
        import_csv(services, lines, consent="left our old list", known={"nerf"}, now=NOW)
    # Typed by a stranger perhaps: one confirmation, which is not followed.
    for _ in range(2):
        sign_up(services, "other@example.net")
    assert bring_in_as_reader(services, "other@example.net") != []
    sign_up(services)
    assert [(mail.kind, mail.email) for mail in rows(services)] == [("confirm", "other@example.net"), ("confirm", EMAIL)]
    with services.database.transaction() as session:
        found = subscribers_store.subscriber_by_key(session, EMAIL)
        assert found is not None
        raw = links.mint(session, found.id, links.Purpose.CONFIRM, now=NOW)
        assert confirm.confirm(session, raw, now=NOW).subscriber.state == "confirmed"


@pytest.mark.parametrize("status", ["bounced", "complained"])
def test_who_bounced_or_complained_elsewhere_may_not(services: Services, status: str) -> None:
    lines = ["email,status\n", f"{EMAIL},{status}\n"]
    import_csv(services, lines, consent="from our old list", known={"nerf"}, now=NOW)
    sign_up(services)
    assert rows(services) == []


def test_lines_of_people_who_still_read_elsewhere_are_left_alone(services: Services) -> None:
    lines = ["Email,Status\n", f"{EMAIL},cleaned\n", "a@example.net,Subscribed\n", "b@example.net,opted-in\n"]
    assert suppressions.bring_in(services, lines, reason="moved", now=NOW).added == 1


@pytest.mark.parametrize("way", ["add", "bring_in", "import"])
def test_a_reason_that_says_more_takes_the_place_of_having_left_elsewhere_and_not_the_other_way(
    services: Services, way: str
) -> None:
    suppressions.bring_in(services, [f"{EMAIL}\n"], reason="left elsewhere", now=NOW)
    for reason in ("complained", "left elsewhere"):
        if way == "add":
            assert suppressions.add(services, EMAIL, reason=reason, now=NOW) is (reason == "complained")
        elif way == "bring_in":
            suppressions.bring_in(services, [f"{EMAIL}\n"], reason=reason, now=NOW)
        else:
            status = reason if reason == "complained" else "unsubscribed"
            import_csv(services, ["email,status\n", f"{EMAIL},{status}\n"], consent="elsewhere", known={"nerf"}, now=NOW)
    sign_up(services)
    assert rows(services) == []


def test_who_left_elsewhere_stays_suppressed_where_no_confirmation_can_be_mailed(services: Services) -> None:
    sign_up(services)
    suppressions.add(services, EMAIL, reason="left elsewhere", now=NOW)
    # One was planned within the day.
    sign_up(services)
    with services.database.reading() as session:
        assert subscribers_store.is_suppressed(session, address_key(EMAIL, services.settings.suppression_key))


@pytest.mark.parametrize("status", ["", "who knows"])
def test_nobody_is_taken_for_one_who_left_by_a_status_that_does_not_say_so(services: Services, status: str) -> None:
    subscriber = reader(services)
    lines = ["email,status\n", f"{EMAIL},{status}\n", "other@example.net,Opted-Out\n"]
    report = suppressions.bring_in(services, lines, reason="left elsewhere", now=NOW)
    assert (report.added, [line for line, _ in report.refused]) == (1, [2])
    assert stands(services, subscriber) == ("confirmed", False)


def test_a_cell_that_no_csv_has_is_told_with_its_line(services: Services) -> None:
    with pytest.raises(InputError, match=r"line 2 is no line of CSV"):
        suppressions.bring_in(services, ["email\n", "x" * 200_000 + "\n"], reason="left elsewhere", now=NOW)


def test_lines_that_are_no_address_are_named_and_stop_no_other(services: Services) -> None:
    report = suppressions.bring_in(services, ["nonsense\n", "gone@example.net\n"], reason="left", now=NOW)
    assert (report.added, [number for number, _ in report.refused]) == (1, [1])


def test_an_export_comes_in_where_the_key_is_the_same_and_nowhere_else(
    services: Services, sqlite_url: str, make_services: Make
) -> None:
    reason = "=HYPERLINK(1) wants none"
    assert suppressions.add(services, EMAIL, reason=reason, now=NOW)
    assert not suppressions.add(services, EMAIL.upper(), reason="again", now=NOW)
    with services.database.reading() as session:
        lines = list(suppressions.exported(session, services.settings.suppression_key))
    assert f",'{reason}," in lines[2]  # no spreadsheet takes it for a formula
    other = make_services(sqlite_url, SUPPRESSION_KEY="another key of sufficient length")
    with pytest.raises(InputError, match="another SUPPRESSION_KEY"):
        suppressions.bring_in(other, lines, reason="moved", now=NOW)
    assert suppressions.bring_in(services, lines, reason="moved", now=NOW).known == 1
    with services.database.reading() as session:
        (kept,) = store.suppressions(session)
    assert (kept.reason, EMAIL in "".join(lines)) == (reason, False)


@pytest.mark.parametrize(
    "text",
    [
        "a@x.org\nBo Lind <b@x.org>\n",
        "E-Mail-Adresse;Grund\na@x.org;weg\nb@x.org;umgezogen\n",
        "Address,Email Address,UNSUB_TIME\n1 Way,a@x.org,2024\n2 Way,b@x.org,2024\n",
        "邮箱地址\t状态\na@x.org\t\nb@x.org\t\n",
    ],
)
def test_a_list_of_people_who_left_is_read_as_lists_of_people_are(text: str) -> None:
    assert read_left(io.StringIO(text), name="left.csv") == {"a@x.org", "b@x.org"}
