"""Every change of choices can be taken back for a day, and whoever wants to leave is offered less mail first."""

from __future__ import annotations

import datetime as dt
import re

from flask.testing import FlaskClient

from newsletter.subscribers import preferences, rights
from newsletter.subscribers import undo as undoing
from newsletter.subscribers.store import subscribers
from newsletter.subscribers.subscriber import State, Subscriber
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
    assert reader_of(site).own == changed.own, "saved queries come back, too"


def test_a_pause_is_taken_back_and_an_endless_one_comes_back(site: Site) -> None:
    client, page = site.client(), f"/preferences/{site.reader}"
    send(client, f"{page}/pause")
    assert reader_of(site).paused_until is not None
    undo(client, site)
    assert reader_of(site).paused_until is None
    preferences.pause(site.services, site.reader_id, until=None, now=NOW)
    send(client, page, f"{page}/resume")
    assert reader_of(site).state is State.CONFIRMED
    undo(client, site)
    assert reader_of(site).state is State.PAUSED


def test_another_browser_with_the_link_offers_it_too_and_nobody_twice(small_site: Site) -> None:
    client, other = small_site.client(), small_site.client()
    page, before = f"/preferences/{small_site.reader}", reader_of(small_site)
    assert "/undo" not in other.get(page).text
    send(client, page, **CHANGES)
    assert "Undo the last change" in other.get(f"{page}?lang=en").text
    second, _ = signed_up(small_site.services, "second@example.org")
    theirs = f"/preferences/{link_of(small_site.services, second)}"
    assert "/undo" not in client.get(f"{theirs}?saved=1").text, "a change of somebody else"
    undo(other, small_site)
    assert reader_of(small_site) == before
    assert "/undo" not in client.get(f"{page}?saved=1").text
    answer = send(client, page, f"{page}/undo")
    assert "undone" not in answer.location
    assert reader_of(small_site) == before


def test_long_choices_are_undone_too(small_site: Site) -> None:
    client, page = small_site.client(), f"/preferences/{small_site.reader}"
    long = "\n".join(" OR ".join(f"w{n * 97 * m % 9973:04x}{n}{m}" for m in range(1, 25)) for n in range(1, 19))
    send(client, page, **CHANGES, queries=long)
    changed = reader_of(small_site)
    assert len(changed.own) == 18
    send(client, page, **CHANGES)
    undo(client, small_site)
    assert reader_of(small_site) == changed


def test_saving_what_is_already_so_leaves_the_change_before_it_to_be_undone(small_site: Site) -> None:
    client, before = small_site.client(), reader_of(small_site)
    for _ in range(2):
        send(client, f"/preferences/{small_site.reader}", **CHANGES)
    undo(client, small_site)
    assert reader_of(small_site) == before


def test_a_change_can_be_undone_for_a_day(small_site: Site) -> None:
    client, page = small_site.client(), f"/preferences/{small_site.reader}"
    send(client, page, **CHANGES)
    changed = reader_of(small_site)
    with small_site.services.database.transaction() as session:
        hour, later = dt.timedelta(hours=1), NOW + undoing.KEPT + dt.timedelta(hours=1)
        assert undoing.is_undoable(session, small_site.reader_id, now=later - 2 * hour)
        assert not undoing.is_undoable(session, small_site.reader_id, now=later)
    assert not preferences.undo(small_site.services, small_site.reader_id, now=later)
    assert reader_of(small_site) == changed
    second, _ = signed_up(small_site.services, "second@example.org")
    preferences.pause(small_site.services, second, until=None, now=later)
    with small_site.services.database.reading() as session:
        assert subscribers.replaced(session, small_site.reader_id) is None, "what is older goes with the next change of anybody"
        assert subscribers.replaced(session, second) is not None


def test_what_a_change_replaced_is_shown_to_whoever_asks_for_their_data_and_goes_with_them(site: Site) -> None:
    before = reader_of(site)
    send(site.client(), f"/preferences/{site.reader}", **CHANGES)
    with site.services.database.reading() as session:
        kept = rights.own_data(session, site.reader_id)["choices_before_the_last_change"]
    assert tuple(kept["preferences"]["topics"]) == before.topics
    rights.erase(site.services, site.reader_id, now=NOW)
    with site.services.database.reading() as session:
        assert subscribers.replaced(session, site.reader_id) is None


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


def test_who_has_left_changes_nothing_and_may_have_the_way_back_mailed(small_site: Site) -> None:
    client, page = small_site.client(), f"/preferences/{small_site.left}/fewer"
    assert 'href="/link"' in client.get(page).text
    before, token = small_site.rows(), csrf_of(client, "/link")
    for act in ("fewer", "undo"):
        client.post(f"/preferences/{small_site.left}/{act}", data={"csrf_token": token})
    assert small_site.rows() == before


def test_the_page_of_leaving_offers_a_pause_and_fewer_papers(small_site: Site) -> None:
    page = small_site.client().get(f"/unsubscribe/{small_site.leave}?choices={small_site.reader}").text
    found = re.findall(r'<a class="button[^"]*" href="/preferences/[^"/]+/?(\w*)"', page)
    assert found == ["pause", "fewer", ""]
