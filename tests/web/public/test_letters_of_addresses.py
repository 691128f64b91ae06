"""An address with letters beyond ASCII before the @ is taken where the mail server takes it, and is named where it does not."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from newsletter.daily.send import drain
from newsletter.mail.smtp.letters import KEPT_SECONDS, RelayLetters
from newsletter.settings import SmtpServer
from tests.smtp_sink import Sink
from tests.web.conftest import CHOICES, send, site_on

PLAIN = ("8BITMIME",)


def test_an_address_in_chinese_letters_signs_up_and_gets_its_mail(sqlite_url: str, tmp_path: Path) -> None:
    with Sink() as sink:
        site = site_on(sqlite_url, tmp_path, SMTP_URL=sink.url, BASE_URL="http://papers.example.org")
        sink.taken.clear()
        answer = send(site.client(), "/", "/subscribe", **{**CHOICES, "email": "王小明＠例子。中国"})
        assert answer.status_code == 303
        drain(site.services, now=lambda: dt.datetime.now(dt.UTC))
        taken = sink.to("王小明@xn--fsqu00a.xn--fiqs8s")
        assert [one.message["To"] for one in taken] == ["王小明@xn--fsqu00a.xn--fiqs8s"]
        assert send(site.client(), "/link", email="王小明@例子.中国").status_code == 200
    site.services.database.close()


def test_where_the_server_takes_none_the_form_names_the_address(sqlite_url: str, tmp_path: Path) -> None:
    with Sink(extensions=PLAIN) as sink:
        site = site_on(sqlite_url, tmp_path, SMTP_URL=sink.url, BASE_URL="http://papers.example.org")
        for page, action in (("/?lang=en", "/subscribe"), ("/link?lang=en", "/link")):
            answer = send(site.client(), page, action, **{**CHOICES, "email": "王@example.org"})
            assert answer.status_code == 400
            assert 'class="problem" id="email-problem"' in answer.text
            assert "王@example.org" in answer.text.partition('id="email-problem"')[2][:120]
        assert send(site.client(), "/", "/subscribe", **{**CHOICES, "email": "new＠例子。中国"}).status_code == 303
    site.services.database.close()


@pytest.mark.parametrize(
    ("servers", "takes"),
    [(("all",), True), (("plain",), False), (("all", "plain"), False), (("all", "gone"), True), (("gone",), False), ((), False)],
)
def test_every_server_that_answers_must_take_it(servers: tuple[str, ...], takes: bool) -> None:
    with Sink() as everything, Sink(extensions=PLAIN) as plain:
        ports = {"all": everything.port, "plain": plain.port, "gone": 1}
        letters = RelayLetters(lambda: [SmtpServer("127.0.0.1", ports[one]) for one in servers], hostname="example.org")
        assert letters.takes_any_letters() is takes


def test_the_servers_are_asked_once_in_ten_minutes() -> None:
    now = [0.0]
    with Sink() as sink:
        letters = RelayLetters(lambda: [SmtpServer("127.0.0.1", sink.port)], hostname="example.org", timer=lambda: now[0])
        assert [letters.takes_any_letters() for _ in range(3)] == [True] * 3
        assert sink.connections == 1
        now[0] = KEPT_SECONDS + 1.0
        letters.takes_any_letters()
        assert sink.connections == 2
