"""Changing, pausing, leaving, coming back, and the rights over one's own data."""

import datetime as dt
import json

import pytest
from sqlalchemy import func, select

from newsletter.bootstrap import Services
from newsletter.db import Database
from newsletter.errors import InputError
from newsletter.mail.signed_links import LinkError, LinkFault, LinkPurpose, Signer
from newsletter.mail.store import ledger
from newsletter.settings import Settings
from newsletter.subscribers import confirm, links, preferences, rights, unsubscribe
from newsletter.subscribers.choices import Choices, choices_of
from newsletter.subscribers.faults import ChoicesError, FieldError
from newsletter.subscribers.links import Purpose
from newsletter.subscribers.store import readers as readers_store
from newsletter.subscribers.store import subscribers as subscribers_store
from newsletter.subscribers.subscriber import State
from newsletter.tables.deliveries import DeliveryRow
from newsletter.tables.subscribers import ConsentRow, OneTimeLinkRow, SubscriberRow, SubscriptionRow, SuppressionRow
from newsletter.values.mail import MailKind
from newsletter.values.readers import Layout
from tests.factories import a_digest_row, a_subscriber
from tests.services import within
from tests.subscribers.subscriber_builder import DAY, HOUR, NOW, TOPICS, a_reader, ask, key_of, mails, mint_of, person, settle_all

NEW = Choices(("llm",), "ja", "Asia/Tokyo", 22, 5, weekdays=(0, 3), layout=Layout.BRIEF)
SIGNER = Signer(["key"])


def readers_on(session, day: dt.date) -> list[int]:  # type: ignore[no-untyped-def]
    return [reader.id for reader in readers_store.readers(session, on=day)]


# ---------------------------------------------------------------- changing


def test_a_change_is_kept_and_what_it_replaced_undoes_it(database: Database, config: Settings) -> None:
    with database.transaction() as session:
        reader = a_reader(session, config)
        preferences.change(within(session, config), reader.id, NEW, pause_until=None, now=NOW, known=TOPICS)
        assert choices_of(person(session)) == NEW
        assert preferences.undo(within(session, config), reader.id, now=NOW)
        assert person(session) == reader


def test_a_choice_that_cannot_be_is_refused_and_nothing_changes(database: Database, config: Settings) -> None:
    refused = [
        (Choices((), "ja", "Asia/Tokyo", 22), "topics"),
        (Choices(("astrology",), "ja", "Asia/Tokyo", 22), "topics"),
        (Choices(("llm",), "xx", "Asia/Tokyo", 22), "language"),
        (Choices(("llm",), "ja", "Tokyo", 22), "timezone"),
        (Choices(("llm",), "ja", "Asia/Tokyo", 24), "hour"),
        (Choices(("llm",), "ja", "Asia/Tokyo", 22, 4), "max_papers"),
        (Choices(("llm",), "ja", "Asia/Tokyo", 22, 51), "max_papers"),
        (Choices(("llm",), "ja", "Asia/Tokyo", 22, weekdays=()), "weekdays"),
        (Choices(("llm",), "ja", "Asia/Tokyo", 22, weekdays=(7,)), "weekdays"),
    ]
    with database.transaction() as session:
        reader = a_reader(session, config)
        for chosen, field in refused:
            with pytest.raises(ChoicesError) as caught:
                preferences.change(within(session, config), reader.id, chosen, pause_until=None, now=NOW, known=TOPICS)
            assert set(caught.value.faults) == {field}
            assert person(session) == reader


def test_who_has_left_or_never_confirmed_changes_nothing(database: Database, config: Settings) -> None:
    with database.transaction() as session:
        ask(session, config)
        pending = person(session)
        for act in (
            lambda: preferences.change(within(session, config), pending.id, NEW, pause_until=None, now=NOW),
            lambda: preferences.pause(within(session, config), pending.id, until=None, now=NOW),
            lambda: preferences.halve_papers(within(session, config), pending.id, now=NOW),
            lambda: preferences.change(within(session, config), 999, NEW, pause_until=None, now=NOW),
        ):
            with pytest.raises(InputError, match="has ended"):
                act()
        assert person(session) == pending


# ---------------------------------------------------------------- pausing


