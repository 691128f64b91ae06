"""Every change of choices can be taken back in the browser that made it, and whoever wants to leave is offered less mail first."""

from __future__ import annotations

import datetime as dt
import re

from flask.testing import FlaskClient

from newsletter.subscribers import preferences
from newsletter.subscribers import store as subscribers
from newsletter.subscribers.people import State, Subscriber
from tests.web.conftest import NOW, Site, csrf_of, link_of, send, signed_up
from tests.web.test_sign_up_to_leaving import CHANGES


def reader_of(site: Site) -> Subscriber:
    with site.services.database.reading() as session:
        found = subscribers.subscriber(session, site.reader_id)
    assert found is not None
    return found


def undo(client: FlaskClient, site: Site) -> str:
    """Presses the button on the page after a change; gives the page that follows."""
    page = f"/preferences/{site.reader}"
    assert f'action="{page}/undo"' in client.get(f"{page}?saved=1").text
    answer = send(client, f"{page}?saved=1&lang=en", f"{page}/undo")
    return client.get(answer.location).text


def test_everything_that_was_changed_is_as_before(site: Site) -> None:
    client, before = site.client(), reader_of(site)
    own = {"queries": 'ti:splat*\n"view synthesis"', "authors": "Ada Lovelace", "excluded": "survey", "updates": "1"}
    send(client, f"/preferences/{site.reader}", **CHANGES, **own, pause_until=(NOW.date() + dt.timedelta(days=9)).isoformat())
    changed = reader_of(site)
    assert (changed.topics, changed.language) == (("nerf", "rag"), "ja")
    assert len(changed.own) == 4
    assert "as it was before" in undo(client, site)
    assert reader_of(site) == before
    send(client, f"/preferences/{site.reader}", **CHANGES, **own)
    send(client, f"/preferences/{site.reader}", **CHANGES)
    undo(client, site)
    assert reader_of(site).own == changed.own, "queries of one's own come back, too"


def test_a_pause_is_taken_back_and_an_endless_one_comes_back(site: Site) -> None:
    client, page = site.client(), f"/preferences/{site.reader}"
    send(client, f"{page}/pause")
    assert reader_of(site).paused_until is not None
    undo(client, site)
    assert reader_of(site).paused_until is None
    with site.services.database.transaction() as session:
        preferences.pause(session, site.reader_id, until=None, now=NOW)
    send(client, page, **CHANGES)
    assert reader_of(site).state is State.CONFIRMED
    undo(client, site)
    assert reader_of(site).state is State.PAUSED


def test_nobody_else_can_undo_it_and_nobody_twice(small_site: Site) -> None:
    client, other = small_site.client(), small_site.client()
    page = f"/preferences/{small_site.reader}"
    send(client, page, **CHANGES)
    changed = reader_of(small_site)
    assert "/undo" not in other.get(f"{page}?saved=1").text
    assert send(other, page, f"{page}/undo").status_code == 303
    assert reader_of(small_site) == changed
    second, _ = signed_up(small_site.services, "second@example.org")
    theirs = f"/preferences/{link_of(small_site.services, second)}"
    assert "/undo" not in client.get(f"{theirs}?saved=1").text
    undo(client, small_site)
    assert "/undo" not in client.get(f"{page}?saved=1").text


def test_choices_too_long_for_a_cookie_are_changed_without_an_undo(small_site: Site) -> None:
    client, page = small_site.client(), f"/preferences/{small_site.reader}"
    long = "\n".join(" OR ".join(f"w{n * 97 * m % 9973:04x}{n}{m}" for m in range(1, 25)) for n in range(1, 19))
    assert send(client, page, **CHANGES, queries=long).status_code == 303
    answer = send(client, page, **CHANGES)
    assert answer.status_code == 303
    assert max(len(value) for value in answer.headers.getlist("Set-Cookie")) < 4096
    assert "/undo" not in client.get(answer.location).text


def test_fewer_papers_are_half_as_many_and_never_under_the_least(site: Site) -> None:
    client, page = site.client(), f"/preferences/{site.reader}/fewer"
    before = site.rows()
    assert client.get(page).status_code == client.head(page).status_code == 200
    assert site.rows() == before
    counts = []
    for _ in range(3):
        token = csrf_of(client, f"/preferences/{site.reader}")
        assert client.post(page, data={"csrf_token": token}).status_code == 303
        counts.append(reader_of(site).max_papers)
    assert counts == [10, 5, 5]
    assert "<button" not in client.get(page).text
    undo(client, site)
    assert reader_of(site).topics == ("3dgs", "llm")


def test_who_has_left_is_offered_the_way_back_instead(small_site: Site) -> None:
    client, page = small_site.client(), f"/preferences/{small_site.left}/fewer"
    assert f"/return/{small_site.left}" in client.get(page).text
    before = small_site.rows()
    for act in ("fewer", "undo"):
        send(client, page, f"/preferences/{small_site.left}/{act}")
    assert small_site.rows() == before


def test_the_page_of_leaving_offers_a_pause_and_fewer_papers(small_site: Site) -> None:
    page = small_site.client().get(f"/unsubscribe/{small_site.reader}").text
    found = re.findall(r'<a class="button[^"]*" href="/preferences/[^"/]+/?(\w*)"', page)
    assert found == ["pause", "fewer", ""]
