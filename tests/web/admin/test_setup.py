"""The first evening by page: the same steps as the command, on this machine alone, by a token, until there is a login."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from newsletter.desk.first_evening import make_owner, offer_page
from newsletter.errors import InputError
from newsletter.operating import logins, runtime, setup_token
from newsletter.web import create_app
from tests.smtp_sink import Sink
from tests.web.conftest import NOW, QUICK_HASH, services_on

# A port of this start; the next one may have another.
HERE_NOW = "http://127.0.0.1:8777"
SENDER = {
    "SITE_NAME": "Ada's Morning",
    "BASE_URL": HERE_NOW,
    "MAIL_FROM": "Papers <papers@papers.test>",
    "CONTACT_EMAIL": "",
    "IMPRINT": "",
}
READER = {"email": "me@example.org", "topics": ["llm", "nerf"], "language": "de", "timezone": "Europe/Berlin", "hour": "7"}
OWNER = {"name": "anna", "password": "a long enough passphrase", "again": "a long enough passphrase"}


class Evening:
    """The pages of one installation, as whoever sits before the machine opens them."""

    def __init__(self, url: str, folder: Path) -> None:
        self.services = services_on(url, folder, BASE_URL=HERE_NOW)
        self.data_dir = self.services.settings.data_dir
        self.client: FlaskClient = create_app(self.services).test_client()
        offer_page(self.services.settings, {})
        found = setup_token.standing(self.data_dir)
        assert found is not None
        self.path = f"/setup/{found.token}"

    def see(self, step: str = "", **options: object) -> tuple[int, str]:
        answer = self.client.get(f"{self.path}?lang=en&step={step}", **options)  # type: ignore[arg-type]
        return answer.status_code, answer.text

    def send(self, step: str, **fields: object) -> tuple[int, str]:
        answer = self.client.post(f"{self.path}/{step}?lang=en", data=fields)
        return answer.status_code, answer.headers.get("Location", "") or answer.text


@pytest.fixture
def evening(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Evening:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("# mine\nWORKERS=2\n")
    return Evening(sqlite_url, tmp_path)


def heading(page: tuple[int, str]) -> str:
    found = re.search(r"<h1>([^<]*)</h1>", page[1])
    return found[1] if found else ""


def test_from_the_name_to_the_owners_login_and_then_the_pages_are_closed(evening: Evening, tmp_path: Path) -> None:
    shown = evening.see()
    assert heading(shown) == "Name and sender"
    assert f'value="{HERE_NOW}"' in shown[1]
    code, page = evening.send("names", **SENDER | {"MAIL_FROM": "me@gmail.com", "BASE_URL": "papers", "SITE_NAME": ""})
    assert code == 400
    for told in ("gmail.com", "BASE_URL", "Please fill this in."):
        assert told in page, told
    assert "step=mail" in evening.send("names", **SENDER)[1]
    assert HERE_NOW not in (tmp_path / ".env").read_text(), "a later start on another port would mail links to this one"
    assert heading(evening.see()) == "Mail server"
    for wrong in ("mail.example.org", "", "smtp://127.0.0.1:9"):
        code, page = evening.send("mail", SMTP_URL=wrong, email="me@example.org", signed_by="here")
        assert (code, "notice bad" in page or 'id="SMTP_URL-problem"' in page) == (200 if wrong.endswith(":9") else 400, True), (
            wrong
        )
    with Sink() as sink:
        assert evening.send("mail", SMTP_URL=sink.url, email="nobody", signed_by="here")[0] == 400
        code, page = evening.send("mail", SMTP_URL=sink.url, email="me@example.org", signed_by="here")
        assert (code, len(sink.taken)) == (200, 1)
        assert "DKIM-Signature" in sink.taken[0].data.decode()
        assert "on its way to me@example.org" in page
    assert heading(evening.see()) == "DNS"
    for record in ("m1._domainkey.papers.test", "_dmarc.papers.test", "v=DKIM1", "from where your mail server sends"):
        assert record in evening.see("dns")[1]
    assert not runtime.take_wish_to_restart(evening.data_dir)
    assert "Starting anew" in evening.send("dns", email="me@example.org")[1]
    assert runtime.take_wish_to_restart(evening.data_dir)
    for wrong in ({"topics": []}, {"email": "nobody"}, {"timezone": "Mars"}, {"hour": "25"}, {"topics": ["kites"]}):
        code, page = evening.send("reader", **READER | wrong)
        assert (code, 'class="problem"' in page) == (400, True), wrong
    code, following = evening.send("reader", **READER)
    assert (code, "step=digest&email=me%40example.org" in following) == (303, True)
    assert 'http-equiv="refresh"' in evening.client.get(following).text
    assert evening.send("reader", **READER)[0] == 400
    assert heading(evening.see()) == "Your login"
    for wrong in ({"again": "another"}, {"password": "short", "again": "short"}, {"name": "no such name!"}):
        assert evening.send("login", **OWNER | wrong)[0] == 400, wrong
    assert evening.send("login", **OWNER) == (303, "/admin/login")
    assert (evening.see()[0], evening.send("names", **SENDER)[0]) == (404, 404)
    kept = (tmp_path / ".env").read_text()
    assert kept.startswith("# mine\nWORKERS=2\n")
    assert "passphrase" not in kept
    offer_page(evening.services.settings, {})
    assert setup_token.standing(evening.data_dir) is None


def test_without_a_mail_server_mail_stays_here_and_nothing_is_published(evening: Evening) -> None:
    evening.send("names", **SENDER)
    assert "step=dns" in evening.send("mail", inbox="1", SMTP_URL="")[1]
    assert "nothing has to be published" in evening.see("dns")[1]


def test_the_pages_are_for_this_machine_and_its_token_alone(evening: Evening) -> None:
    assert evening.client.get("/setup/another").status_code == 404
    assert evening.client.get(evening.path[:-1]).status_code == 404
    assert evening.see(environ_overrides={"REMOTE_ADDR": "192.0.2.7"})[0] == 404
    assert evening.see(headers={"Host": "papers.example.org"})[0] == 404
    assert evening.see(headers={"X-Forwarded-For": "192.0.2.7"})[0] == 404
    token = setup_token.standing(evening.data_dir)
    offer_page(evening.services.settings, {"BASE_URL": "https://papers.example.org"})
    again = setup_token.standing(evening.data_dir)
    assert token and again and (token.token, again.names) == (again.token, {"BASE_URL"})
    assert (evening.data_dir / "run" / setup_token.FILE).stat().st_mode & 0o777 == 0o600
    logins.keep(evening.services.database, "made-at-the-shell", QUICK_HASH, now=NOW)
    assert evening.see()[0] == 404
    assert evening.send("login", **OWNER | {"name": "made-at-the-shell"})[0] == 404
    # Who was a moment later than another, and still found the page open.
    with pytest.raises(InputError, match="somebody can log in already"):
        make_owner(evening.services, "anna", OWNER["password"], now=NOW)