def test_a_pause_with_an_end_stops_digests_until_that_day_and_ends_by_itself(database: Database, config: Settings) -> None:
    until = NOW.date() + dt.timedelta(days=10)
    with database.transaction() as session:
        reader = a_reader(session, config)
        digest = a_digest_row(session, reader.id)
        preferences.pause(within(session, config), reader.id, until=until, now=NOW)
        assert readers_on(session, until - dt.timedelta(days=1)) == []
        assert readers_on(session, until) == [reader.id]
        row = ledger.delivery(session, digest)
        assert row is not None and (row.state, row.reason) == ("skipped", "paused")
        assert person(session).paused_on(NOW.date())


def test_a_pause_without_an_end_lasts_until_it_is_ended(database: Database, config: Settings) -> None:
    with database.transaction() as session:
        reader = a_reader(session, config)
        preferences.pause(within(session, config), reader.id, until=None, now=NOW)
        assert readers_on(session, NOW.date() + dt.timedelta(days=300)) == []
        preferences.change(within(session, config), reader.id, choices_of(reader), pause_until=None, now=NOW)
        assert person(session).state is State.PAUSED, "saving says nothing of it"
        preferences.resume(within(session, config), reader.id, now=NOW)
        preferences.resume(within(session, config), reader.id, now=NOW)
        assert person(session) == reader


def test_a_pause_ends_on_a_day_within_the_next_year(database: Database, config: Settings) -> None:
    with database.transaction() as session:
        reader = a_reader(session, config)
        for days in (-1, 0, 367):
            with pytest.raises(FieldError) as caught:
                preferences.pause(within(session, config), reader.id, until=NOW.date() + dt.timedelta(days=days), now=NOW)
            assert caught.value.field == "pause_until"
        preferences.pause(within(session, config), reader.id, until=NOW.date() + dt.timedelta(days=366), now=NOW)


# ---------------------------------------------------------------- leaving


def test_leaving_ends_it_at_once_with_one_goodbye(database: Database, config: Settings) -> None:
    with database.transaction() as session:
        reader = a_reader(session, config)
        digest = a_digest_row(session, reader.id)
        assert unsubscribe.leave(within(session, config), reader.id, now=NOW + HOUR, origin="link") is True
        left = person(session)
        assert (left.state, left.left_at) == (State.UNSUBSCRIBED, NOW + HOUR)
        assert readers_on(session, NOW.date()) == []
        row = ledger.delivery(session, digest)
        assert row is not None and (row.state, row.reason) == ("skipped", "unsubscribed")
        assert unsubscribe.leave(within(session, config), reader.id, now=NOW + DAY, origin="link") is False
        assert person(session) == left
        assert len(mails(session, MailKind.GOODBYE)) == 1
        assert [row["action"] for row in subscribers_store.consents(session, reader.id)][-1] == "left"


def test_links_in_old_mails_still_open_the_page_of_somebody_who_left(database: Database, config: Settings) -> None:
    with database.transaction() as session:
        reader = a_reader(session, config)
        token = links.signed_link(SIGNER, reader, LinkPurpose.UNSUBSCRIBE, day=NOW.date())
        unsubscribe.leave(within(session, config), reader.id, now=NOW, origin="link")
        assert links.subscriber_by_link(session, SIGNER, token, LinkPurpose.UNSUBSCRIBE, now=NOW).state is State.UNSUBSCRIBED


def test_leaving_and_returning_over_and_over_sends_one_goodbye_a_day(database: Database, config: Settings) -> None:
    with database.transaction() as session:
        reader = a_reader(session, config)
        for minutes in range(0, 50, 5):
            now = NOW + dt.timedelta(minutes=minutes)
            unsubscribe.leave(within(session, config), reader.id, now=now, origin="link")
            unsubscribe.come_back(within(session, config), reader.id, now=now, origin="link")
        assert len(mails(session, MailKind.GOODBYE)) == 1


def test_a_pending_person_leaves_without_a_mail(database: Database, config: Settings) -> None:
    with database.transaction() as session:
        ask(session, config)
        assert unsubscribe.leave(within(session, config), person(session).id, now=NOW, origin="link")
        assert mails(session, MailKind.GOODBYE) == []


def test_who_comes_back_has_the_same_choices(database: Database, config: Settings) -> None:
    with database.transaction() as session:
        reader = a_reader(session, config)
        unsubscribe.leave(within(session, config), reader.id, now=NOW, origin="link")
        assert unsubscribe.come_back(within(session, config), reader.id, now=NOW + 30 * DAY, origin="link") == reader
        assert unsubscribe.come_back(within(session, config), reader.id, now=NOW + 300 * DAY, origin="link") == reader
        assert [row["action"] for row in subscribers_store.consents(session, reader.id)][-1] == "returned"


