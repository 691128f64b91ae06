"""Signed links and one-time links: what opens, what does not, and why."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.db import Database
from newsletter.errors import InputError
from newsletter.mail import signed_links
from newsletter.mail.signed_links import LinkError, LinkFault, Signer
from newsletter.subscribers import links
from newsletter.subscribers.links import Purpose
from newsletter.subscribers.store import subscribers as subscribers_store
from newsletter.tables.subscribers import OneTimeLinkRow
from tests.factories import a_subscriber
from tests.subscribers.subscriber_builder import DAY, NOW

SIGNER = Signer(["first-key", "older-key"])
IDS = st.integers(1, 2**32 - 1)
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def opens(token: str, subscriber_id: int, version: int, *, now: dt.datetime = NOW, signer: Signer = SIGNER) -> bool:
    claim = signer.read(token)
    signer.check(claim, version, now=now)
    return claim.subscriber_id == subscriber_id


def fault_of(token: str, version: int, *, now: dt.datetime = NOW, signer: Signer = SIGNER) -> LinkFault:
    with pytest.raises(LinkError) as caught:
        signer.check(signer.read(token), version, now=now)
    assert isinstance(caught.value, InputError)
    return caught.value.fault


@given(IDS, st.integers(0, 1000))
def test_a_link_opens_the_pages_of_its_subscriber_and_fits_the_unsubscribe_header(subscriber_id: int, version: int) -> None:
    token = SIGNER.link_token(subscriber_id, version, now=NOW)
    assert opens(token, subscriber_id, version)
    assert len(f"https://papers.example-university.edu/unsubscribe/{token}") <= 76


@given(IDS, st.integers(0, 127))
def test_a_link_with_any_bit_flipped_is_refused(subscriber_id: int, bit: int) -> None:
    token = SIGNER.link_token(subscriber_id, 0, now=NOW)
    data = bytearray(signed_links._from_base64(token))
    data[bit // 8] ^= 1 << bit % 8
    assert fault_of(signed_links._base64(bytes(data)), 0) is LinkFault.BROKEN


@given(IDS, st.integers(0, 21), st.sampled_from(ALPHABET))
def test_a_link_with_any_character_changed_is_refused(subscriber_id: int, place: int, character: str) -> None:
    token = SIGNER.link_token(subscriber_id, 0, now=NOW)
    changed = token[:place] + character + token[place + 1 :]
    if changed != token:
        assert fault_of(changed, 0) is LinkFault.BROKEN


def test_of_the_spellings_that_decode_alike_only_ours_is_taken() -> None:
    token = SIGNER.link_token(7, 0, now=NOW)
    for character in set(ALPHABET) - {token[-1]}:
        assert fault_of(token[:-1] + character, 0) is LinkFault.BROKEN


@given(st.text(max_size=40))
def test_any_text_as_a_link_is_refused_and_never_an_accident(text: str) -> None:
    for read in (lambda: fault_of(text, 0), lambda: SIGNER.read_delivery(text)):
        try:
            read()
        except LinkError as error:
            assert error.fault is LinkFault.BROKEN


def test_a_link_is_good_for_365_days() -> None:
    token = SIGNER.link_token(7, 0, now=NOW)
    assert opens(token, 7, 0, now=NOW + 365 * DAY)
    assert fault_of(token, 0, now=NOW + 366 * DAY) is LinkFault.EXPIRED


def test_a_link_of_the_day_after_tomorrow_is_refused() -> None:
    token = SIGNER.link_token(7, 0, now=NOW)
    assert opens(token, 7, 0, now=NOW - DAY)
    assert fault_of(token, 0, now=NOW - 2 * DAY) is LinkFault.BROKEN


def test_a_link_is_void_once_the_token_version_moved_on() -> None:
    token = SIGNER.link_token(7, 3, now=NOW)
    assert fault_of(token, 4) is LinkFault.VOID
    assert fault_of(token, 2) is LinkFault.BROKEN


def test_the_first_key_signs_and_all_keys_verify() -> None:
    old, new, other = Signer(["older-key"]), Signer(["first-key"]), Signer(["another"])
    assert opens(old.link_token(7, 0, now=NOW), 7, 0)
    assert opens(SIGNER.link_token(7, 0, now=NOW), 7, 0, signer=new)
    assert fault_of(other.link_token(7, 0, now=NOW), 0) is LinkFault.BROKEN
    assert SIGNER.read_delivery(old.delivery_token(9)) == 9


@given(st.integers(1, 2**48 - 1), st.integers(0, 127))
def test_a_delivery_link_survives_a_change_of_case_and_no_flipped_bit(delivery_id: int, bit: int) -> None:
    import base64

    token = SIGNER.delivery_token(delivery_id)
    assert token == SIGNER.delivery_token(delivery_id)
    assert SIGNER.read_delivery(token.upper()) == delivery_id
    data = bytearray(signed_links._from_base32(token))
    data[bit // 8] ^= 1 << bit % 8
    with pytest.raises(LinkError):
        SIGNER.read_delivery(base64.b32encode(bytes(data)).decode().rstrip("="))


@given(IDS)
def test_a_link_of_one_purpose_opens_nothing_of_another(number: int) -> None:
    with pytest.raises(LinkError):
        SIGNER.read_delivery(SIGNER.link_token(number, 0, now=NOW))
    delivery = signed_links._from_base32(SIGNER.delivery_token(number))
    assert fault_of(signed_links._base64(delivery), 0) is LinkFault.BROKEN


def test_a_link_finds_its_subscriber_and_nobody_once_they_are_erased(database: Database) -> None:
    with database.transaction() as session:
        subscriber = a_subscriber(session, "nerf")
        token = SIGNER.link_token(subscriber, 0, now=NOW)
        assert links.subscriber_by_link(session, SIGNER, token, now=NOW).id == subscriber
        subscribers_store.erase_subscriber(session, subscriber)
        with pytest.raises(LinkError, match="not complete"):
            links.subscriber_by_link(session, SIGNER, token, now=NOW)


def test_a_one_time_link_works_once_and_looking_does_not_count(database: Database) -> None:
    with database.transaction() as session:
        subscriber = a_subscriber(session)
        raw = links.mint(session, subscriber, Purpose.EXPORT, now=NOW)
        for _ in range(3):
            found = links.find(session, raw, Purpose.EXPORT)
            assert found is not None and found.used_at is None
        assert links.use(session, raw, Purpose.EXPORT, now=NOW).subscriber_id == subscriber
        with pytest.raises(LinkError) as caught:
            links.use(session, raw, Purpose.EXPORT, now=NOW)
    assert caught.value.fault is LinkFault.USED


def test_a_one_time_link_is_bound_to_its_purpose(database: Database) -> None:
    with database.transaction() as session:
        raw = links.mint(session, a_subscriber(session), Purpose.EXPORT, now=NOW)
        assert links.find(session, raw, Purpose.ERASE) is None
        with pytest.raises(LinkError) as caught:
            links.use(session, raw, Purpose.ERASE, now=NOW)
    assert caught.value.fault is LinkFault.BROKEN


def test_a_confirmation_link_lives_for_seven_days_beside_others(database: Database) -> None:
    with database.transaction() as session:
        subscriber = a_subscriber(session)
        first, second = (links.mint(session, subscriber, Purpose.CONFIRM, now=NOW) for _ in range(2))
        with pytest.raises(LinkError) as caught:
            links.use(session, first, Purpose.CONFIRM, now=NOW + 7 * DAY)
        assert links.use(session, second, Purpose.CONFIRM, now=NOW + 7 * DAY - dt.timedelta(seconds=1))
    assert caught.value.fault is LinkFault.EXPIRED


def test_the_database_holds_no_raw_token(database: Database) -> None:
    with database.transaction() as session:
        raw = links.mint(session, a_subscriber(session), Purpose.CONFIRM, now=NOW)
        stored = session.query(OneTimeLinkRow).one()
        assert raw not in (stored.hash, stored.purpose)
        assert len(stored.hash) == 64


def test_no_text_as_a_one_time_link_is_an_accident(database: Database) -> None:
    with database.transaction() as session:
        for raw in ("", "x", "\x00", "\ud800", "a" * 5000, "٣" * 32):
            with pytest.raises(LinkError):
                links.use(session, raw, Purpose.CONFIRM, now=NOW)
