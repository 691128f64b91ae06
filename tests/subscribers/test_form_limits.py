"""What one mailbox gets however it is spelt, and how often forms may be used; all of it out of the database."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import func, select

from newsletter.db import Database
from newsletter.mail.store import ledger
from newsletter.settings import Settings
from newsletter.subscribers import form_limits
from newsletter.subscribers.addresses import mailbox, normalise
from newsletter.subscribers.form_limits import MOST_OF_DOMAIN, MOST_OF_NETWORK, MOST_SAVES, TooManyUses
from newsletter.subscribers.store import personal_data
from newsletter.subscribers.store import subscribers as subscribers_store
from newsletter.tables.deliveries import DeliveryRow
from newsletter.tables.subscribers import ConfirmationMailRow, FormUseRow, SubscriberRow
from newsletter.values.mail import DeliveryState, MailKind
from tests.services import within
from tests.subscribers.subscriber_builder import DAY, HOUR, NOW, ask, mails, person, settle_all


@pytest.mark.parametrize(
    ("spelt", "is_"),
    [
        ("Victim@Example.org", "victim@example.org"),
        ("victim+1@example.org", "victim@example.org"),
        ("victim+a+b@example.org", "victim@example.org"),
        ("v.ic.tim@gmail.com", "victim@gmail.com"),
        ("V.I.C.T.I.M+x@googlemail.com", "victim@gmail.com"),
        ("vic-tim_@pm.me", "victim@proton.me"),
        ("vic-tim@ya.ru", "vic.tim@yandex.ru"),
        ("victim@me.com", "victim@icloud.com"),
        ("v.ictim@example.org", "v.ictim@example.org"),
        ("+only@example.org", "+only@example.org"),
        ("victim@EXAMPLE.ORG", "victim@example.org"),
    ],
)
def test_spellings_of_a_mailbox_fold_to_one(spelt: str, is_: str) -> None:
    assert mailbox(normalise(spelt).email) == is_


def spellings(count: int) -> list[str]:
    """Spellings of one mailbox: dots by the bits of the number, case, tags."""
    local, found = "victimsname", []
    for number in range(count):
        dotted = "".join(
            letter + ("." if number >> place & 1 and place < len(local) - 1 else "") for place, letter in enumerate(local)
        )
        found.append(f"{dotted.upper() if number % 3 == 0 else dotted}+{number}@{('gmail.com', 'GoogleMail.com')[number % 2]}")
    return found


def test_a_mailbox_gets_one_confirmation_however_it_is_spelt_and_fills_no_table(database: Database, config: Settings) -> None:
    with database.transaction() as session:
        for number, email in enumerate(spellings(60)):
            ask(session, config, email=email, now=NOW + number * dt.timedelta(minutes=1))
        assert len(ledger.deliveries(session, kind=MailKind.CONFIRM)) == 1
        assert session.scalar(select(func.count()).select_from(SubscriberRow)) == 1


def test_spellings_share_three_confirmations_in_30_days(database: Database, config: Settings) -> None:
    with database.transaction() as session:
        for number, email in enumerate(spellings(40)):
            ask(session, config, email=email, now=NOW + number * 17 * HOUR)
            settle_all(session)
        times = sorted(mail.planned_at for mail in ledger.deliveries(session, kind=MailKind.CONFIRM))
    assert len(times) == 3


def test_the_count_outlives_the_deletion_of_who_did_not_confirm(database: Database, config: Settings) -> None:
    with database.transaction() as session:
        for number in range(4):
            ask(session, config, now=NOW + number * DAY)
            settle_all(session)
            found = subscribers_store.subscriber_by_key(session, "ada@example.org")
            assert (found is not None) == (number < 3)
            if found is not None:
                personal_data.erase_subscriber(session, found.id)
        kept = session.scalars(select(ConfirmationMailRow.mailbox_key)).all()
        assert len(kept) == 3 and all(len(key) == 64 and "ada" not in key for key in kept)
        ask(session, config, now=NOW + 31 * DAY)
        assert len(mails(session, MailKind.CONFIRM)) == 1


@pytest.mark.parametrize("erased", [False, True])
def test_a_confirmation_that_never_left_counts_for_nothing(database: Database, config: Settings, erased: bool) -> None:
    with database.transaction() as session:
        for number in range(5):
            ask(session, config, now=NOW + number * HOUR)
            session.execute(DeliveryRow.__table__.update().values(state=DeliveryState.FAILED))
            if erased:
                personal_data.erase_subscriber(session, person(session).id)
        ask(session, config, now=NOW + 6 * HOUR)
        assert [mail.state for mail in mails(session, MailKind.CONFIRM)][-1] == DeliveryState.QUEUED


def test_a_confirmation_that_a_relay_holds_up_is_tried_for_a_week(database: Database, config: Settings) -> None:
    with database.transaction() as session:
        ask(session, config)
        [mail] = mails(session, MailKind.CONFIRM)
        assert mail.retry_until == NOW + 7 * DAY
        ask(session, config, now=NOW + 3 * DAY)
        assert len(mails(session, MailKind.CONFIRM)) == 1, "the one that waits will do"


@pytest.mark.parametrize(
    ("most", "use"),
    [
        (MOST_OF_NETWORK, {"network": "2001:db8::/64"}),
        (MOST_SAVES, {"reader": 7}),
        (20, {}),
        (MOST_OF_DOMAIN, {"email": "a@example.org"}),
    ],
    ids=["network", "reader", "everybody", "domain"],
)
def test_each_limit_holds_for_its_hour_and_for_no_other_key(
    database: Database, config: Settings, most: int, use: dict[str, object]
) -> None:
    config = config.model_copy(update={"forms_per_hour": most if not use else 10_000})
    with database.transaction() as session:
        services = within(session, config)

        def take(number: int, now: dt.datetime = NOW) -> None:
            form_limits.take(services, now=now, **{"network": f"198.51.{number // 256}.{number % 256}", **use})  # type: ignore[arg-type]

        if "network" in use:
            form_limits.take(services, network=str(use["network"]), weight=most, now=NOW)
        else:
            for number in range(most):
                take(number)
        with pytest.raises(TooManyUses) as caught:
            take(most + 1)
        assert caught.value.seconds == 3600
        take(most + 2, NOW + HOUR)
        if use:
            form_limits.take(services, network="203.0.113.9", email="b@example.net", reader=8, now=NOW)
        assert session.scalar(select(func.count()).select_from(FormUseRow).where(FormUseRow.until <= NOW)) == 0