@pytest.mark.parametrize("why", ["long ago", "suppressed", "never confirmed", "bounced"])
def test_nobody_is_brought_back_who_should_not_be(database: Database, config: Settings, why: str) -> None:
    with database.transaction() as session:
        if why == "never confirmed":
            ask(session, config)
        else:
            a_reader(session, config)
        reader = person(session)
        if why == "bounced":
            subscribers_store.change_subscriber(session, reader.id, state=State.BOUNCED)
        unsubscribe.leave(within(session, config), reader.id, now=NOW, origin="link")
        if why == "suppressed":
            subscribers_store.suppress(session, reader.address_key, reason="complained", now=NOW)
        left = person(session)
        days = 31 if why == "long ago" else 1
        with pytest.raises(InputError, match="sign up anew"):
            unsubscribe.come_back(within(session, config), reader.id, now=NOW + days * DAY, origin="link")
        assert person(session) == left


@pytest.mark.parametrize("state", [State.BOUNCED, State.COMPLAINED])
def test_a_bounced_address_that_leaves_stays_suppressed_and_gets_no_goodbye(
    database: Database, config: Settings, state: State
) -> None:
    with database.transaction() as session:
        reader = a_reader(session, config)
        subscribers_store.change_subscriber(session, reader.id, state=state)
        unsubscribe.leave(within(session, config), reader.id, now=NOW, origin="link")
        assert subscribers_store.is_suppressed(session, reader.address_key)
        assert mails(session, MailKind.GOODBYE) == []


# ---------------------------------------------------------------- who reads


def test_readers_are_the_confirmed_who_are_neither_suppressed_nor_paused(database: Database) -> None:
    with database.transaction() as session:
        ada = a_subscriber(session, "slam", "nerf", language="ja", cursor=4, max_papers=7)
        suppressed = a_subscriber(session, "nerf", language="fr")
        row = session.get(SubscriberRow, suppressed)
        assert row is not None
        subscribers_store.suppress(session, row.address_key, reason="complained", now=NOW)
        for state in ("pending", "paused", "unsubscribed", "bounced", "complained"):
            a_subscriber(session, "nerf", state=state, language="de")
        bob = a_subscriber(session, "llm", "nerf", language="ja")
        found = readers_store.readers(session, on=NOW.date())
        assert [reader.id for reader in found] == [ada, bob]
        assert (found[0].topics, found[0].language, found[0].cursor, found[0].max_papers) == (("nerf", "slam"), "ja", 4, 7)
        assert [reader.id for reader in readers_store.readers(session, on=NOW.date(), ids=[bob, suppressed])] == [bob]
        assert readers_store.readers(session, on=NOW.date(), ids=[]) == []
        assert [reader.id for reader in readers_store.readers(session, on=NOW.date(), ids=range(ada, ada + 5000))] == [ada, bob]
        assert readers_store.languages_in_use(session) == ["ja"]
        assert subscribers_store.counts_by_state(session)["confirmed"] == 3


def test_after_the_sample_everybody_begins_anew(database: Database) -> None:
    with database.transaction() as session:
        reader = a_subscriber(session, cursor=12)
        subscribers_store.forget_cursors(session)
        assert [found.cursor for found in readers_store.readers(session, on=NOW.date(), ids=[reader])] == [None]


# ---------------------------------------------------------------- rights


def test_erasing_leaves_nothing_of_a_person(database: Database, config: Settings) -> None:
    with database.transaction() as session:
        reader = a_reader(session, config)
        raw = links.mint(session, reader.id, Purpose.ERASE, now=NOW)
        rights.erase_by_link(within(session, config), raw, now=NOW)
        tables = (SubscriberRow, SubscriptionRow, ConsentRow, OneTimeLinkRow, DeliveryRow, SuppressionRow)
        assert [session.scalar(select(func.count()).select_from(table)) for table in tables] == [0] * 6
        rights.erase(within(session, config), reader.id, now=NOW)
        ask(session, config, now=NOW + DAY)
        assert person(session).state is State.PENDING


