"""Logins end: by logging out wherever a cookie is, after twelve hours, after two without use, with a new password or a revocation."""

from __future__ import annotations

import datetime as dt
import re

import pytest
import time_machine
from flask.testing import FlaskClient
from structlog.testing import capture_logs

from newsletter.collection import editors
from newsletter.operating import logins
from newsletter.operating.operators import passwords
from newsletter.web.security import LIMIT_ACCOUNT, strict_transport
from tests.web.conftest import NOW, PASSWORD, QUICK_HASH, Site, csrf_of, log_in, send, site_on
from tests.web.editors.test_editors import editing, invited

PAGES = {"operator": "/admin", "editor": "/collection/add"}
LEAVING = {"operator": ("/admin", "/admin/logout"), "editor": ("/collection/add", "/collection/leave")}


def logged_in(site: Site, who: str) -> FlaskClient:
    if who == "editor":
        return editing(site)
    client = site.client()
    log_in(client)
    return client


def is_in(client: FlaskClient, who: str) -> bool:
    return client.get(PAGES[who]).status_code == 200


@pytest.mark.parametrize("who", PAGES)
def test_a_copy_of_the_cookie_is_worth_nothing_after_logging_out(site: Site, who: str) -> None:
    client, thief = logged_in(site, who), site.client()
    cookie = client.get_cookie("session")
    assert cookie is not None
    thief.set_cookie("session", cookie.value)
    assert is_in(thief, who)
    assert send(client, *LEAVING[who]).status_code == 303
    assert [is_in(client, who), is_in(thief, who)] == [False, False]


@pytest.mark.parametrize("who", PAGES)
def test_a_login_ends_after_two_hours_without_use_and_after_twelve_in_any_case(site: Site, who: str) -> None:
    began = dt.datetime.now(dt.UTC)
    with time_machine.travel(began, tick=False) as time:
        busy, idle = logged_in(site, who), logged_in(site, who)
        for hour in range(1, 12):
            time.move_to(began + dt.timedelta(hours=hour))
            assert is_in(busy, who), hour
        assert not is_in(idle, who)
        time.move_to(began + dt.timedelta(hours=12))
        assert not is_in(busy, who)


def test_a_new_password_ends_the_login_in_the_database_too(site: Site) -> None:
    client = logged_in(site, "operator")
    assert len(site.rows()["logins"]) == 1
    logins.keep(site.services.database, "operator", passwords.hashed("another long password"), now=NOW)
    assert site.rows()["logins"] == []
    logins.keep(site.services.database, "operator", QUICK_HASH, now=NOW)
    assert not is_in(client, "operator")


def test_an_editor_whose_access_is_taken_away_is_out_at_once(site: Site) -> None:
    client = logged_in(site, "editor")
    editors.revoke_by_name(site.services, "Ada", now=NOW)
    assert not is_in(client, "editor")


def test_no_page_writes_that_somebody_is_still_there(site: Site) -> None:
    client = logged_in(site, "operator")
    before = site.rows()
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(minutes=30)):
        assert is_in(client, "operator")
    assert site.rows() == before


@pytest.mark.usefixtures("still_clock")
def test_wrong_passwords_for_one_login_are_counted_over_all_networks(small_site: Site) -> None:
    codes = []
    for number in range(22):
        client = small_site.client()
        token = csrf_of(client, "/admin/login")
        fields = {"csrf_token": token, "name": "Operator" if number % 2 else "operator", "password": "wrong"}
        where = {"REMOTE_ADDR": f"198.51.100.{number}"}
        codes.append(client.post("/admin/login", data=fields, environ_base=where).status_code)
    assert LIMIT_ACCOUNT.startswith("20 ")
    assert codes == [401] * 20 + [429] * 2


@pytest.mark.usefixtures("still_clock")
def test_right_passwords_count_against_no_login(small_site: Site) -> None:
    for number in range(25):
        client = small_site.client()
        token = csrf_of(client, "/admin/login")
        fields = {"csrf_token": token, "name": "operator", "password": PASSWORD}
        where = {"REMOTE_ADDR": f"198.51.100.{number}"}
        assert client.post("/admin/login", data=fields, environ_base=where).status_code == 303


