"""Confirmation by the mailed link: once, kindly, and never against somebody's will."""

import pytest

from newsletter.db import Database
from newsletter.mail.signed_links import LinkError, LinkFault
from newsletter.settings import Settings
from newsletter.subscribers import confirm, links, unsubscribe
from newsletter.subscribers.confirm import Outcome
from newsletter.subscribers.store import personal_data
from newsletter.subscribers.store import subscribers as subscribers_store
from newsletter.subscribers.subscriber import State
from tests.services import within
from tests.subscribers.subscriber_builder import DAY, NOW, a_reader, ask, key_of, mint, person


def fault_of(session, raw: str, *, now=NOW) -> LinkFault:  # type: ignore[no-untyped-def]
    with pytest.raises(LinkError) as looked:
        confirm.look(session, raw, now=now)
    with pytest.raises(LinkError) as confirmed:
        confirm.confirm(session, raw, now=now)
    assert looked.value.fault is confirmed.value.fault
    return confirmed.value.fault


def test_the_link_confirms_and_keeps_the_evidence(database: Database, config: Settings) -> None:
    with database.transaction() as session:
        ask(session, config)
        raw = mint(session)
    with database.transaction() as session:
        done = confirm.confirm(session, raw, now=NOW + DAY)
    assert done.outcome is Outcome.CONFIRMED
    assert (done.subscriber.state, done.subscriber.confirmed_at, done.subscriber.cursor) == (State.CONFIRMED, NOW + DAY, None)
    with database.reading() as session:
        evidence = subscribers_store.consents(session, done.subscriber.id)
    assert [row["action"] for row in evidence] == ["asked", "confirmed"]
    assert "Mail me new research papers" in evidence[-1]["words"]


def test_looking_at_the_link_changes_nothing(database: Database, config: Settings) -> None:
    with database.transaction() as session:
        ask(session, config)
        raw = mint(session)
    with database.reading() as session:
        for _ in range(3):
            seen = confirm.look(session, raw, now=NOW)
            assert (seen.outcome, seen.subscriber.email) == (Outcome.CONFIRMED, "ada@example.org")
        assert person(session).state is State.PENDING


def test_the_second_click_and_the_link_of_another_mail_say_already_confirmed(database: Database, config: Settings) -> None:
    with database.transaction() as session:
        ask(session, config)
        first, second = mint(session), mint(session)
        confirm.confirm(session, first, now=NOW)
        before = person(session)
        for raw in (first, second):
            assert confirm.look(session, raw, now=NOW + DAY).outcome is Outcome.ALREADY
            assert confirm.confirm(session, raw, now=NOW + 30 * DAY).outcome is Outcome.ALREADY
        assert person(session) == before


def test_the_link_is_dead_after_seven_days(database: Database, config: Settings) -> None:
    with database.transaction() as session:
        ask(session, config)
        assert fault_of(session, mint(session), now=NOW + 7 * DAY) is LinkFault.EXPIRED


def test_what_is_no_link_of_ours_is_broken(database: Database) -> None:
    with database.transaction() as session:
        for raw in ("", "nonsense", "\x00", "x" * 4000, "\ud800"):
            assert fault_of(session, raw) is LinkFault.BROKEN


def test_a_link_of_another_purpose_confirms_nobody(database: Database, config: Settings) -> None:
    with database.transaction() as session:
        ask(session, config)
        raw = links.mint(session, person(session).id, links.Purpose.EXPORT, now=NOW)
        assert fault_of(session, raw) is LinkFault.BROKEN


def test_a_link_from_before_the_leaving_brings_nobody_back(database: Database, config: Settings) -> None:
    with database.transaction() as session:
        ask(session, config)
        used, spare = mint(session), mint(session)
        confirm.confirm(session, used, now=NOW)
        unsubscribe.leave(within(session, config), person(session).id, now=NOW, origin="test")
        assert fault_of(session, used) is LinkFault.USED
        assert fault_of(session, spare) is LinkFault.USED
        assert person(session).state is State.UNSUBSCRIBED


def test_who_leaves_before_confirming_is_not_confirmed_by_the_old_link(database: Database, config: Settings) -> None:
    with database.transaction() as session:
        ask(session, config)
        raw = mint(session)
        assert unsubscribe.leave(within(session, config), person(session).id, now=NOW, origin="test")
        assert fault_of(session, raw) is LinkFault.USED


def test_an_address_that_must_get_no_mail_cannot_be_confirmed(database: Database, config: Settings) -> None:
    with database.transaction() as session:
        ask(session, config)
        raw = mint(session)
        for state in (State.BOUNCED, State.COMPLAINED):
            subscribers_store.change_subscriber(session, person(session).id, state=state)
            assert fault_of(session, raw) is LinkFault.VOID
        subscribers_store.change_subscriber(session, person(session).id, state=State.PENDING)
        subscribers_store.suppress(session, key_of("ada@example.org"), reason="complained", now=NOW)
        assert fault_of(session, raw) is LinkFault.VOID


def test_a_link_of_somebody_erased_is_broken(database: Database, config: Settings) -> None:
    with database.transaction() as session:
        reader = a_reader(session, config)
        raw = mint(session)
        personal_data.erase_subscriber(session, reader.id)
        assert fault_of(session, raw) is LinkFault.BROKEN