@pytest.mark.parametrize("why", ["bounced", "complained", "never again"])
def test_erasing_keeps_a_keyed_hash_where_no_mail_may_come_again(database: Database, config: Settings, why: str) -> None:
    with database.transaction() as session:
        reader = a_reader(session, config)
        if why != "never again":
            subscribers_store.change_subscriber(session, reader.id, state=why)
        rights.erase(within(session, config), reader.id, now=NOW, never_again=why == "never again")
        kept = session.scalars(select(SuppressionRow)).one()
        assert (kept.address_key, kept.reason) == (key_of("ada@example.org"), why)


def test_ones_own_data_is_told_whole_by_a_fresh_link(database: Database, config: Settings) -> None:
    with database.transaction() as session:
        reader = a_reader(session, config)
        raw = links.mint(session, reader.id, Purpose.EXPORT, now=NOW)
        told = json.loads(json.dumps(rights.own_data_by_link(within(session, config), raw, now=NOW)))
        with pytest.raises(LinkError):
            rights.own_data_by_link(within(session, config), raw, now=NOW)
        assert rights.own_data(session, 999) == {}
    assert (told["email"], told["state"], told["choices"]["topics"]) == ("ada@example.org", "confirmed", ["nerf", "slam"])
    assert [row["action"] for row in told["consents"]] == ["asked", "confirmed"]
    assert [mail["kind"] for mail in told["mails"]] == ["confirm"]


def move(session, config: Settings, email: str, *, now: dt.datetime = NOW + 2 * DAY) -> None:  # type: ignore[no-untyped-def]
    raw = links.mint(session, person(session).id, Purpose.ADDRESS, now=now)
    rights.move(within(session, config), raw, email, now=now, origin="test")


def test_a_new_address_has_to_confirm_and_voids_the_links_in_old_mails(database: Database, config: Settings) -> None:
    with database.transaction() as session:
        reader = a_reader(session, config)
        settle_all(session)
        token = links.signed_link(SIGNER, reader, LinkPurpose.UNSUBSCRIBE, day=NOW.date())
        move(session, config, "Ada@example.net")
        moved = person(session, "ada@example.net")
        assert (moved.id, moved.state, moved.email, moved.topics) == (reader.id, State.PENDING, "Ada@example.net", reader.topics)
        assert [mail.email for mail in mails(session, MailKind.CONFIRM, "ada@example.net")][-1] == "Ada@example.net"
        with pytest.raises(LinkError) as caught:
            links.subscriber_by_link(session, SIGNER, token, LinkPurpose.UNSUBSCRIBE, now=NOW)
        assert caught.value.fault is LinkFault.VOID


@pytest.mark.parametrize("known", [True, False])
def test_moving_to_an_address_that_is_known_or_suppressed_moves_nothing_and_tells_nothing(
    database: Database, config: Settings, known: bool
) -> None:
    with database.transaction() as session:
        reader = a_reader(session, config)
        if known:
            a_reader(session, config, email="bob@example.org")
        else:
            subscribers_store.suppress(session, key_of("bob@example.org"), reason="complained", now=NOW)
        settle_all(session)
        move(session, config, "bob@example.org")
        assert person(session) == reader


def test_a_third_change_of_address_within_a_month_works(database: Database, config: Settings) -> None:
    with database.transaction() as session:
        a_reader(session, config)
        at = "ada@example.org"
        for number, email in enumerate(("ada@example.net", "ada@example.com", "ada@example.edu"), start=1):
            settle_all(session)
            old, at = person(session, at), email
            raw = links.mint(session, old.id, Purpose.ADDRESS, now=NOW + number * HOUR)
            rights.move(within(session, config), raw, email, now=NOW + number * HOUR, origin="test")
            mail = mails(session, MailKind.CONFIRM, email)[-1]
            assert mail.email == email
            confirm.confirm(session, mint_of(session, mail, now=NOW + number * HOUR), now=NOW + number * HOUR)
            assert person(session, email).state is State.CONFIRMED


def test_a_move_to_a_mailbox_that_had_its_confirmation_today_moves_nothing_and_keeps_the_link(
    database: Database, config: Settings
) -> None:
    with database.transaction() as session:
        reader = a_reader(session, config)
        settle_all(session)
        ask(session, config, email="ada+x@example.net")
        raw = links.mint(session, reader.id, Purpose.ADDRESS, now=NOW)
    for now, moves in ((NOW + HOUR, False), (NOW + 23 * HOUR, False)):
        rights.move(Services(config, database), raw, "ada@example.net", now=now, origin="test")
        with database.reading() as session:
            assert (subscribers_store.subscriber_by_key(session, "ada@example.net") is not None) is moves
