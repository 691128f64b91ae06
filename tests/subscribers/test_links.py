"""Signed links and one-time links: what opens, what does not, and why."""

import base64
import datetime as dt
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.db import Database
from newsletter.errors import InputError
from newsletter.mail import delivery_links, signed_links
from newsletter.mail.signed_links import LinkError, LinkFault, LinkPurpose, Signer
from newsletter.operating.state import LINKS_RENEWED_AT
from newsletter.subscribers import links
from newsletter.subscribers.links import Purpose
from newsletter.subscribers.store import personal_data
from newsletter.subscribers.store import subscribers as subscribers_store
from newsletter.tables.subscribers import OneTimeLinkRow
from tests.factories import a_digest_row, a_subscriber
from tests.subscribers.subscriber_builder import DAY, NOW

SIGNER = Signer(["first-key", "older-key"])
KEYS = st.integers(-(2**63), 2**63 - 1)
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
LEAVE = LinkPurpose.UNSUBSCRIBE
TODAY = NOW.date()


def opens(token: str, link_key: int, version: int, *, now: dt.datetime = NOW, signer: Signer = SIGNER) -> bool:
    claim = signer.read(token, now=now)
    signer.check(claim, LEAVE, version, now=now)
    return claim.link_key == link_key and not claim.old


def fault_of(
    token: str, version: int, *, now: dt.datetime = NOW, signer: Signer = SIGNER, purpose: LinkPurpose = LEAVE
) -> LinkFault:
    with pytest.raises(LinkError) as caught:
        signer.check(signer.read(token, now=now), purpose, version, now=now)
    assert isinstance(caught.value, InputError)
    return caught.value.fault


@given(KEYS, st.integers(0, 1000))
def test_a_link_opens_the_pages_of_its_subscriber_and_fits_the_unsubscribe_header(link_key: int, version: int) -> None:
    token = SIGNER.link_token(LEAVE, link_key, version, day=TODAY)
    assert opens(token, link_key, version)
    assert len(f"https://papers.example-university.edu/unsubscribe/{token}") <= 76


@given(KEYS, st.integers(0, 24), st.sampled_from(ALPHABET))
def test_a_link_with_any_character_changed_is_refused(link_key: int, place: int, character: str) -> None:
    token = SIGNER.link_token(LEAVE, link_key, 0, day=TODAY)
    changed = token[:place] + character + token[place + 1 :]
    if changed != token:
        assert fault_of(changed, 0) is LinkFault.BROKEN


@given(st.text(max_size=40))
def test_any_text_as_a_link_is_refused_and_never_an_accident(text: str) -> None:
    for read in (lambda: fault_of(text, 0), lambda: SIGNER.read_delivery(text)):
        try:
            read()
        except LinkError as error:
            assert error.fault is LinkFault.BROKEN


@pytest.mark.parametrize("day", [TODAY + n * DAY for n in range(8)])
def test_a_link_is_good_for_365_days(day: dt.date) -> None:
    token, noon = SIGNER.link_token(LEAVE, 7, 0, day=day), dt.datetime.combine(day, dt.time(12), dt.UTC)
    assert opens(token, 7, 0, now=noon)
    assert opens(token, 7, 0, now=noon + 365 * DAY)
    assert fault_of(token, 0, now=noon + 366 * DAY) is LinkFault.EXPIRED
    assert fault_of(token, 0, now=noon + 440 * DAY) is LinkFault.EXPIRED
    for days in (448, 449, 4096):
        assert fault_of(token, 0, now=noon + days * DAY) in (LinkFault.BROKEN, LinkFault.EXPIRED)


def test_a_link_of_the_day_after_tomorrow_is_refused() -> None:
    token = SIGNER.link_token(LEAVE, 7, 0, day=TODAY)
    assert opens(token, 7, 0, now=NOW - DAY)
    assert fault_of(token, 0, now=NOW - 2 * DAY) is LinkFault.BROKEN


def test_a_link_is_void_once_the_token_version_moved_on() -> None:
    token = SIGNER.link_token(LEAVE, 7, 3, day=TODAY)
    assert fault_of(token, 4) is LinkFault.VOID
    assert fault_of(token, 2) is LinkFault.BROKEN


def test_the_first_key_signs_and_all_keys_verify() -> None:
    old, new, other = Signer(["older-key"]), Signer(["first-key"]), Signer(["another"])
    assert opens(old.link_token(LEAVE, 7, 0, day=TODAY), 7, 0)
    assert opens(SIGNER.link_token(LEAVE, 7, 0, day=TODAY), 7, 0, signer=new)
    assert fault_of(other.link_token(LEAVE, 7, 0, day=TODAY), 0) is LinkFault.BROKEN


@given(KEYS, st.sampled_from(LinkPurpose), st.sampled_from(LinkPurpose))
def test_a_link_of_one_purpose_opens_nothing_of_another(number: int, one: LinkPurpose, other: LinkPurpose) -> None:
    token, mail = SIGNER.link_token(one, number, 0, day=TODAY), SIGNER.delivery_token(one, abs(number) % 2**48, "<a@b>")
    assert fault_of(mail, 0, purpose=other) is LinkFault.BROKEN
    if one is not other:
        assert fault_of(token, 0, purpose=other) is LinkFault.BROKEN
        with pytest.raises(LinkError):
            SIGNER.check_delivery(SIGNER.read_delivery(mail), other, "<a@b>", old=True)


