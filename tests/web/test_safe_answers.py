"""What answers carry, and what they never give away: for every route there is, also for those that are added later."""

from __future__ import annotations

import logging
import re
from pathlib import Path

import pytest
from flask import abort
from sqlalchemy import select
from structlog.testing import capture_logs

from newsletter.collection.store import nodes as collection_store
from newsletter.tables.subscribers import SubscriberRow
from tests.collection.making import an_entry
from tests.web.conftest import CHOICES, NOW, PASSWORD, Site, csrf_of, log_in, send, site_on
from tests.web.editors.test_editors import editing
from tests.web.test_conventions import address, rules
from tests.web.test_sign_up_to_leaving import CHANGES

SCRIPT = Path(__file__).resolve().parents[2] / "newsletter" / "web" / "static" / "app.js"
# What may be handed out as words needs no charset beside it where its own form says one.
BINARY = ("image/", "application/json", "application/feed+json", "application/octet-stream")


def test_each_answer_says_what_it_is_and_but_feeds_is_open_to_no_other_site(small_site: Site) -> None:
    handed_out = 0
    for rule in rules(small_site, "GET"):
        answer = small_site.client().get(address(small_site, rule), headers={"Origin": "https://evil.example"}, buffered=True)
        kind = answer.headers["Content-Type"]
        assert "charset=utf-8" in kind.lower() or kind.startswith(BINARY), (rule, kind)
        opened = {name: value for name, value in answer.headers if name.lower().startswith("access-control-")}
        # Feeds are everybody's, and the same for everybody: another site's page may read them, as any program may.
        assert not opened or (rule.endpoint.startswith("feeds.") and opened == {"Access-Control-Allow-Origin": "*"}), rule
        assert not opened or "Set-Cookie" not in answer.headers, rule
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin", rule
        assert answer.headers["X-Content-Type-Options"] == "nosniff", rule
        if disposition := answer.headers.get("Content-Disposition"):
            handed_out += 1
            assert re.fullmatch(r'(?:attachment|inline); filename="?[a-z0-9._-]+"?', disposition), (rule, disposition)
    assert handed_out


def test_no_redirect_leads_elsewhere(small_site: Site) -> None:
    for rule in rules(small_site, "GET"):
        asked = {"next": "//evil.example", "url": "https://evil.example", "lang": "//evil.example", "back": "//evil.example"}
        answer = small_site.client().get(address(small_site, rule), query_string=asked, buffered=True)
        assert re.match(r"(?:http://localhost)?/(?!/)|^$", answer.headers.get("Location", "")), rule
        assert "evil.example" not in answer.headers.get("Location", "").partition("?")[0], rule


def test_each_cookie_says_who_may_send_it(small_site: Site) -> None:
    client = small_site.client()
    seen = [*client.get("/?lang=ja").headers.getlist("Set-Cookie"), *client.get("/admin/login").headers.getlist("Set-Cookie")]
    seen += send(client, "/", "/subscribe", **CHOICES).headers.getlist("Set-Cookie")
    assert seen
    assert [cookie for cookie in seen if "SameSite=Lax" not in cookie and "SameSite=Strict" not in cookie] == []


def test_no_folder_is_listed_and_no_file_but_ours_is_handed_out(small_site: Site) -> None:
    for path in ("/static/", "/static", "/.git/HEAD", "/.env", "/static/../wsgi.py", "/static/%2e%2e/%2e%2e/errors.py", "/var/"):
        assert small_site.client().get(path).status_code in (404, 308), path


def test_nothing_is_in_debugging_mode(sqlite_url: str, tmp_path: Path) -> None:
    site = site_on(sqlite_url, tmp_path, FLASK_DEBUG="1")
    assert not site.app.debug
    assert "werkzeug.debug" not in str(type(site.app.wsgi_app))
    site.services.database.close()


def test_each_login_has_a_word_of_its_own(small_site: Site) -> None:
    words = set()
    for _ in range(3):
        client = small_site.client()
        log_in(client)
        with client.session_transaction() as kept:
            words.add(kept["login"])
    # 24 random bytes in base64.
    assert [len(word) for word in words] == [32, 32, 32]


def test_a_cookie_that_somebody_planted_is_no_login_afterwards(small_site: Site) -> None:
    attacker, victim = small_site.client(), small_site.client()
    token = csrf_of(attacker, "/admin/login")
    planted = attacker.get_cookie("session")
    assert planted
    victim.set_cookie("session", planted.value)
    entered = victim.post("/admin/login", data={"csrf_token": token, "name": "operator", "password": PASSWORD})
    assert entered.status_code == 303
    assert attacker.get("/admin").status_code == 302
    with victim.session_transaction() as kept:
        assert kept.get("csrf_token") is None


