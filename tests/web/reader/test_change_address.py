"""Moving to another address: the link goes to the present one, both addresses are written to, and nobody learns who is known."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from sqlalchemy import update

from newsletter.daily.send import drain
from newsletter.digests.store import start_cursors
from newsletter.mail.store import ledger
from newsletter.subscribers import links, notices, preferences
from newsletter.subscribers.links import Purpose
from newsletter.subscribers.store import subscribers
from newsletter.subscribers.subscriber import State
from newsletter.tables.deliveries import DeliveryRow
from newsletter.values.mail import MailKind
from tests.smtp_sink import Sink, Taken
from tests.web.conftest import NOW, Site, send, site_on


def minted(site: Site) -> str:
    with site.services.database.transaction() as session:
        return links.mint(session, site.reader_id, Purpose.ADDRESS, now=NOW)


def days_later(site: Site) -> None:
    """As if everybody had been asked to confirm long ago: between two such mails lies a day."""
    with site.services.database.transaction() as session:
        session.execute(
            update(DeliveryRow)
            .where(DeliveryRow.kind == MailKind.CONFIRM)
            .values(state="sent", planned_at=NOW - dt.timedelta(days=9))
        )


def words_of(taken: Taken) -> str:
    body = taken.message.get_body(("plain",))
    assert body is not None
    return body.get_content()


def test_the_whole_way_from_the_page_of_choices_to_the_confirmed_address(database_url: str, tmp_path) -> None:  # type: ignore[no-untyped-def]
    with Sink() as sink:
        site = site_on(database_url, tmp_path, SMTP_URL=sink.url, BASE_URL="http://papers.example.org")
        days_later(site)
        client = site.client()

        def mail(to: str, holding: str) -> str:
            drain(site.services, now=lambda: dt.datetime.now(dt.UTC))
            (words,) = [words for taken in sink.taken if taken.recipient == to and holding in (words := words_of(taken))]
            return words

        page = f"/preferences/{site.reader}/address"
        assert page in client.get(f"/preferences/{site.reader}").text
        assert send(client, page).status_code == 200
        raw = re.search(r"/address/([\w-]+)", mail("reader@example.org", "/address/"))
        assert raw is not None
        assert send(client, f"/address/{raw[1]}", email="New.Reader@example.net").status_code == 200
        note, asked = mail("reader@example.org", "N…@example.net"), mail("New.Reader@example.net", "/confirm/")
    assert "New.Reader" not in note
    assert "r…@example.org" in asked
    confirm = re.search(r"/confirm/([\w-]+)", asked)
    assert confirm is not None
    assert send(client, f"/confirm/{confirm[1]}").status_code == 200
    with site.services.database.reading() as session:
        found = subscribers.subscriber(session, site.reader_id)
    assert found is not None
    assert (found.email, found.state, found.topics) == ("New.Reader@example.net", State.CONFIRMED, ("3dgs", "llm"))
    assert client.get(f"/preferences/{site.reader}").status_code == 410, "links in mails to the old address are void"
    assert client.get(f"/address/{raw[1]}").status_code == 410, "the link works once"
    with site.services.database.reading() as session:
        digests = ledger.deliveries(session, subscriber_id=site.reader_id, kind=MailKind.DIGEST)
    assert not any(digest.contents.get("welcome") for digest in digests[1:]), "who only moved is no newcomer"
    assert len(digests) == 2, "what is new by then comes to the new address"
    site.services.database.close()


def test_looking_at_the_pages_changes_nothing(site: Site) -> None:
    raw = minted(site)
    before = site.rows()
    for path in (f"/preferences/{site.reader}/address", f"/address/{raw}"):
        for act in (site.client().get, site.client().head):
            assert act(path).status_code == 200
    assert site.rows() == before


@pytest.mark.parametrize("email", ["left@example.org", "waiting@example.org", "fresh@example.org"])
def test_the_answer_does_not_tell_whether_the_new_address_is_known(small_site: Site, email: str) -> None:
    days_later(small_site)
    answer = send(small_site.client(), f"/address/{minted(small_site)}?lang=en", email=email)
    masked = f"{email[0]}…@example.org"
    assert answer.status_code == 200
    assert f'A mail is on its way to <bdi class="whole" dir="ltr">{masked}</bdi>' in answer.text


@pytest.mark.parametrize("email", ["", "nobody", "a@b@c", "x" * 90 + "@example.org"])
def test_a_wrong_address_is_told_and_the_link_stays_good(small_site: Site, email: str) -> None:
    raw = minted(small_site)
    before = small_site.rows()
    answer = send(small_site.client(), f"/address/{raw}", email=email)
    assert answer.status_code == 400
    assert 'class="problem"' in answer.text
    assert small_site.rows() == before


@pytest.mark.parametrize("raw", ["nothing", "x" * 32, "é"])
def test_a_link_that_is_none_of_ours_is_refused(small_site: Site, raw: str) -> None:
    assert small_site.client().get(f"/address/{raw}").status_code in (404, 410)


def test_the_link_is_mailed_once_a_day(small_site: Site) -> None:
    with small_site.services.database.transaction() as session:
        planned = [
            notices.plan_address(session, small_site.reader_id, settings=small_site.services.settings, now=NOW) for _ in range(2)
        ]
    assert planned == [True, False]


def test_while_a_confirmation_is_on_its_way_nothing_moves_and_the_answer_is_the_same(small_site: Site) -> None:
    raw, before = minted(small_site), small_site.kept()
    for _ in range(2):
        answer = send(small_site.client(), f"/address/{raw}?lang=en", email="fresh@example.org")
        assert answer.status_code == 200, "the link can be used again"
        assert "A mail is on its way" in answer.text
    assert small_site.kept() == before


def moved(site: Site) -> str:
    """Moves the reader to another address; gives the token that confirms it."""
    days_later(site)
    assert send(site.client(), f"/address/{minted(site)}", email="fresh@example.org").status_code == 200
    with site.services.database.transaction() as session:
        return links.mint(session, site.reader_id, Purpose.CONFIRM, now=NOW)


def test_a_pause_and_what_it_holds_back_outlast_a_move(site: Site) -> None:
    until = NOW.date() + dt.timedelta(days=30)
    with site.services.database.transaction() as session:
        start_cursors(session, [site.reader_id], at=1)
    preferences.pause(site.services, site.reader_id, until=until, now=NOW)
    page = send(site.client(), f"/confirm/{moved(site)}?lang=en").text
    with site.services.database.reading() as session:
        found = subscribers.subscriber(session, site.reader_id)
    assert found is not None
    assert (found.state, found.paused_until, found.cursor) == (State.CONFIRMED, until, 1)
    assert "Your pause holds too" in page
    assert "on their way" not in page, "nothing comes during a pause"


def test_a_pause_without_an_end_outlasts_a_move(site: Site) -> None:
    preferences.pause(site.services, site.reader_id, until=None, now=NOW)
    send(site.client(), f"/confirm/{moved(site)}")
    with site.services.database.reading() as session:
        found = subscribers.subscriber(session, site.reader_id)
    assert found is not None
    assert found.paused_on(NOW.date() + dt.timedelta(days=300))
