"""Addresses by their form: what is taken, what is refused and in which words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from newsletter.mail.header_text import checked_address
from newsletter.subscribers import addresses
from newsletter.subscribers.addresses import address_key, normalise
from newsletter.subscribers.faults import Fault, FieldError


@pytest.mark.parametrize(
    ("typed", "email", "key"),
    [
        ("ada@example.org", "ada@example.org", "ada@example.org"),
        ("  Ada.Lovelace+papers@EXAMPLE.org ", "Ada.Lovelace+papers@example.org", "ada.lovelace+papers@example.org"),
        ("jo@bücher.example", "jo@xn--bcher-kva.example", "jo@xn--bcher-kva.example"),
        ("wang@例子.中国", "wang@xn--fsqu00a.xn--fiqs8s", "wang@xn--fsqu00a.xn--fiqs8s"),
        ("reader@post.corp.local", "reader@post.corp.local", "reader@post.corp.local"),
        ("me@localhost", "me@localhost", "me@localhost"),
    ],
)
def test_an_address_keeps_its_local_part_and_has_one_key_for_all_spellings(typed: str, email: str, key: str) -> None:
    address = normalise(typed)
    assert (address.email, address.key) == (email, key)


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ("", addresses.EMPTY),
        ("   ", addresses.EMPTY),
        ("ada", addresses.WRONG_FORM),
        ("ada@", addresses.WRONG_FORM),
        ("@example.org", addresses.WRONG_FORM),
        ("ada@example..org", addresses.WRONG_FORM),
        ("Ada <ada@example.org>", addresses.WRONG_FORM),
        ('"ada b"@example.org', addresses.WRONG_FORM),
        ("ada@example.org, bob@example.org", addresses.WRONG_FORM),
        ("ada@example.org\r\nBcc: bob@example.org", addresses.WRONG_FORM),
        ("ada\n@example.org", addresses.WRONG_FORM),
        ("ada\x00@example.org", addresses.WRONG_FORM),
        ("ada@exam\u2028ple.org", addresses.WRONG_FORM),
        ("ada@[127.0.0.1]", addresses.WRONG_FORM),
        ("ada@192.168.1.1", addresses.NO_SERVER),
        ("ada@gmail", addresses.NO_SERVER),
        ("王@example.org", addresses.NOT_ASCII),
        ("a" * 65 + "@example.org", addresses.WRONG_FORM),
        ("ada@" + "a." * 130 + "org", addresses.TOO_LONG),
        ("ada\ud800@example.org", addresses.NOT_ASCII),
        ("ada@exa\ud800mple.org", addresses.WRONG_FORM),
    ],
)
def test_what_is_no_address_is_refused_in_plain_words_for_its_field(typed: str, fault: Fault) -> None:
    with pytest.raises(FieldError) as caught:
        normalise(typed)
    assert (caught.value.field, caught.value.fault, str(caught.value)) == ("email", fault, fault.text)


@given(st.one_of(st.text(max_size=60), st.from_regex(r"[^@\s]{1,70}@[^@\s]{1,40}", fullmatch=True)))
def test_whatever_is_typed_becomes_an_address_that_can_stand_in_a_header_or_is_refused(typed: str) -> None:
    try:
        address = normalise(typed)
    except FieldError:
        return
    assert checked_address(address.email) == address.email
    assert normalise(address.email) == address
    assert normalise(address.email.upper()).key == address.key


def test_the_suppression_key_hides_the_address_and_ignores_case() -> None:
    assert address_key("Ada@example.org", SecretStr("k")) == address_key("ada@example.org", SecretStr("k"))
    assert address_key("ada@example.org", SecretStr("k")) != address_key("ada@example.org", SecretStr("another"))
    assert len(address_key("ada@example.org", SecretStr("k"))) == 64
