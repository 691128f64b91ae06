"""Addresses by their form: what is taken, what is refused and in which words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from newsletter.errors import PermanentError
from newsletter.mail.header_text import checked_address, recipient_line
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
    ("typed", "email"),
    [
        ("ａｄａ＠ｅｘａｍｐｌｅ．ｏｒｇ", "ada@example.org"),
        ("ada１２＠example。org", "ada12@example.org"),
        ("ada@例子｡中国", "ada@xn--fsqu00a.xn--fiqs8s"),
        ("ada\u3000＠\u3000example．org", "ada@example.org"),
        ("\u200fada@example.org\u200e", "ada@example.org"),
        ("\u2067ada@example.org\u2069", "ada@example.org"),
        ("a\u200bda@exam\u00adple.org\ufeff", "ada@example.org"),
        ("a\u034fd\ufe0fa\U000e0101@exam\u3164ple.org\uffa0", "ada@example.org"),
        ("ada @ example. org", "ada@example.org"),
        ("\u00a0ada\u00a0@example.org", "ada@example.org"),
        ("mailto:ada@example.org", "ada@example.org"),
        ("MailTo:ada%40example.org?subject=papers", "ada@example.org"),
        ("<mailto:ada@example.org>", "ada@example.org"),
        ("<ada@example.org>", "ada@example.org"),
        ("ada@example.org。", "ada@example.org"),
        ("ada@example.org;", "ada@example.org"),
        ("ada@مثال.إختبار", "ada@xn--mgbh0fb.xn--kgbechtv"),
        ("ada@ÜBER.example", "ada@xn--ber-goa.example"),
    ],
)
def test_an_address_is_understood_as_keyboards_and_copying_leave_it(typed: str, email: str) -> None:
    assert normalise(typed).email == normalise(typed, international=True).email == email


@pytest.mark.parametrize(
    ("typed", "email"),
    [
        ("王小明＠例子。中国", "王小明@xn--fsqu00a.xn--fiqs8s"),
        ("\u2067علي@مثال.إختبار\u2069", "علي@xn--mgbh0fb.xn--kgbechtv"),
        ("José@example.org", "José@example.org"),
        ("Jose\u0301@example.org", "José@example.org"),
        ("δοκιμή@example.org", "δοκιμή@example.org"),
        ("用户１２@example.org", "用户12@example.org"),
    ],
)
def test_any_letters_may_stand_before_the_at_sign_where_the_server_takes_them(typed: str, email: str) -> None:
    found = normalise(typed, international=True)
    assert found.email == email
    assert normalise(found.email, international=True) == found
    assert recipient_line(found.email) == f"To: {email}\r\n"
    with pytest.raises(FieldError, match="before the @"):
        normalise(typed)


@pytest.mark.parametrize(
    "typed",
    ["王\u202e@example.org", "a\u2067b@example.org", "王 明@example.org", "王@example.org, 明@example.org", "ada@a\u200cی.com"],
)
def test_what_is_no_address_in_any_letters_is_refused(typed: str) -> None:
    with pytest.raises(FieldError):
        normalise(typed, international=True)


@pytest.mark.parametrize(
    "address",
    ["王\u202e@example.org", "王\r\nBcc: a@example.org", "王@例.org", "王" * 70 + "@" + "a" * 60 + ".org", "王\u3000@a.org"],
)
def test_no_address_breaks_out_of_its_header(address: str) -> None:
    with pytest.raises(PermanentError):
        recipient_line(address)


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
