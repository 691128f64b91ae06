"""Editors come by invitation, by a link that works once, and go when an operator says so."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from newsletter.collection import editors
from newsletter.collection.store import editors as editors_store
from newsletter.collection.store import nodes as nodes_store
from newsletter.daily.compose import MessageBuilder
from newsletter.errors import InputError
from newsletter.mail.store import ledger
from newsletter.subscribers import links
from newsletter.tables.subscribers import SubscriberRow
from newsletter.values.mail import MailKind
from newsletter.web.editors.forms import FEW, NEAR
from tests.collection.making import a_section, an_entry
from tests.web.conftest import NOW, Site, log_in, send, signed_up

EMAIL = "ada@example.org"


def invited(site: Site, email: str = EMAIL, name: str = "Ada", now: dt.datetime = NOW) -> str:
    """Makes an editor and gives the raw token of a link."""
    editors.invite(site.services, email, name=name, now=now)
    with site.services.database.transaction() as session:
        found = editors_store.editor_named(session, name)
        assert found is not None
        return links.mint(session, found.id, links.Purpose.EDITOR, now=now)


def editing(site: Site, email: str = EMAIL, name: str = "Ada") -> FlaskClient:
    client = site.client()
    assert send(client, f"/collection/editor/{invited(site, email, name)}").status_code == 303
    return client


def mails(site: Site, email: str = EMAIL) -> list[str]:
    with site.services.database.reading() as session:
        return [one.period for one in ledger.deliveries(session, kind=MailKind.EDITOR) if one.email == email]


def test_an_invitation_mails_a_link_whose_page_has_to_be_posted_to_open_a_session(site: Site) -> None:
    token = invited(site)
    client = site.client()
    assert "Ada" in client.get(f"/collection/editor/{token}").text
    assert client.get("/collection/add").status_code == 303  # opening the page opened no session
    assert send(client, f"/collection/editor/{token}").headers["Location"] == "/collection"
    assert client.get("/collection/add").status_code == 200
    assert site.client().get(f"/collection/editor/{token}").status_code == 410  # it works once


def test_the_mail_says_who_they_are_and_leads_to_the_page(small_site: Site) -> None:
    invited(small_site)
    with small_site.services.database.reading() as session:
        [delivery] = ledger.deliveries(session, kind=MailKind.EDITOR)
    [message] = MessageBuilder(small_site.services).build([delivery], now=NOW).values()
    letters = MessageBuilder(small_site.services)
    rendered = letters.render(delivery, reader_links=letters.links_of(delivery, now=NOW), secret="s" * 32)
    assert not isinstance(message, Exception)
    assert "picked by Ada" in " ".join(rendered.text.split())
    assert f"/collection/editor/{'s' * 32}" in rendered.html


def test_an_editor_who_is_no_reader_gets_no_digest_and_may_sign_up_later(site: Site) -> None:
    invited(site)
    with site.services.database.reading() as session:
        assert session.scalar(select(SubscriberRow.state).where(SubscriberRow.email == EMAIL)) == "pending"
    signed_up(site.services, EMAIL)
    with site.services.database.reading() as session:
        assert session.scalar(select(SubscriberRow.state).where(SubscriberRow.email == EMAIL)) == "confirmed"
        assert editors_store.editor_named(session, "ADA") is not None


def test_access_that_is_taken_away_ends_the_session_and_the_links(site: Site) -> None:
    client, spare = editing(site), invited(site)
    with site.services.database.transaction() as session:
        found = editors_store.editor_named(session, "Ada")
        assert found is not None
        assert editors_store.revoke(session, found.id, now=NOW)
        assert not editors_store.revoke(session, found.id, now=NOW)
    assert client.get("/collection/add").status_code == 303
    assert site.client().get(f"/collection/editor/{spare}").status_code == 410
    assert editing(site).get("/collection/add").status_code == 200  # invited again
    assert client.get("/collection/add").status_code == 303  # the old session stays over


def test_a_fresh_link_is_mailed_once_an_hour_and_the_answer_tells_nobody_who_is_an_editor(site: Site) -> None:
    invited(site)
    answers = set()
    for email in (EMAIL, EMAIL, "reader@example.org", "nobody@example.org"):
        answer = send(site.client(), "/collection/editor", email=email)
        answers.add((answer.status_code, answer.text))
    assert len(answers) == 1
    assert len(mails(site)) == 2
    assert mails(site, "reader@example.org") == []


def test_a_link_of_another_purpose_or_too_old_opens_nothing(small_site: Site) -> None:
    with small_site.services.database.transaction() as session:
        other = links.mint(session, small_site.reader_id, links.Purpose.ADDRESS, now=NOW)
    old = invited(small_site, now=NOW - dt.timedelta(days=8))
    assert small_site.client().get(f"/collection/editor/{other}").status_code == 404
    assert small_site.client().get(f"/collection/editor/{old}").status_code == 410


@pytest.mark.parametrize(("email", "name"), [("nonsense", "Ada"), (EMAIL, ""), (EMAIL, "x" * 61), (EMAIL, "a\x07b")])
def test_an_address_or_name_that_cannot_be_used_is_told(small_site: Site, email: str, name: str) -> None:
    with pytest.raises(InputError):
        invited(small_site, email, name)


def test_two_editors_cannot_share_a_name(small_site: Site) -> None:
    invited(small_site)
    with pytest.raises(InputError, match="another editor"):
        invited(small_site, "other@example.org", "ada")


def test_operators_invite_and_revoke_on_their_page(small_site: Site) -> None:
    client = small_site.client()
    assert client.get("/admin/editors").status_code == 302
    log_in(client)
    assert send(client, "/admin/editors", email=EMAIL, name="Ada", language="ja").status_code == 303
    assert EMAIL in client.get("/admin/editors").text
    assert send(client, "/admin/editors", email="nonsense", name="B", language="en").status_code == 400
    with small_site.services.database.reading() as session:
        found = editors_store.editor_named(session, "Ada")
        assert found is not None
        assert session.scalar(select(SubscriberRow.language).where(SubscriberRow.email == EMAIL)) == "ja"
    assert send(client, "/admin/editors", f"/admin/editors/{found.id}/revoke").status_code == 303
    assert "taken away" in client.get("/admin/editors").text


def test_logging_out_ends_it_here(small_site: Site) -> None:
    client = editing(small_site)
    assert send(client, "/collection", "/collection/leave").status_code == 303
    assert client.get("/collection/add").status_code == 303


def test_of_a_large_collection_an_entry_may_go_beside_its_neighbours_and_into_every_section(small_site: Site) -> None:
    with small_site.services.database.transaction() as session:
        sections = [
            nodes_store.add(session, a_section(title), parent=None, who="Ada", now=NOW).id for title in ("Motion", "Light")
        ]
        ids = [
            nodes_store.add(session, an_entry(f"Light {n}"), parent=sections[0], who="Ada", now=NOW).id for n in range(FEW + 1)
        ]
    page = editing(small_site).get(f"/collection/{ids[100]}/edit").text
    offered = re.findall(r'<option value="((?:in|top|after):\d+)"', page)
    beside = [f"after:{one}" for one in (*ids[100 - NEAR : 100], *ids[101 : 101 + NEAR])]
    assert [one for one in offered if one.startswith("after:")] == beside
    assert {f"{where}:{one}" for one in sections for where in ("in", "top")} < set(offered)


@pytest.mark.parametrize("name", ["АDA", "Αda", "Аdа", "A\u200bda", "Ａｄａ", "A d a", "Áda", "Ad\u0430"], ids=ascii)
def test_no_two_editors_have_names_that_look_the_same(small_site: Site, name: str) -> None:
    invited(small_site)
    with pytest.raises(InputError):
        editors.invite(small_site.services, "eve@example.org", name=name, now=NOW)


def test_names_that_differ_stand_beside_each_other(small_site: Site) -> None:
    for number, name in enumerate(["Ada", "Adam", "Аня", "李明", "李華", "Ali", "علي", "Zoë", "Zora"]):
        editors.invite(small_site.services, f"e{number}@example.org", name=name, now=NOW)