@pytest.mark.parametrize(("page", "action"), [("/admin", "/admin/logout"), ("/collection/add", "/collection/leave")])
def test_logging_out_empties_the_browser(small_site: Site, page: str, action: str) -> None:
    client = editing(small_site) if page.startswith("/collection") else small_site.client()
    if page == "/admin":
        log_in(client)
    assert send(client, page, action).headers["Clear-Site-Data"] == '"cache", "storage"'


def test_every_page_of_who_is_logged_in_leads_out(small_site: Site) -> None:
    with small_site.services.database.transaction() as session:
        entry = collection_store.add(session, an_entry(), parent=None, who="Ada", now=NOW)
    editor, operator = editing(small_site), small_site.client()
    for path in ("", "/add", "/changes", f"/{entry.id}", f"/{entry.id}/edit"):
        assert 'action="/collection/leave"' in editor.get(f"/collection{path}").text, path
    log_in(operator)
    for rule in rules(small_site, "GET"):
        page = operator.get(address(small_site, rule)) if str(rule).startswith("/admin") else None
        if (
            page
            and page.mimetype == "text/html"
            and page.status_code == 200
            and "/login" not in str(rule)
            and not str(rule).endswith("/html")
        ):
            assert 'action="/admin/logout"' in page.text, rule


def test_our_script_keeps_nothing_and_runs_nothing() -> None:
    script = SCRIPT.read_text(encoding="utf-8")
    for word in ("localStorage", "sessionStorage", "indexedDB", "document.cookie", "eval(", "new Function", "postMessage"):
        assert word not in script


def readers(site: Site) -> dict[int, dict[str, object]]:
    """What is kept of each person, by id."""
    with site.services.database.reading() as session:
        return {row.id: dict(row._mapping) for row in session.execute(select(SubscriberRow.__table__))}


def test_fields_that_a_form_does_not_have_change_nothing(small_site: Site) -> None:
    before = readers(small_site)[small_site.reader_id]
    more = {"id": "1", "email": "evil@example.org", "state": "pending", "link_key": "1", "token_version": "9"}
    send(small_site.client(), f"/preferences/{small_site.reader}", **CHANGES, **more)
    after = readers(small_site)[small_site.reader_id]
    assert (before["max_papers"], after["max_papers"]) == (20, 35)
    assert {name: after[name] for name in more} == {name: before[name] for name in more}


def test_a_field_in_the_address_or_twice_is_not_another_wish(small_site: Site) -> None:
    before, client = readers(small_site), small_site.client()
    form = {"csrf_token": csrf_of(client, "/"), **CHOICES, "email": ["first@example.org", "second@example.org"]}
    assert client.post("/subscribe?email=third@example.org&topics=nerf", data=form).status_code == 303
    assert [kept["email"] for number, kept in readers(small_site).items() if number not in before] == ["first@example.org"]


@pytest.mark.usefixtures("still_clock")
def test_what_the_guards_refuse_is_logged(small_site: Site) -> None:
    with capture_logs() as logged:
        client = small_site.client()
        client.get("/admin/bounces")
        client.post("/subscribe", data={"email": "x@example.org"})
        client.post("/collection/add", data={"csrf_token": csrf_of(client, "/"), "title": "x"})
        client.post("/subscribe", data="{}", content_type="application/json")
        for _ in range(12):
            send(client, "/admin/login", name="operator", password="wrong")
    told = {(line["event"], line.get("endpoint"), line.get("status")) for line in logged}
    assert ("operators' page refused: nobody is logged in", "bounces.show", None) in told
    assert ("form refused", "signup.subscribe", None) in told
    assert "editors' page refused: nobody edits here" in {event for event, *_ in told}
    assert ("request refused", "signup.subscribe", 415) in told
    assert ("request refused", "login.enter", 429) in told


def test_what_breaks_is_logged_and_shown_in_general_words(small_site: Site, caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> str:
        raise KeyError("SELECT secret FROM subscribers")

    small_site.app.add_url_rule("/broken", "broken", broken)
    small_site.app.add_url_rule("/forbidden", "forbidden", lambda: abort(403, "SELECT secret"))
    with caplog.at_level(logging.ERROR), capture_logs() as logged:
        answers = [small_site.client().get(path) for path in ("/broken", "/forbidden")]
    assert [answer.status_code for answer in answers] == [500, 403]
    assert all("SELECT" not in answer.text and "Traceback" not in answer.text for answer in answers)
    assert [line for line in logged if line["event"] == "page failed" and line["problem"] == "KeyError"]
