"""Everybody can have what is kept of them, and its end, by a link mailed to them; a link in a forwarded mail is not enough."""

from __future__ import annotations

import datetime as dt
import json
import re

import pytest

from newsletter.daily.send import drain
from newsletter.subscribers import links
from newsletter.subscribers.links import Purpose
from newsletter.subscribers.store import subscribers
from newsletter.tables.about import Rule
from tests.smtp_sink import Sink
from tests.web.conftest import NOW, Site, send, site_on


def minted(site: Site, purpose: Purpose, *, now: dt.datetime = NOW) -> str:
    with site.services.database.transaction() as session:
        return links.mint(session, site.reader_id, purpose, now=now)


def is_known(site: Site) -> bool:
    with site.services.database.reading() as session:
        return subscribers.subscriber(session, site.reader_id) is not None


def test_the_whole_way_from_the_page_of_choices_to_the_end_of_all_data(database_url: str, tmp_path) -> None:  # type: ignore[no-untyped-def]
    with Sink() as sink:
        site = site_on(database_url, tmp_path, SMTP_URL=sink.url, BASE_URL="http://papers.example.org")
        client = site.client()

        def mailed(wanted: str) -> str:
            page = f"/preferences/{site.reader}/rights"
            assert page in client.get(f"/preferences/{site.reader}").text
            assert send(client, page, wanted=wanted).status_code == 200
            drain(site.services, now=lambda: dt.datetime.now(dt.UTC))
            bodies = [str(taken.message.get_body(("plain",)).get_content()) for taken in sink.to("reader@example.org")]  # type: ignore[union-attr]
            (found,) = [one for body in bodies for one in re.findall(rf"/{wanted}/[\w-]+", body)]
            return found

        to_data, to_erase = mailed("data"), mailed("erase")
    told = send(client, to_data)
    assert "attachment" in told.headers["Content-Disposition"]
    assert json.loads(told.data)["email"] == "reader@example.org"
    assert client.get(to_data).status_code == 410, "the link works once"
    assert is_known(site)
    assert send(client, to_erase).status_code == 200
    assert not is_known(site)
    assert client.get(to_erase).status_code == 404
    assert client.get(f"/preferences/{site.reader}").status_code == 404
    site.services.database.close()


def test_looking_at_the_pages_changes_nothing(site: Site) -> None:
    paths = [
        f"/preferences/{site.reader}/rights",
        f"/data/{minted(site, Purpose.EXPORT)}",
        f"/erase/{minted(site, Purpose.ERASE)}",
    ]
    before = site.rows()
    for path in paths:
        for act in (site.client().get, site.client().head):
            assert act(path).status_code == 200
    assert site.rows() == before


def test_the_address_is_shown_to_nobody_who_has_the_link_alone(small_site: Site) -> None:
    for path in (f"/data/{minted(small_site, Purpose.EXPORT)}", f"/erase/{minted(small_site, Purpose.ERASE)}"):
        assert "reader@example.org" not in small_site.client().get(path).text


@pytest.mark.parametrize(("path", "purpose"), [("data", Purpose.ERASE), ("erase", Purpose.EXPORT), ("erase", Purpose.ADDRESS)])
def test_a_link_for_one_thing_does_no_other(small_site: Site, path: str, purpose: Purpose) -> None:
    raw = minted(small_site, purpose)
    client = small_site.client()
    assert client.get(f"/{path}/{raw}").status_code == 404
    assert send(client, f"/preferences/{small_site.reader}/rights", f"/{path}/{raw}").status_code == 404
    assert is_known(small_site)


def test_an_old_link_erases_nothing(small_site: Site) -> None:
    raw = minted(small_site, Purpose.ERASE, now=dt.datetime.now(dt.UTC) - dt.timedelta(days=2))
    client = small_site.client()
    assert client.get(f"/erase/{raw}").status_code == 410
    assert send(client, f"/preferences/{small_site.reader}/rights", f"/erase/{raw}").status_code == 410
    assert is_known(small_site)


def test_a_wish_that_is_none_is_refused(small_site: Site) -> None:
    page = f"/preferences/{small_site.reader}/rights"
    assert send(small_site.client(), page, wanted="digest").status_code == 400


@pytest.mark.parametrize("language", ["en", "ja", "ar"])
def test_the_page_on_privacy_tells_each_rule_with_its_days(small_site: Site, language: str) -> None:
    page = small_site.client().get(f"/privacy?lang={language}")
    assert page.status_code == 200
    assert page.text.count('<th scope="row">') == len(Rule) + 1
    for rule in Rule:
        assert str(getattr(small_site.services.settings.retention, rule)) in page.text
    assert 'href="/privacy"' in small_site.client().get("/").text
