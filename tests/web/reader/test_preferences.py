"""The page of preferences: what holds comes first, what saving brings is said, and a pause ends only when its reader says so."""

from __future__ import annotations

import datetime as dt
import re

import time_machine

from newsletter.daily.plan import plan
from newsletter.subscribers import preferences, rights, unsubscribe
from newsletter.subscribers.store import subscribers
from newsletter.subscribers.subscriber import State, Subscriber
from tests.web.conftest import NOW, Site, csrf_of, link_of, send

# A Wednesday, noon in Shanghai, where the reader lives.
NOON = dt.datetime(2027, 3, 10, 4, tzinfo=dt.UTC)
CHANGES = {
    "topics": ["nerf", "rag"],
    "language": "en",
    "hour": "7",
    "timezone": "Asia/Shanghai",
    "max_papers": "20",
    "layout": "standard",
}
ALL_WEEK = list("0123456")


def reader_of(site: Site) -> Subscriber:
    with site.services.database.reading() as session:
        found = subscribers.subscriber(session, site.reader_id)
    assert found is not None
    return found


def status_of(page: str) -> str:
    """The words of the notice on top."""
    found = re.search(r'<p role="status">(.*?)</p>', page, re.DOTALL)
    assert found
    return " ".join(re.sub(r"<[^>]+>", "", found[1]).split())


def saved(site: Site, **changes: object) -> str:
    """The notice after saving, in English."""
    client, path = site.client(), f"/preferences/{link_of(site.services, site.reader_id)}"
    answer = send(client, path, **{**CHANGES, "weekdays": ALL_WEEK, **changes})
    assert answer.status_code == 303, answer.text
    return status_of(client.get(f"{answer.location}&lang=en").text)


def test_after_saving_the_page_says_when_the_next_mail_comes_and_what_it_is_about(small_site: Site) -> None:
    site = small_site
    with time_machine.travel(NOON, tick=False):
        told = saved(site)
        assert told.startswith(
            "Saved. Your next mail comes as soon as new papers are in, with what is new on: NeRF, Retrieval-augmented"
        )
        plan(site.services, now=NOON)
        told = saved(site, queries="splat\ncodebook", authors="Ada Lovelace", excluded="survey")
        assert (
            "Your next mail comes tomorrow at 07:00, with what is new on: NeRF, Retrieval-augmented generation, 3 saved queries."
            in told
        )
        assert "tomorrow at 21:00" in saved(site, hour="21", weekdays=["3"])
        assert "on Saturday, March 13, 2027 at 07:00" in saved(site, weekdays=["5"])
        assert "NeRF, " in saved(site, topics=["nerf", "rag", "slam", "llm", "3dgs", "agents"])
        assert ", 2 more topics." in saved(site, topics=["nerf", "rag", "slam", "llm", "3dgs", "agents"])


def test_what_is_chosen_stands_first_and_the_rest_is_folded(small_site: Site) -> None:
    page = small_site.client().get(f"/preferences/{small_site.reader}?lang=en").text
    ticked = re.findall(r'name="topics" value="([^"]+)" checked', page)
    assert sorted(ticked) == ["3dgs", "llm"]
    assert page.index('id="chosen"') < page.index('value="llm" checked') < page.index('<details class="group">')
    assert '<details class="group" open>' not in page
    assert '<details class="group" open>' in small_site.client().get("/").text


def test_a_pause_says_its_end_and_one_press_ends_it_which_can_be_undone(site: Site) -> None:
    client, path, until = site.client(), f"/preferences/{site.reader}", NOW.date() + dt.timedelta(days=12)
    preferences.pause(site.services, site.reader_id, until=until, now=NOW)
    assert f"Paused until {until:%A, %B} {until.day}, {until.year}" in client.get(f"{path}?lang=en").text
    assert send(client, path, f"{path}/resume").status_code == 303
    assert reader_of(site).paused_until is None
    send(client, path, f"{path}/undo")
    assert reader_of(site).paused_until == until
    assert client.get(f"{path}/resume").status_code == 405


def test_saving_ends_no_pause_that_stands_in_no_field(small_site: Site) -> None:
    preferences.pause(small_site.services, small_site.reader_id, until=None, now=NOW)
    assert "Paused until you resume." in saved(small_site)
    assert reader_of(small_site).state is State.PAUSED
    assert reader_of(small_site).topics == ("nerf", "rag")
    client, path = small_site.client(), f"/preferences/{small_site.reader}"
    send(client, path, f"{path}/resume")
    assert reader_of(small_site).state is State.CONFIRMED


def test_who_comes_back_finds_the_pause_as_it_was(site: Site) -> None:
    until = NOW.date() + dt.timedelta(days=12)
    for pause, state in ((until, State.CONFIRMED), (None, State.PAUSED)):
        preferences.pause(site.services, site.reader_id, until=pause, now=NOW)
        unsubscribe.leave(site.services, site.reader_id, now=NOW, origin="test")
        with site.services.database.reading() as session:
            assert rights.own_data(session, site.reader_id)["state"] == "unsubscribed"
        unsubscribe.come_back(site.services, site.reader_id, now=NOW, origin="test")
        assert (reader_of(site).state, reader_of(site).paused_until) == (state, pause)


def test_a_pause_of_some_weeks_is_a_press_each(small_site: Site) -> None:
    client, path = small_site.client(), f"/preferences/{small_site.reader}/pause"
    today = dt.datetime.now(dt.timezone(dt.timedelta(hours=8))).date()
    token = csrf_of(client, path)
    for weeks in ("2", "4"):
        client.post(path, data={"csrf_token": token, "weeks": weeks})
        assert reader_of(small_site).paused_until == today + dt.timedelta(weeks=int(weeks))
    client.post(path, data={"csrf_token": token, "weeks": "9999"})
    assert reader_of(small_site).paused_until == today + dt.timedelta(weeks=4), "no such button"


def test_a_zone_of_an_older_spelling_is_shown_as_the_city_of_today(small_site: Site) -> None:
    send(
        small_site.client(), f"/preferences/{small_site.reader}", **{**CHANGES, "weekdays": ALL_WEEK, "timezone": "Asia/Calcutta"}
    )
    page = small_site.client().get(f"/preferences/{small_site.reader}?lang=en").text
    assert 'value="Asia/Kolkata" selected' in page
    assert "Asia/Calcutta" not in page


def test_each_topic_can_be_ticked_once_wherever_it_stands(small_site: Site) -> None:
    client = small_site.client()
    topics = sorted(topic.slug for topic in small_site.services.catalogue.choices)
    for path in ("/", f"/preferences/{small_site.reader}"):
        shown = re.findall(r'name="topics" value="([^"]+)"', client.get(path).text)
        assert sorted(slug for slug in shown if slug in topics) == topics, path
