"""The local inbox is shown on this machine only, and what is in a mail stays in its frame."""

from __future__ import annotations

from pathlib import Path

import pytest

from newsletter.mail.inbox import deliver, inbox_folder
from tests.web.conftest import Site, site_on

MAIL = (
    b"Subject: =?utf-8?b?5L2g5aW9IDxiPg==?=\r\nFrom: p@localhost\r\nTo: a@example.org\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/alternative; boundary="x"\r\n\r\n'
    b"--x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nplain <b>words</b>\r\n"
    b"--x\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    b'<html><head><title>t</title></head><body><script>alert(1)</script><a href="http://127.0.0.1:8000/confirm/x">go</a></body></html>\r\n'
    b"--x--\r\n"
)


def kept(site: Site) -> str:
    return deliver(inbox_folder(site.services.settings.data_dir), MAIL, sender="p@localhost", recipient="a@example.org").name


def test_the_inbox_lists_mails_and_shows_html_text_and_headers(small_site: Site) -> None:
    mail = kept(small_site)
    client = small_site.client()
    assert f"/inbox/{mail}" in client.get("/inbox").text
    page = client.get(f"/inbox/{mail}").text
    assert "你好 &lt;b&gt;" in page
    assert "plain &lt;b&gt;words" in page
    assert "Delivered-To: a@example.org" in page
    assert f'src="/inbox/{mail}/html"' in page
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page


def test_the_html_of_a_mail_runs_nothing_and_its_links_open_beside_it(small_site: Site) -> None:
    answer = small_site.client().get(f"/inbox/{kept(small_site)}/html")
    policy = answer.headers["Content-Security-Policy"]
    assert "sandbox allow-popups allow-popups-to-escape-sandbox" in policy
    assert "default-src 'none'" in policy
    assert "script" not in policy
    assert "frame-ancestors 'self'" in policy
    assert '<head><base target="_blank">' in answer.text


def test_an_inbox_without_mail_is_a_page(small_site: Site) -> None:
    assert small_site.client().get("/inbox").status_code == 200


OUTSIDE = {
    "another client": {"environ_base": {"REMOTE_ADDR": "203.0.113.9"}},
    "a server that listens everywhere": {"environ_overrides": {"SERVER_NAME": "0.0.0.0"}, "headers": {"Host": "localhost"}},
    "a name that was bent to this machine": {"headers": {"Host": "evil.example"}},
    "a bent name that looks like this machine": {"headers": {"Host": "127.0.0.1.evil.example"}},
    "a bent name that begins like this machine": {"headers": {"Host": "127.evil.example:8000"}},
    "a proxy": {"headers": {"X-Forwarded-For": "203.0.113.9"}},
    "another proxy": {"headers": {"Forwarded": "for=203.0.113.9"}},
    "a proxy that says so only": {"headers": {"Via": "1.1 gate"}},
    "a proxy that says nothing": {"environ_overrides": {"SERVER_PROTOCOL": "HTTP/1.0"}},
}


@pytest.mark.parametrize("request_", OUTSIDE.values(), ids=OUTSIDE.keys())
def test_the_inbox_is_closed_to(small_site: Site, request_: dict[str, object]) -> None:
    mail = kept(small_site)
    for path in ("/inbox", f"/inbox/{mail}", f"/inbox/{mail}/html"):
        answer = small_site.client().get(path, **request_)
        assert answer.status_code == 403
        assert "confirm/x" not in answer.text


def test_figures_are_for_this_machine_and_not_for_who_comes_by_a_proxy_that_nobody_told_of(small_site: Site) -> None:
    through = [one for name, one in OUTSIDE.items() if "proxy" in name or "client" in name]
    assert [small_site.client().get("/metrics", **one).status_code for one in ({}, *through)] == [200, *[403] * len(through)]  # type: ignore[arg-type]


def test_no_inbox_behind_a_proxy_or_with_a_mail_server(sqlite_url: str, tmp_path: Path) -> None:
    for environ, code in (
        ({"PROXY_HOPS": "1"}, 403),
        ({"BASE_URL": "https://papers.example.org"}, 403),
        ({"SMTP_URL": "smtp://127.0.0.1:2525"}, 404),
    ):
        site = site_on(sqlite_url, tmp_path, **environ) if "PROXY_HOPS" in environ else again(sqlite_url, tmp_path, environ)
        assert site.client().get("/inbox").status_code == code
        assert "/inbox" not in site.client().get("/subscribe").text
        site.services.database.close()


def again(url: str, folder: Path, environ: dict[str, str]) -> Site:
    """Another process over the same database, with other settings."""
    from newsletter import bootstrap, settings
    from newsletter.web import create_app

    the = bootstrap.build(settings.load({"DATABASE_URL": url, "DATA_DIR": str(folder / "data"), **environ}))
    return Site(the, create_app(the), confirm="", reader="", reader_id=0, left="", view="", leave="", feedback="")
