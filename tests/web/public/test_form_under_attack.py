"""The form of sign-up as somebody would use it against others: one victim in many spellings, machines, and who watches answers."""

from __future__ import annotations

import datetime as dt
import re
import threading
from collections.abc import Callable

import pytest
import time_machine
from flask.testing import FlaskClient

from newsletter.errors import TemporaryError
from newsletter.mail.store import ledger
from newsletter.scheduler import tick
from newsletter.subscribers import form_limits, links
from newsletter.subscribers.form_limits import MOST_OF_NETWORK, MOST_SAVES
from newsletter.subscribers.links import Purpose
from newsletter.subscribers.store import subscribers as subscribers_store
from newsletter.values.mail import MailKind
from newsletter.web import create_app
from newsletter.web.after_answers import InBackground
from newsletter.web.public.signup import COUNTS_FOR
from tests.web.conftest import CHOICES, NOW, Site, csrf_of, send, signed_up

KINDS = ("new@example.com", "waiting@example.org", "reader@example.org", "left@example.org", "bounced@example.org")


def from_network(site: Site, address: str) -> FlaskClient:
    client = site.client()
    client.environ_base["REMOTE_ADDR"] = address
    return client


def confirmations(site: Site) -> list[str]:
    with site.services.database.reading() as session:
        return [mail.email for mail in ledger.deliveries(session, kind=MailKind.CONFIRM)]


def test_one_victim_in_many_spellings_from_as_many_networks_gets_one_mail(small_site: Site) -> None:
    before, forms = len(confirmations(small_site)), 40
    for number in range(forms):
        client = from_network(small_site, f"198.51.{number}.7" if number % 2 else f"2001:db8:{number:x}::7")
        email = f"{'V.i.ctim' if number % 3 else 'vic.tim'}+{number}@{('gmail.com', 'GoogleMail.com')[number % 2]}"
        assert send(client, "/", "/subscribe", **{**CHOICES, "email": email}).status_code == 303
    assert len(confirmations(small_site)) - before == 1


@pytest.mark.parametrize("form", ["/", "/link", "/collection/editor"])
def test_answers_to_five_kinds_of_address_are_the_same_to_the_byte(small_site: Site, still_clock: None, form: str) -> None:
    bounced, _ = signed_up(small_site.services, "bounced@example.org")
    with small_site.services.database.transaction() as session:
        subscribers_store.change_subscriber(session, bounced, state="bounced")
    answers = set()
    for email in KINDS:
        client = small_site.client()
        fields = {**CHOICES, "email": email} if form == "/" else {"email": email}
        answer = send(client, form, "/subscribe" if form == "/" else form, **fields)
        headers = {
            name: value for name, value in answer.headers if name not in ("Set-Cookie", "Date") and "RateLimit" not in name
        }
        body = re.sub(r'value="[^"]{30,}"', "", answer.text)
        # What is in the cookie is random, and packed: its length differs from visit to visit.
        cookies = [one.partition("=")[0] for one in answer.headers.getlist("Set-Cookie")]
        answers.add((answer.status_code, str(sorted(headers.items())), body, str(cookies)))
    assert len(answers) == 1, answers


@pytest.mark.parametrize("by", ["the pages", "the next tick"])
def test_a_visitor_is_answered_before_anything_is_done_about_the_address(small_site: Site, by: str) -> None:
    later: list[Callable[[], object]] = []
    app = create_app(small_site.services, run_later=lambda work: lambda: later.append(work))
    before = len(confirmations(small_site))
    assert send(app.test_client(), "/", "/subscribe", **CHOICES).status_code == 303
    assert len(confirmations(small_site)) == before
    if by == "the pages":
        later[0]()
    else:
        # The process of the pages ended right after its answer.
        tick(small_site.services, now=dt.datetime.now(dt.UTC))
    assert len(confirmations(small_site)) == before + 1


