"""`newsletter preview` shows what somebody got or would get, and never a welcome to who has been reading for long."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from newsletter.bootstrap import Services
from newsletter.cli.previewed_digest import preview_of
from newsletter.daily.plan import plan
from newsletter.errors import InputError
from newsletter.values.mail import DeliveryState
from tests.daily.ledgers import DAY, TODAY, add, put, settle
from tests.factories import NOW

READER = "reader@example.org"


@pytest.fixture
def services(sqlite_url: str, make_services: Callable[..., Services]) -> Services:
    made = make_services(sqlite_url)
    add(made, "nerf", email=READER, email_key=READER)
    put(made, 1, 2, day=TODAY)
    return made


def test_what_somebody_got_today_is_shown_as_it_was(services: Services) -> None:
    would = preview_of(services, READER, date=None, now=NOW)
    assert would.html.count("<h3") == 2
    plan(services, now=NOW)
    waiting = preview_of(services, READER, date=None, now=NOW)
    settle(services, DeliveryState.SENT)
    got = preview_of(services, READER, date=None, now=NOW)
    assert would == waiting == got
    assert "None of the newest papers" not in got.html


def test_where_nothing_is_new_the_last_one_is_shown_and_with_a_date_it_is_told(services: Services) -> None:
    plan(services, now=NOW)
    settle(services, DeliveryState.SENT)
    later = NOW + 2 * DAY
    assert preview_of(services, READER, date=None, now=later).html.count("<h3") == 2
    with pytest.raises(InputError, match=r"nothing is new for reader@example\.org"):
        preview_of(services, READER, date=later.date(), now=later)


def test_who_never_had_a_mail_is_welcomed(services: Services) -> None:
    add(services, "slam", email="new@example.org", email_key="new@example.org")
    assert "Welcome" in preview_of(services, "new@example.org", date=None, now=NOW + dt.timedelta(hours=1)).subject
