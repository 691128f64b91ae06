"""Operators log in, see how the service is doing, and stop and restart all sending."""

from __future__ import annotations

import pytest

from newsletter.operating import logins, state
from newsletter.operating.operators import passwords
from newsletter.papers.store import papers as papers_store
from tests.web.conftest import DAY, NOW, PASSWORD, Site, csrf_of, log_in, send


def paused(site: Site) -> bool:
    with site.services.database.reading() as session:
        return state.paused(session)


def test_a_login_with_the_right_password_opens_the_dashboard(site: Site) -> None:
    client = site.client()
    log_in(client)
    page = client.get(f"/admin?date={DAY}&lang=en").text
    assert "Sending is on." in page
    assert "What mail servers said" not in page


def test_a_wrong_password_and_an_unknown_name_are_refused_alike(small_site: Site) -> None:
    answers = [send(small_site.client(), "/admin/login", name=name, password="wrong") for name in ("operator", "nobody")]
    assert {answer.status_code for answer in answers} == {401}
    assert small_site.client().get("/admin").status_code == 302


def test_there_is_no_operator_by_default(small_site: Site) -> None:
    for name, password in (("admin", "admin"), ("newsletter", "newsletter"), ("operator", "password")):
        assert send(small_site.client(), "/admin/login", name=name, password=password).status_code == 401


def test_sending_is_paused_and_resumed_from_the_dashboard(site: Site) -> None:
    client = site.client()
    log_in(client)
    assert send(client, "/admin", "/admin/pause").status_code == 303
    assert paused(site)
    assert "All sending is paused." in client.get("/admin?lang=en").text
    assert send(client, "/admin", "/admin/resume").status_code == 303
    assert not paused(site)


def test_a_new_password_ends_the_sessions_of_the_old_one(small_site: Site) -> None:
    client = small_site.client()
    log_in(client)
    logins.keep(small_site.services.database, "operator", passwords.hashed("another long password"), now=NOW)
    assert client.get("/admin").status_code == 302


def test_logging_out_ends_the_session(small_site: Site) -> None:
    client = small_site.client()
    log_in(client)
    client.post("/admin/logout", data={"csrf_token": csrf_of(client, "/admin")})
    assert client.get("/admin").status_code == 302


def test_a_login_leads_to_the_dashboard_whatever_the_address_asks_for(small_site: Site) -> None:
    client = small_site.client()
    token = csrf_of(client, "/admin/login?next=https://evil.example/")
    answer = client.post(
        "/admin/login?next=https://evil.example/", data={"csrf_token": token, "name": "operator", "password": PASSWORD}
    )
    assert answer.headers["Location"] == "/admin"


@pytest.mark.usefixtures("still_clock")
def test_guessing_passwords_is_slowed_down(small_site: Site) -> None:
    client = small_site.client()
    token = csrf_of(client, "/admin/login")
    codes = [
        client.post("/admin/login", data={"csrf_token": token, "name": "operator", "password": ""}).status_code for _ in range(12)
    ]
    assert codes[-1] == 429
    answer = client.post("/admin/login", data={"csrf_token": token})
    assert int(answer.headers["Retry-After"]) > 0


def test_the_hash_of_a_password_fits_it_and_no_other() -> None:
    made = passwords.hashed(PASSWORD)
    assert passwords.fits(PASSWORD, made)
    assert not passwords.fits(PASSWORD + "x", made)
    assert not passwords.fits(PASSWORD, None)
    assert not passwords.fits(PASSWORD, "no hash")


def test_a_login_that_is_taken_away_is_out_at_once(small_site: Site) -> None:
    client = small_site.client()
    log_in(client)
    logins.remove(small_site.services.database, "operator")
    assert client.get("/admin").status_code == 302
    assert small_site.rows()["logins"] == []


def test_alarms_stand_on_the_dashboard_and_in_the_metrics(small_site: Site) -> None:
    record = papers_store.FetchRecord("arxiv", NOW, NOW, DAY, DAY, 0, 0, 0, "arXiv <b>is</b> out of reach", "a weekend")
    with small_site.services.database.transaction() as session:
        papers_store.record_fetch(session, record)
    client = small_site.client()
    log_in(client)
    page = client.get("/admin?lang=en").text
    assert "the last fetch was not finished: arXiv &lt;b&gt;is&lt;/b&gt; out of reach" in page
    assert "a weekend" in page
    figures = client.get("/metrics").text
    assert 'newsletter_alarm{kind="fetch_failed"} 1.0' in figures
    assert 'newsletter_alarm{kind="fetch_stopped"} 0.0' in figures
