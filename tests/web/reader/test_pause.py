"""A week without mail, from a link in the digest."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from newsletter.subscribers import preferences
from newsletter.subscribers.store import subscribers
from newsletter.subscribers.subscriber import Subscriber
from tests.web.conftest import NOW, Site, send


def reader_of(site: Site) -> Subscriber:
    with site.services.database.reading() as session:
        found = subscribers.subscriber(session, site.reader_id)
    assert found is not None
    return found


def test_the_page_changes_nothing_and_its_button_pauses_for_a_week(site: Site) -> None:
    client, path = site.client(), f"/preferences/{site.reader}/pause"
    before = site.rows()
    assert client.get(path).status_code == 200
    assert client.head(path).status_code == 200
    assert site.rows() == before
    answer = send(client, path)
    assert answer.status_code == 303
    today = dt.datetime.now(ZoneInfo("Asia/Shanghai")).date()
    assert reader_of(site).paused_until in (today + dt.timedelta(days=7), today + dt.timedelta(days=6))
    page = client.get(answer.location).text
    assert f'value="{reader_of(site).paused_until}"' in page


def test_a_longer_pause_is_not_cut_short(small_site: Site) -> None:
    until = NOW.date() + dt.timedelta(days=60)
    preferences.pause(small_site.services, small_site.reader_id, until=until, now=NOW)
    send(small_site.client(), f"/preferences/{small_site.reader}/pause")
    assert reader_of(small_site).paused_until == until


def test_who_has_left_is_offered_the_way_back_and_a_post_changes_nothing(small_site: Site) -> None:
    client, path = small_site.client(), f"/preferences/{small_site.left}/pause"
    assert 'href="/link"' in client.get(path).text
    before = small_site.rows()
    assert send(client, "/link", path).status_code >= 400
    assert small_site.rows() == before


def test_a_pause_needs_the_form_of_the_page(small_site: Site) -> None:
    before = small_site.rows()
    assert small_site.client().post(f"/preferences/{small_site.reader}/pause").status_code == 400
    assert small_site.rows() == before
