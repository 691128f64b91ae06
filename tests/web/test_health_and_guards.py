"""Alive, ready, figures; what happens when the database or Redis is away; cookies, proxies, languages."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from newsletter import bootstrap, settings
from newsletter.web import create_app
from tests.web.conftest import CHOICES, Site, csrf_of, send


def client_with(folder: Path, **environ: str) -> FlaskClient:
    the = bootstrap.build(settings.load({"DATA_DIR": str(folder / "data"), **environ}))
    return create_app(the).test_client()


def test_it_is_alive_without_a_database_and_not_ready(tmp_path: Path) -> None:
    client = client_with(tmp_path, DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "cannot be reached" in answer.text


def test_it_is_not_ready_before_the_migrations(tmp_path: Path) -> None:
    client = client_with(tmp_path, DATABASE_URL=f"sqlite:///{tmp_path}/empty.db")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "not migrated" in answer.text


def test_it_is_ready_once_migrated(site: Site) -> None:
    assert site.client().get("/readyz").status_code == 200


def test_the_figures_count_subscribers_and_deliveries_by_state(site: Site) -> None:
    answer = site.client().get("/metrics")
    found = {
        (sample.name, sample.labels.get("state", "")): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }
    assert found["newsletter_subscribers", "confirmed"] == 1
    assert found["newsletter_subscribers", "unsubscribed"] == 1
    assert found["newsletter_deliveries", "queued"] >= 2
    assert found["newsletter_deliveries_due", ""] >= 1
    assert "@" not in answer.text


@pytest.mark.parametrize(
    "path", ["/archive", "/papers/2606.26101", "/topics/3dgs", "/feeds/3dgs.xml", "/preferences/" + "A" * 22]
)
def test_a_database_out_of_reach_is_a_kind_page_that_says_when_to_come_back(tmp_path: Path, path: str) -> None:
    client = client_with(tmp_path, DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    answer = client.get(path)
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert "<h1" in answer.text
    assert "127.0.0.1:1" not in answer.text


def test_a_sign_up_while_the_database_is_away_gets_503_and_the_front_page_still_opens(tmp_path: Path) -> None:
    client = client_with(tmp_path, DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    answer = send(client, "/", "/subscribe", **CHOICES)
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0


def test_a_full_or_broken_database_is_no_500_on_any_archive_page(sqlite_url: str, tmp_path: Path) -> None:
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    client = client_with(tmp_path, DATABASE_URL=sqlite_url)
    assert client.get("/archive").status_code == 200
    blocker = sqlite3.connect(path, isolation_level=None)
    blocker.execute("BEGIN EXCLUSIVE")
    assert client.get("/archive").status_code == 200, "readers are not stopped by a writer in WAL"
    blocker.close()


@pytest.fixture
def away(sqlite_template: Path, tmp_path: Path) -> Iterator[FlaskClient]:
    """An application whose Redis is gone."""
    shutil.copy(sqlite_template, tmp_path / "newsletter.db")
    yield client_with(tmp_path, DATABASE_URL=f"sqlite:///{tmp_path}/newsletter.db", REDIS_URL="redis://127.0.0.1:1/0")


def test_a_dead_redis_breaks_no_page_and_no_form(away: FlaskClient) -> None:
    assert away.get("/").status_code == 200
    assert send(away, "/", "/subscribe", **CHOICES).status_code == 303
    assert send(away, "/link", email="reader@example.org").status_code == 200


def tries(client: FlaskClient, count: int, *, forwarded: bool = False) -> list[int]:
    """The answers to so many forms without an address, each as if from another machine where ``forwarded``.

    The form is a small page with a low limit.
    """
    token = csrf_of(client, "/link")
    headers = [{"X-Forwarded-For": f"203.0.113.{number}"} if forwarded else {} for number in range(count)]
    return [client.post("/link", data={"csrf_token": token}, headers=one).status_code for one in headers]


@pytest.mark.usefixtures("still_clock")
def test_limits_hold_over_processes_through_a_real_redis(redis_url: str, sqlite_url: str, tmp_path: Path) -> None:
    one, other = (client_with(tmp_path, DATABASE_URL=sqlite_url, REDIS_URL=redis_url) for _ in range(2))
    codes = [status for client in (one, other) for status in tries(client, 16)]
    assert codes[:30] == [400] * 30
    assert codes[-1] == 429


def test_cookies_are_kept_from_scripts_and_go_over_https_where_the_site_does(sqlite_url: str, tmp_path: Path) -> None:
    plain = client_with(tmp_path, DATABASE_URL=sqlite_url).get("/?lang=ja").headers.getlist("Set-Cookie")
    secure = client_with(tmp_path, DATABASE_URL=sqlite_url, BASE_URL="https://example.org").get("/?lang=ja")
    assert len(plain) == 2
    assert all("HttpOnly" in cookie and "SameSite=Lax" in cookie and "Secure" not in cookie for cookie in plain)
    assert all("Secure" in cookie for cookie in secure.headers.getlist("Set-Cookie"))


@pytest.mark.usefixtures("still_clock")
def test_forwarded_addresses_count_only_behind_a_proxy(sqlite_url: str, tmp_path: Path) -> None:
    direct = client_with(tmp_path, DATABASE_URL=sqlite_url)
    codes = tries(direct, 32, forwarded=True)
    assert codes[-1] == 429, "a made-up header must not lift the limit"
    behind = client_with(tmp_path, DATABASE_URL=sqlite_url, PROXY_HOPS="1")
    codes = tries(behind, 32, forwarded=True)
    assert set(codes) == {400}


def test_a_form_posted_without_its_cookie_comes_back_with_what_was_typed(sqlite_url: str, tmp_path: Path) -> None:
    client = client_with(tmp_path, DATABASE_URL=sqlite_url)
    token = csrf_of(client, "/")
    client.delete_cookie("session")
    answer = client.post("/subscribe", data={**CHOICES, "csrf_token": token})
    assert answer.status_code == 400
    assert 'value="new@example.org"' in answer.text
    assert 'value="3dgs" checked' in answer.text


def test_a_secret_key_that_was_replaced_still_verifies_the_forms_that_are_open(sqlite_url: str, tmp_path: Path) -> None:
    before = client_with(tmp_path, DATABASE_URL=sqlite_url, SECRET_KEY="an old secret key that served well")
    after = client_with(
        tmp_path, DATABASE_URL=sqlite_url, SECRET_KEY="a new secret key that is long enough,an old secret key that served well"
    )
    token = csrf_of(before, "/")
    after.set_cookie("session", before.get_cookie("session").value)
    assert after.post("/subscribe", data={**CHOICES, "csrf_token": token}).status_code in (303, 400)


@pytest.mark.parametrize(
    ("header", "code", "direction"),
    [("de,fr;q=0.9", "en", "ltr"), ("zh-Hant-HK,zh;q=0.9", "zh-TW", "ltr"), ("zh", "zh-CN", "ltr"), ("de,ja;q=0.5", "ja", "ltr"), ("ar-EG", "ar", "rtl"),
     ("ja;q=0", "en", "ltr"), ("ja;q=0,en", "en", "ltr"), ("ja;q=0.2,ar;q=0.7", "ar", "rtl"), ("ja-JP,en;q=0.5", "ja", "ltr"),
     ("en;q=0, *", "zh-CN", "ltr"), ("*", "en", "ltr"), ("en;q=0", "en", "ltr"), ("ja;q=0.000, *;q=0.5", "en", "ltr"),
     ("zh-HK", "zh-TW", "ltr"), ("zh-Hans-HK", "zh-CN", "ltr"), ("zh-SG", "zh-CN", "ltr"), ("zha", "en", "ltr"),
     ("ja;q=2,ar;q=0.1", "ar", "rtl"), ("ja;q=x", "en", "ltr"), (";;,,q=,ja", "ja", "ltr"), ("JA", "ja", "ltr")],
)  # fmt: skip
def test_the_language_of_pages_is_that_of_the_browser(small_site: Site, header: str, code: str, direction: str) -> None:
    page = small_site.client().get("/", headers={"Accept-Language": header}).text
    assert f'<html lang="{code}" dir="{direction}">' in page


def test_a_chosen_language_is_kept(small_site: Site) -> None:
    client = small_site.client()
    client.get("/archive?lang=ar")
    assert '<html lang="ar" dir="rtl">' in client.get("/").text
    assert '<html lang="zh-TW"' in client.get("/?lang=zh-TW").text


def test_the_language_read_is_guessed_over_all_languages_offered(small_site: Site) -> None:
    for header, code in (("fr-FR,fr", "fr"), ("pt-BR,en;q=0.9", "pt"), ("de;q=0,ja;q=0.1", "ja")):
        page = small_site.client().get("/", headers={"Accept-Language": header}).text
        assert f'value="{code}" lang="{code}" selected' in page, header
