"""Subscribers in the hands of operators: found, told of, and changed; and what is said where somebody is gone or typed amiss."""

from __future__ import annotations

import datetime as dt

import pytest

from newsletter.subscribers.store import growth
from tests.web.conftest import NOW, Site, log_in, send, signed_up

NOBODY = "/admin/subscribers/999999"


def page_of(site: Site) -> str:
    return f"/admin/subscribers/{site.reader_id}"


def state_of(site: Site) -> str:
    return next(row for row in site.rows()["subscribers"] if "'reader@example.org'" in row)


def test_the_list_is_searched_narrowed_and_turned_page_by_page(site: Site) -> None:
    log_in(client := site.client())

    def found(**query: str) -> set[str]:
        answer = client.get("/admin/subscribers", query_string=query)
        assert answer.status_code == 200, query
        return {name for name in ("reader", "waiting", "left") if f"{name}@example.org" in answer.text.partition("<tbody>")[2]}

    assert found(q="@EXAMPLE.org") == {"reader", "waiting", "left"}
    assert found(state="unsubscribed") == {"left"}
    assert found(q="read", language="zh-CN", topic="3dgs") == {"reader"}
    for query in ({"q": "%"}, {"q": "' OR 1=1"}, {"topic": "x" * 5000}, {"language": "xx"}, {"state": "suppressed"}):
        assert found(**query) == set(), query
    for odd in ({"state": "lost"}, {"after": "x"}, {"after": "9" * 400}):
        assert client.get("/admin/subscribers", query_string=odd).status_code == 200, odd
    first = client.get("/admin/subscribers?lang=en").text
    assert "Who came and who left" in first
    assert "<rect" in first


def test_one_page_tells_the_whole_story_and_why_no_mail_came(site: Site) -> None:
    log_in(client := site.client())
    page = client.get(f"{page_of(site)}?lang=en").text
    for told in ("Why no mail today?", "What they agreed to", "confirm", "/admin/deliveries/", "Asia/Shanghai"):
        assert told in page, told
    assert site.reader not in page
    found = client.get("/admin/subscribers/find?email=READER@example.org")
    assert found.headers["Location"] == page_of(site)
    assert "Why no mail today?" in client.get("/admin/subscribers/find?email=nobody@example.org&lang=en").text
    assert client.get("/admin/subscribers/find?email=nonsense").status_code == 400


def test_an_operator_changes_pauses_mails_and_erases(small_site: Site) -> None:
    site = small_site
    log_in(client := site.client())
    page = page_of(site)

    def act(name: str, expected: int = 303, **fields: object) -> str:
        answer = send(client, page, f"{page}/{name}", **fields)
        assert answer.status_code == expected, (name, answer.status_code)
        return client.get(f"{answer.headers['Location']}&lang=en").text if expected == 303 else answer.text

    choices = {
        "language": "ja",
        "timezone": "Asia/Tokyo",
        "hour": "9",
        "max_papers": "20",
        "layout": "brief",
        "weekdays": ["0", "2"],
    }
    assert "They can take it back" in act("edit", topics=["llm"], **choices)
    assert "'ja', 'Asia/Tokyo', 9" in state_of(site)
    for wrong in (
        {"hour": "99"},
        {"language": "xx"},
        {"timezone": "Mars"},
        {"topics": ["nothing"]},
        {"max_papers": "x"},
        {"weekdays": []},
    ):
        act("edit", 400, **{"topics": ["llm"], **choices, **wrong})
    assert "'ja', 'Asia/Tokyo', 9" in state_of(site)
    assert "until the pause ends" in act("pause", until=(NOW.date() + dt.timedelta(days=9)).isoformat())
    act("pause", 400, until="no day")
    assert "get mail again" in act("resume")
    assert "on its way" in act("link")
    assert "once a day" in act("link", 400)
    act("move", 400, email="nonsense")
    assert "No mail goes there again" in act("suppress", reason="asked by telephone")
    assert "Mail may go there again" in act("lift", reason="asked again")
    told = send(client, page, f"{page}/data")
    assert told.mimetype == "application/json"
    assert "reader@example.org" in told.text
    act("erase", 400, typed="somebody@example.org")
    assert send(client, page, f"{page}/erase", typed="Reader@example.org").headers["Location"].startswith("/admin/subscribers?")
    assert client.get(page).status_code == 404
    token = send(client, "/admin/subscribers", f"{page}/resume")
    assert token.status_code == 404
    assert "reader@example.org" not in str(site.rows())
    acts = client.get("/admin/acts?lang=en").text
    assert "Erased a subscriber" in acts
    assert "no subscriber now" in acts
    assert "reader@example.org" not in acts


def test_somebody_is_entered_with_a_consent_or_asked_to_confirm(small_site: Site) -> None:
    log_in(client := small_site.client())
    fields = {"topics": ["llm"], "language": "en", "timezone": "UTC", "hour": "7", "max_papers": "12", "layout": "standard"}
    fields |= {"weekdays": list("0123456")}

    def add(email: str, **more: str) -> int:
        return send(client, "/admin/subscribers/new", **fields, email=email, **more).status_code

    assert add("asked@example.org", consent="on paper, 2026-11-30") == 303
    assert add("waits@example.org") == 303
    rows = str(small_site.rows()["subscribers"])
    assert rows.count("'asked@example.org'") == 2
    for wrong in ("reader@example.org", "nonsense", ""):
        assert add(wrong) == 400, wrong
    for path in (NOBODY, f"{NOBODY}/edit"):
        assert client.get(path).status_code == 404


def test_growth_is_counted_by_weeks_that_begin_on_monday(small_site: Site) -> None:
    monday = NOW.date() - dt.timedelta(days=NOW.weekday())
    signed_up(small_site.services, "again@example.org")
    with small_site.services.database.reading() as session:
        (week,) = growth.by_week(session, since=monday)
        assert growth.by_week(session, since=monday + dt.timedelta(weeks=1)) == []
    assert (week.monday, week.confirmed, week.left) == (monday, 3, 1)


@pytest.mark.parametrize("path", ["", "/new", "/find?email=reader@example.org"])
def test_a_viewer_sees_no_button_that_acts(small_site: Site, path: str) -> None:
    from newsletter.operating import logins
    from newsletter.operating.operators.roles import Role
    from tests.web.conftest import QUICK_HASH

    logins.keep(small_site.services.database, "eve", QUICK_HASH, now=NOW, role=Role.VIEWER)
    log_in(client := small_site.client(), "eve")
    answer = client.get(f"/admin/subscribers{path}", follow_redirects=True)
    assert answer.status_code == (403 if path == "/new" else 200)
    assert answer.text.partition("<main")[2].count('method="post"') == 0
