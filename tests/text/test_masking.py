"""Addresses and tokens of links are taken out of text for others, whoever said it; the rest stays as it is."""

from __future__ import annotations

import pytest

from newsletter.text.masking import without_people
from newsletter.web.security import TOKEN_PAGES


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("550 5.1.1 <ada.l+x@example.org>: no such user", "550 5.1.1 <…@example.org>: no such user"),
        (
            "DETAIL:  Key (email_key)=(ada@example.org) already exists.",
            "DETAIL:  Key (email_key)=(…@example.org) already exists.",
        ),
        ("GET /link?email=ada%40example.org&x=1", "GET /link?email=…%40example.org&x=1"),
        ("smtp://ada@example.org:secret@mx.example.org", "smtp://…@example.org:…@mx.example.org"),
        ("josé@例え.jp, b@c.de; d@e.fr", "…@例え.jp, …@c.de; …@e.fr"),
        ("b-0123456789abcdefghijklmno@bounces.example.org", "…@bounces.example.org"),
        ("/confirm/abcdefghijklmnop_-1234/x and /data/newsletter.db", "/confirm/…/x and /data/newsletter.db"),
        ("retry @ 7, a @decorator, x@", "retry @ 7, a @decorator, x@"),
    ],
)
def test_nobody_is_named(said: str, kept: str) -> None:
    assert without_people(said) == kept


@pytest.mark.parametrize("page", TOKEN_PAGES)
def test_each_page_of_one_person_loses_its_token(page: str) -> None:
    assert without_people(f"{page}{'a1_-' * 7}") == f"{page}…"
