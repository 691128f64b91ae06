"""One token, one purpose: whatever a token is for, every other page refuses it; and what "view in browser" gives away."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

import pytest
import time_machine

from newsletter.mail.delivery_links import bounce_token
from newsletter.mail.signed_links import LinkPurpose
from newsletter.mail.store import ledger
from newsletter.subscribers import links, unsubscribe
from newsletter.subscribers.links import Purpose
from newsletter.tables.subscribers import SubscriberRow
from tests.web.conftest import NOW, Site, csrf_of, link_of, send

# Where each token leads, by the purpose that it is to have; every route with a token stands here (see the test below).
ROUTES = {
    "/preferences/<token>": LinkPurpose.PREFERENCES,
    "/preferences/<token>/try": LinkPurpose.PREFERENCES,
    "/preferences/<token>/interests": LinkPurpose.PREFERENCES,
    "/preferences/<token>/pause": LinkPurpose.PREFERENCES,
    "/preferences/<token>/resume": LinkPurpose.PREFERENCES,
    "/preferences/<token>/feeds.opml": LinkPurpose.PREFERENCES,
    "/preferences/<token>/fewer": LinkPurpose.PREFERENCES,
    "/preferences/<token>/follow": LinkPurpose.PREFERENCES,
    "/preferences/<token>/undo": LinkPurpose.PREFERENCES,
    "/preferences/<token>/address": LinkPurpose.PREFERENCES,
    "/preferences/<token>/rights": LinkPurpose.PREFERENCES,
    "/unsubscribe/<token>": LinkPurpose.UNSUBSCRIBE,
    "/unsubscribe/<token>/undo": LinkPurpose.UNSUBSCRIBE,
    "/feedback/<token>": LinkPurpose.FEEDBACK,
    "/feedback/<token>/<path:ref>": LinkPurpose.FEEDBACK,
    "/later/<token>": LinkPurpose.FEEDBACK,
    "/later/<token>/papers.bib": LinkPurpose.FEEDBACK,
    "/view/<token>": LinkPurpose.VIEW,
    "/confirm/<token>": Purpose.CONFIRM,
    "/return/<token>": Purpose.RETURN,
    "/address/<token>": Purpose.ADDRESS,
    "/data/<token>": Purpose.EXPORT,
    "/erase/<token>": Purpose.ERASE,
    "/collection/editor/<token>": Purpose.EDITOR,
}
GET = [route for route in ROUTES if not route.endswith(("/undo", "/try", "/resume", "/follow"))]
READ_ONLY = ("/view/<token>", "/feedback/<token>", "/later/<token>/papers.bib", "/preferences/<token>/feeds.opml")
POST = [route for route in ROUTES if route not in READ_ONLY]


def tokens(site: Site) -> dict[str, str]:
    """A token of each purpose for the same reader."""
    with site.services.database.transaction() as session:
        [mail] = ledger.deliveries(session, subscriber_id=site.reader_id, kind=None, period="2026-06-26")
        once = {purpose: links.mint(session, site.reader_id, purpose, now=NOW) for purpose in Purpose}
    of_reader = (LinkPurpose.PREFERENCES, LinkPurpose.UNSUBSCRIBE, LinkPurpose.FEEDBACK)
    signed = {purpose: link_of(site.services, site.reader_id, purpose) for purpose in of_reader}
    return {**signed, LinkPurpose.VIEW: site.view, LinkPurpose.BOUNCE: bounce_token(site.services.signer, mail), **once}


def address(route: str, token: str) -> str:
    return route.replace("<token>", token).replace("<path:ref>", "2606.26101")


def test_the_table_has_every_route_with_a_token(small_site: Site) -> None:
    routes = {rule.rule for rule in small_site.app.url_map.iter_rules() if "token" in rule.arguments}
    # The token of the first evening is no reader's: tests/web/admin/test_setup.py.
    assert {route for route in routes if not route.startswith("/setup/")} == set(ROUTES)


def test_every_page_opens_for_a_token_of_its_own_purpose_and_for_no_other(site: Site) -> None:
    client, given, opened, before = site.client(), tokens(site), set(), site.rows()
    for route in GET:
        for purpose, token in given.items():
            status = client.get(address(route, token)).status_code
            # The reader is no editor: the link of one is known, and void.
            assert status in ((200, 410) if purpose is ROUTES[route] else (404,)), (route, purpose, status)
            if status in (200, 410):
                opened.add((route, purpose))
    assert opened == {(route, ROUTES[route]) for route in GET}
    assert site.rows() == before


def test_no_form_does_anything_for_a_token_of_another_purpose(site: Site) -> None:
    client, given = site.client(), tokens(site)
    token_of_form, before = csrf_of(client, "/link"), site.rows()
    for route in POST:
        for purpose, token in given.items():
            if purpose is not ROUTES[route]:
                answer = client.post(address(route, token), data={"csrf_token": token_of_form})
                assert answer.status_code == 404, (route, purpose)
    assert site.rows() == before


@pytest.mark.parametrize("purpose", [LinkPurpose.PREFERENCES, LinkPurpose.UNSUBSCRIBE, LinkPurpose.FEEDBACK])
def test_forged_replayed_and_expired_tokens_open_nothing(small_site: Site, purpose: LinkPurpose) -> None:
    token, client = link_of(small_site.services, small_site.reader_id, purpose), small_site.client()
    page = next(route for route, opened_by in ROUTES.items() if opened_by is purpose)
    forged = token[:-2] + ("A" if token[-2] != "A" else "B") + token[-1]
    assert client.get(address(page, forged)).status_code == 404
    with time_machine.travel(NOW + dt.timedelta(days=366)):
        assert client.get(address(page, token)).status_code == 410
    with small_site.services.database.transaction() as session:
        row = session.get(SubscriberRow, small_site.reader_id)
        assert row is not None
        row.token_version += 1
    assert client.get(address(page, token)).status_code == 410


# ---------------------------------------------------------------- view in browser, and what pages hand out


def test_view_in_browser_holds_no_link_that_changes_anything(site: Site) -> None:
    page = site.client().get(f"/view/{site.view}").text
    found = [
        link
        for link in re.findall(r'href="([^"]+)"', page)
        if re.search(r"/(preferences|unsubscribe|feedback|view|confirm)/", link)
    ]
    assert found == []
    assert "/papers/" in page or "arxiv.org/abs/" in page
    assert "reader@example.org" not in page


def test_view_in_browser_ends_with_a_change_of_address(small_site: Site) -> None:
    with small_site.services.database.transaction() as session:
        row = session.get(SubscriberRow, small_site.reader_id)
        assert row is not None
        row.token_version += 1
    assert small_site.client().get(f"/view/{small_site.view}").status_code == 404


def test_pages_of_leaving_and_feedback_give_no_link_to_the_choices(small_site: Site) -> None:
    client = small_site.client()
    for path in (
        f"/unsubscribe/{small_site.leave}",
        f"/feedback/{small_site.feedback}",
        f"/feedback/{small_site.feedback}/2606.26101",
    ):
        assert "/preferences/" not in client.get(path).text, path


def test_the_page_of_leaving_shows_no_choices_of_somebody_else(small_site: Site) -> None:
    page = small_site.client().get(f"/unsubscribe/{small_site.leave}?choices={small_site.left}").text
    assert "/preferences/" not in page


def test_links_on_the_page_of_choices_hold_no_longer_than_its_own(small_site: Site) -> None:
    with time_machine.travel(NOW + dt.timedelta(days=364)):
        page = small_site.client().get(f"/preferences/{small_site.reader}").text
    leaving = re.search(r"/unsubscribe/([\w-]+)", page)
    assert leaving is not None
    with time_machine.travel(NOW + dt.timedelta(days=366)):
        assert small_site.client().get(f"/unsubscribe/{leaving.group(1)}").status_code == 410


# ---------------------------------------------------------------- who can bring somebody back


@pytest.fixture
def left(site: Site) -> Iterator[Site]:
    unsubscribe.leave(site.services, site.reader_id, now=NOW, origin="link")
    yield site


def state(site: Site) -> str:
    with site.services.database.reading() as session:
        row = session.get(SubscriberRow, site.reader_id)
        assert row is not None
        return row.state


def test_who_holds_a_forwarded_mail_cannot_bring_its_reader_back(left: Site) -> None:
    client, page = left.client(), f"/unsubscribe/{left.leave}"
    client.post(f"{page}?page=1")  # leaving once more does not make it this browser's leaving
    answer = client.post(f"{page}/undo", data={"csrf_token": csrf_of(client, "/link")})
    assert (answer.status_code, state(left)) == (410, "unsubscribed")
    for token in (left.leave, left.reader, left.feedback, left.view):
        assert client.post(f"/return/{token}", data={"csrf_token": csrf_of(client, "/link")}).status_code == 404
    assert state(left) == "unsubscribed"


def test_a_browser_that_made_the_reader_leave_before_cannot_undo_a_later_leaving(site: Site) -> None:
    theirs, page = site.client(), f"/unsubscribe/{site.leave}"
    theirs.post(f"{page}?page=1")
    send(theirs, page, f"{page}/undo")
    assert state(site) == "confirmed"
    unsubscribe.leave(site.services, site.reader_id, now=NOW + dt.timedelta(minutes=5), origin="link")
    answer = theirs.post(f"{page}/undo", data={"csrf_token": csrf_of(theirs, "/link")})
    assert (answer.status_code, state(site)) == (410, "unsubscribed")


def test_the_browser_that_left_has_a_day(small_site: Site) -> None:
    client, page = small_site.client(), f"/unsubscribe/{small_site.leave}"
    client.post(f"{page}?page=1")
    token = csrf_of(client, page)
    with time_machine.travel(NOW + dt.timedelta(hours=25)):
        assert "/undo" not in client.get(page).text
        assert client.post(f"{page}/undo", data={"csrf_token": token}).status_code == 410
    assert state(small_site) == "unsubscribed"


def test_a_link_mailed_to_the_address_brings_back_once(left: Site) -> None:
    with left.services.database.transaction() as session:
        raw = links.mint(session, left.reader_id, Purpose.RETURN, now=NOW)
    client = left.client()
    assert client.get(f"/return/{raw}").status_code == 200
    assert state(left) == "unsubscribed"
    answer = send(client, f"/return/{raw}")
    assert (answer.status_code, state(left)) == (200, "confirmed")
    assert "/preferences/" in answer.text
    unsubscribe.leave(left.services, left.reader_id, now=NOW, origin="link")
    assert client.get(f"/return/{raw}").status_code == 410


def test_who_left_has_the_way_back_mailed_by_asking_for_the_link(small_site: Site) -> None:
    with time_machine.travel(NOW + dt.timedelta(days=2)):
        send(small_site.client(), "/link", email="left@example.org")
    with small_site.services.database.reading() as session:
        mails = [mail for mail in ledger.deliveries(session, kind=None) if mail.email == "left@example.org"]
    assert [mail.kind for mail in mails].count("goodbye") == 2