def test_who_logs_in_and_who_is_refused_is_logged_without_what_was_typed(site: Site) -> None:
    with capture_logs() as logged:
        send(site.client(), "/admin/login", name="operator", password="wrong-word")
        send(site.client(), "/admin/login", name="my pass word", password="wrong-word")
        log_in(site.client())
        editing(site)
    told = [{name: line.get(name) for name in ("event", "name", "operator", "network")} for line in logged]
    here = {"network": "127.0.0.1"}
    assert {"event": "login refused", "name": "operator", "operator": None, **here} in told
    assert {"event": "login refused", "name": "", "operator": None, **here} in told
    assert {"event": "operator logged in", "name": None, "operator": "operator", **here} in told
    assert [line for line in logged if line["event"] == "editor's session opened" and line["editor"]]
    assert "word" not in str(logged).replace("password", "")


@pytest.mark.parametrize("who", PAGES)
def test_no_page_of_somebody_who_is_logged_in_stays_in_a_browser(site: Site, who: str) -> None:
    client = logged_in(site, who)
    for path in (PAGES[who], "/collection", "/collection/changes", "/", "/collection/99", "/no-such-page", "/archive"):
        assert client.get(path).headers["Cache-Control"] == "no-store", path
    assert "no-store" not in client.get("/static/style.css").headers.get("Cache-Control", "")
    for path in ("/collection/add", "/collection/1/edit", "/admin/editors"):
        assert site.client().get(path).headers["Cache-Control"] == "no-store", path


@pytest.mark.parametrize(
    ("host", "all_below"),
    [
        *(("papers.example.org", True), ("papers.example.co.uk", True), ("a.papers.example.org", True)),
        *(("example.org", False), ("example.co.uk", False), ("example.or.jp", False), ("localhost", False), ("192.0.2.1", False)),
    ],
)
def test_tls_is_asked_for_below_a_host_of_its_own_and_not_below_a_bare_domain(host: str, all_below: bool) -> None:
    assert strict_transport(host).endswith("; includeSubDomains") is all_below


def ended_by(page: str) -> list[str]:
    """What stands on a page to be ticked: the logins of whoever looks at it."""
    return re.findall(r'name="login" value="([0-9a-f]{64})"', page)


def test_operators_see_where_they_are_logged_in_and_end_it_with_their_password(small_site: Site) -> None:
    here, other = logged_in(small_site, "operator"), logged_in(small_site, "operator")
    logged_in(small_site, "editor")
    page = here.get("/admin/account?lang=en").text
    keys = ended_by(page)
    assert [len(keys), page.count("this browser")] == [2, 1]
    mine = re.search(r'value="([0-9a-f]{64})"[^\n]*this browser', page)
    assert mine
    [others] = {*keys} - {mine[1]}
    act = ("/admin/account", "/admin/account/logins/end")
    assert send(here, *act, login=others, password="wrong").status_code == 400
    assert send(here, *act, login="0" * 64, password=PASSWORD).status_code == 400
    assert is_in(other, "operator")
    assert send(here, *act, login=others, password=PASSWORD).status_code == 303
    assert [is_in(one, "operator") for one in (here, other)] == [True, False]
    send(here, *act, login=mine[1], password=PASSWORD)
    assert not is_in(here, "operator")
    assert len(small_site.rows()["logins"]) == 1  # the editor's


def test_editors_see_where_they_are_logged_in_and_end_it_with_a_fresh_link(small_site: Site) -> None:
    old, operator = logged_in(small_site, "editor"), logged_in(small_site, "operator")
    [strangers] = ended_by(operator.get("/admin/account").text)
    link = f"/collection/editor/{invited(small_site)}"
    [key] = ended_by(small_site.client().get(link).text)
    new = small_site.client()
    token = csrf_of(new, link)
    assert new.post(link, data={"csrf_token": token, "login": [key, strangers]}).status_code == 303
    assert [is_in(new, "editor"), is_in(old, "editor"), is_in(operator, "operator")] == [True, False, True]


def test_under_tls_each_cookie_is_of_this_host_alone_and_tls_is_kept(sqlite_url: str, tmp_path: object) -> None:
    site = site_on(sqlite_url, tmp_path, BASE_URL="https://papers.example.org")  # type: ignore[arg-type]
    answer = site.client().get("/?lang=ja", base_url="https://papers.example.org")
    cookies = answer.headers.getlist("Set-Cookie")
    assert cookies
    for cookie in cookies:
        assert cookie.startswith("__Host-")
        assert "; Secure" in cookie
        assert "; Path=/" in cookie
        assert "Domain" not in cookie
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    site.services.database.close()
