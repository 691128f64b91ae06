"""Passwords of operators: long enough, hard to guess, of any characters, and taken as they were typed."""

from __future__ import annotations

import math

import pytest

from newsletter.errors import InputError
from newsletter.operating.operators import passwords, second_factor
from tests.web.conftest import Site


@pytest.mark.parametrize("password", ["", "short", "xK9#mQ2$v"])
def test_a_password_has_ten_characters_at_least(password: str) -> None:
    with pytest.raises(InputError, match=r"characters: give 10"):
        passwords.hashed(password)


@pytest.mark.parametrize(
    "password",
    [
        *("qwertyuiop", "1234567890", "password123", "PASSWORD123", "p4ssw0rd12", "aaaaaaaaaaaaaaaa", "abcabcabcabcabc"),
        *("zxcvbnm,./", "2026-11-30", "papermorning", "PaperMorning1", "newsletter1", "adminadmin", "operator2026"),
        *("ada.lovelace", "adalovelace1", "Example Society", "examplesociety1"),
    ],
)
def test_an_easily_guessed_password_is_refused(password: str) -> None:
    with pytest.raises(InputError, match=r"easily guessed: take four"):
        passwords.hashed(password, about=("ada.lovelace", "Example Society", "Paper Morning"))


@pytest.mark.parametrize(
    "password", ["  spaces around it, horse  ", "Größe ист 高斯泼溅 صباح", "xV9 q-Zr w" + "fjord stapler " * 20]
)
def test_any_characters_make_a_password_and_it_is_taken_as_it_is(password: str) -> None:
    made = passwords.hashed(password)
    assert passwords.fits(password, made)
    for other in (password[:-1], password.swapcase()):
        assert not passwords.fits(other, made)


def test_a_password_is_kept_under_argon2id() -> None:
    # https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html: 19 MiB and two passes at least.
    _, kind, _, costs, *_ = passwords.hashed("horse battery stapler fjord").split("$")
    found = dict(cost.split("=") for cost in costs.split(","))
    assert kind == "argon2id"
    assert int(found["m"]) >= 19 * 1024
    assert int(found["t"]) >= 2


def test_a_recovery_code_has_128_random_bits() -> None:
    one, other = (second_factor.recovery_code() for _ in range(2))
    assert len(one.replace("-", "")) * math.log2(len(set(second_factor.LETTERS))) >= 128
    assert set(one) <= {"-", *second_factor.LETTERS}
    assert one != other


def test_the_field_hides_what_is_typed_and_lets_a_manager_fill_it_in(small_site: Site) -> None:
    page = small_site.client().get("/admin/login").text
    assert 'name="password" type="password" autocomplete="current-password"' in page
    assert 'autocomplete="username"' in page
    assert "onpaste" not in page