@given(st.integers(1, 2**48 - 1), st.integers(0, 127))
def test_a_delivery_link_survives_a_change_of_case_and_no_flipped_bit(delivery_id: int, bit: int) -> None:
    token = SIGNER.delivery_token(LinkPurpose.BOUNCE, delivery_id, "<a@b>")
    claim = SIGNER.read_delivery(token.upper())
    SIGNER.check_delivery(claim, LinkPurpose.BOUNCE, "<a@b>", old=False)
    assert claim.delivery_id == delivery_id
    data = bytearray(signed_links._from_base32(token))
    data[bit // 8] ^= 1 << bit % 8
    with pytest.raises(LinkError):
        changed = base64.b32encode(bytes(data)).decode().rstrip("=")
        SIGNER.check_delivery(SIGNER.read_delivery(changed), LinkPurpose.BOUNCE, "<a@b>", old=False)


def test_a_delivery_link_names_no_other_mail_under_its_id() -> None:
    claim = SIGNER.read_delivery(SIGNER.delivery_token(LinkPurpose.BOUNCE, 9, "<first@example.org>"))
    with pytest.raises(LinkError):
        SIGNER.check_delivery(claim, LinkPurpose.BOUNCE, "<second@example.org>", old=False)


def test_a_link_finds_its_subscriber_and_nobody_once_they_are_erased(database: Database) -> None:
    with database.transaction() as session:
        number = a_subscriber(session, "nerf")
        found = subscribers_store.subscriber(session, number)
        assert found is not None
        token = links.signed_link(SIGNER, found, LEAVE, day=TODAY)
        assert links.subscriber_by_link(session, SIGNER, token, LEAVE, now=NOW).id == number
        personal_data.erase_subscriber(session, number)
        with pytest.raises(LinkError, match="not complete"):
            links.subscriber_by_link(session, SIGNER, token, LEAVE, now=NOW)
        # SQLite gives the id again.
        a_subscriber(session, "nerf", id=number)
        with pytest.raises(LinkError, match="not complete"):
            links.subscriber_by_link(session, SIGNER, token, LEAVE, now=NOW)


# ---------------------------------------------------------------- links of mails sent before there were keys


def an_old_link(subscriber_id: int, *, day: dt.date = TODAY, version: int = 0) -> str:
    """A link as mails had it: row id, day and MAC."""
    head = subscriber_id.to_bytes(4, "big") + (day - dt.date(2020, 1, 1)).days.to_bytes(2, "big")
    mac = hmac.digest(b"first-key", b"subscriber\0" + head + version.to_bytes(4, "big"), "sha256")[:10]
    return base64.urlsafe_b64encode(head + mac).decode().rstrip("=")


OF_READERS = (LinkPurpose.PREFERENCES, LinkPurpose.UNSUBSCRIBE, LinkPurpose.FEEDBACK)


@pytest.mark.parametrize("purpose", OF_READERS)
def test_a_link_of_an_old_mail_opens_all_pages_of_its_person_for_its_year(database: Database, purpose: LinkPurpose) -> None:
    with database.transaction() as session:
        number = a_subscriber(session, old_link_id=77)
        assert links.subscriber_by_link(session, SIGNER, an_old_link(77), purpose, now=NOW + 365 * DAY).id == number
        for token, fault in ((an_old_link(77, day=TODAY - 366 * DAY), "too old"), (an_old_link(77, version=1), "not complete")):
            with pytest.raises(LinkError, match=fault):
                links.subscriber_by_link(session, SIGNER, token, purpose, now=NOW)


@pytest.mark.parametrize("purpose", OF_READERS)
def test_a_link_of_an_old_mail_never_opens_the_pages_of_who_has_its_id_now(database: Database, purpose: LinkPurpose) -> None:
    with database.transaction() as session:
        number = a_subscriber(session)
        with pytest.raises(LinkError, match="not complete"):
            links.subscriber_by_link(session, SIGNER, an_old_link(number), purpose, now=NOW)


def an_old_delivery_link(delivery_id: int) -> str:
    head = delivery_id.to_bytes(6, "big")
    mac = hmac.digest(b"first-key", b"delivery\0" + head, "sha256")[:10]
    return base64.b32encode(head + mac).decode().rstrip("=").lower()


def test_an_old_mail_can_be_seen_and_bounces_where_it_was_there_when_links_were_renewed(database: Database) -> None:
    with database.transaction() as session:
        mail = a_digest_row(session, a_subscriber(session))
        with pytest.raises(LinkError, match="not complete"):
            delivery_links.bounced(session, SIGNER, an_old_delivery_link(mail))
        LINKS_RENEWED_AT.write(session, NOW + DAY, now=NOW + DAY)
        assert delivery_links.bounced(session, SIGNER, an_old_delivery_link(mail)).id == mail
        assert delivery_links.viewed(session, SIGNER, an_old_delivery_link(mail), now=NOW).id == mail
        LINKS_RENEWED_AT.write(session, NOW - DAY, now=NOW)
        with pytest.raises(LinkError, match="not complete"):
            delivery_links.bounced(session, SIGNER, an_old_delivery_link(mail))


# ---------------------------------------------------------------- links that work once


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