def test_work_after_answers_is_done_again_where_the_database_was_away_for_a_moment() -> None:
    done = threading.Semaphore(0)
    failures = [TemporaryError("the database does not answer now")]

    def work() -> None:
        done.release()
        if failures:
            raise failures.pop()

    ask = InBackground(work)
    for _ in range(2):
        ask()
        assert done.acquire(timeout=10)


def test_a_field_that_nobody_sees_catches_machines_and_tells_them_nothing(small_site: Site) -> None:
    client, before = small_site.client(), small_site.rows()
    answer = send(client, "/", "/subscribe", **CHOICES, website="https://spam.example")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/subscribe")
    assert small_site.rows() == before


def test_a_form_of_days_ago_comes_back_with_all_that_was_typed(small_site: Site) -> None:
    client = small_site.client()
    token, before = csrf_of(client, "/"), small_site.rows()
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(days=3)):
        answer = client.post("/subscribe", data={"csrf_token": token, **CHOICES})
    assert answer.status_code == 400
    assert 'value="new@example.org"' in answer.text
    assert small_site.rows() == before
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(hours=30)):
        assert client.post("/subscribe", data={"csrf_token": token, **CHOICES}).status_code == 303


def test_a_form_posted_at_once_counts_for_several_and_ipv6_by_its_64(small_site: Site, still_clock: None) -> None:
    now = dt.datetime.now(dt.UTC)
    form_limits.take(small_site.services, network="2001:db8::/64", weight=MOST_OF_NETWORK - COUNTS_FOR + 1, now=now)
    answer = send(from_network(small_site, "2001:db8::77"), "/", "/subscribe", **CHOICES)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 3600
    assert send(from_network(small_site, "2001:db8:0:1::1"), "/", "/subscribe", **CHOICES).status_code == 303


def test_ipv4_addresses_written_as_ipv6_are_networks_of_their_own(small_site: Site, still_clock: None) -> None:
    form_limits.take(small_site.services, network="198.51.100.1", weight=MOST_OF_NETWORK, now=dt.datetime.now(dt.UTC))
    statuses = [
        send(from_network(small_site, f"::ffff:198.51.100.{n}"), "/link", email="a@b.example").status_code for n in (1, 2)
    ]
    assert statuses == [429, 200]


def test_saving_choices_over_and_over_is_slowed_down(small_site: Site, still_clock: None) -> None:
    client, page = small_site.client(), f"/preferences/{small_site.reader}"
    token = csrf_of(client, page)
    fields = {"csrf_token": token, **CHOICES, "max_papers": "20", "weekdays": ["0"], "layout": "standard"}
    statuses = [client.post(page, data=fields).status_code for _ in range(MOST_SAVES + 1)]
    assert statuses == [303] * MOST_SAVES + [429]


# ---------------------------------------------------------------- who may correct what waits


def waiting(site: Site, email: str = "new@example.org") -> tuple[int, int]:
    """The ids of who waits, and of their one confirmation mail."""
    with site.services.database.reading() as session:
        found = subscribers_store.subscriber_by_key(session, email)
        assert found is not None
        [mail] = ledger.deliveries(session, subscriber_id=found.id, kind=MailKind.CONFIRM)
    return found.id, mail.id


def test_the_browser_that_signed_up_corrects_itself_and_another_changes_nothing(site: Site) -> None:
    mine, theirs = site.client(), site.client()
    send(mine, "/", "/subscribe", **CHOICES)
    for browser, topics in ((theirs, ["video"]), (mine, ["llm"]), (theirs, ["agents"])):
        assert send(browser, "/", "/subscribe", **{**CHOICES, "topics": topics}).status_code == 303
    person, mail = waiting(site)
    with site.services.database.transaction() as session:
        raw = links.mint(session, person, Purpose.CONFIRM, now=NOW, delivery_id=mail)
    assert "data-at-once" not in theirs.get(f"/confirm/{raw}").text
    assert "data-at-once" in mine.get(f"/confirm/{raw}").text
    assert send(theirs, f"/confirm/{raw}").status_code == 200
    with site.services.database.reading() as session:
        found = subscribers_store.subscriber(session, person)
    assert found is not None and found.topics == ("llm",)
