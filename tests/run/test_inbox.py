"""The local inbox keeps what a real mail client hands it, and shows it again."""

import smtplib
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from newsletter.mail.inbox import SIZE_LIMIT, InboxServer, deliver, message, messages
from tests.waiting import PATIENCE


@pytest.fixture
def server(tmp_path: Path) -> Iterator[InboxServer]:
    server = InboxServer(tmp_path / "inbox")
    server.start()
    yield server
    server.stop()


def a_mail(subject: str = "论文 of today", to: str = "reader@example.org") -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "papers@example.org", to, subject
    mail["Date"] = "Fri, 20 Nov 2026 08:00:00 +0000"
    mail["List-Unsubscribe"] = "<https://example.org/u>"
    mail.set_content("Guten Tag, 世界\n.\nafter a dot\n")
    mail.add_alternative("<p>世界</p>", subtype="html")
    return mail


def send(server: InboxServer, mail: EmailMessage) -> None:
    with smtplib.SMTP("127.0.0.1", server.port, timeout=PATIENCE) as client:
        client.send_message(mail)


def test_a_mail_is_kept_whole_and_shown_in_its_parts(server: InboxServer, tmp_path: Path) -> None:
    send(server, a_mail())
    (line,) = messages(tmp_path / "inbox")
    assert (line.subject, line.to, line.date) == ("论文 of today", "reader@example.org", "Fri, 20 Nov 2026 08:00:00 +0000")
    found = message(tmp_path / "inbox", line.id)
    assert found is not None
    assert found.text == "Guten Tag, 世界\n.\nafter a dot\n"
    assert found.html.strip() == "<p>世界</p>"
    assert "List-Unsubscribe: <https://example.org/u>" in found.headers
    assert "after a dot" not in found.headers


STRANGE = {
    "nothing": b"",
    "bytes": b"\xff\xfe\x00",
    "parts within parts without end": b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (number, number) for number in range(2000)
    ),
    "an unknown charset": b"Subject: =?x-nope?b?AAAA?=\r\nContent-Type: text/html; charset=nope\r\n\r\n<p>",
    "broken base64": b"Content-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!",
    "headers that are none": b'From: <<>>@@\r\nDate: yesterday\r\nContent-Type: ;;=\r\nTo: "\r\n\r\nx',
}


@pytest.mark.parametrize("data", STRANGE.values(), ids=STRANGE.keys())
def test_whatever_came_in_is_listed_and_opened(tmp_path: Path, data: bytes) -> None:
    deliver(tmp_path, data, sender="a@example.org", recipient="b@example.org")
    (line,) = messages(tmp_path)
    assert line.to == "b@example.org"
    found = message(tmp_path, line.id)
    assert found is not None
    assert "Delivered-To: b@example.org" in found.headers


def test_the_newest_mail_stands_first_and_the_list_has_an_end(server: InboxServer, tmp_path: Path) -> None:
    for number in range(3):
        send(server, a_mail(f"mail {number}"))
    assert [line.subject for line in messages(tmp_path / "inbox", limit=2)] == ["mail 2", "mail 1"]


def test_each_recipient_gets_a_mail_of_their_own(server: InboxServer, tmp_path: Path) -> None:
    send(server, a_mail(to="one@example.org, two@example.org"))
    assert {line.to for line in messages(tmp_path / "inbox")} == {"one@example.org", "two@example.org"}


def test_mails_that_come_at_once_are_all_kept(server: InboxServer, tmp_path: Path) -> None:
    threads = [threading.Thread(target=send, args=(server, a_mail())) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(messages(tmp_path / "inbox")) == 20


def test_a_mail_over_the_limit_is_refused(server: InboxServer, tmp_path: Path) -> None:
    mail = a_mail()
    mail.clear_content()
    mail.set_content(("x" * 70 + "\n") * (SIZE_LIMIT // 70))
    with pytest.raises(smtplib.SMTPResponseException) as refusal:
        send(server, mail)
    assert refusal.value.smtp_code == 552
    assert messages(tmp_path / "inbox") == []


def test_a_full_or_broken_disk_is_a_reply_that_asks_to_try_again(server: InboxServer, tmp_path: Path) -> None:
    (tmp_path / "inbox").write_text("a file where the folder should be")
    with pytest.raises(smtplib.SMTPDataError) as refusal:
        send(server, a_mail())
    assert refusal.value.smtp_code == 452


def test_the_server_listens_on_loopback_only(server: InboxServer) -> None:
    assert server.hostname == "127.0.0.1"


def test_an_empty_inbox_is_an_empty_list(tmp_path: Path) -> None:
    assert messages(tmp_path / "nowhere") == []


@pytest.mark.parametrize("name", ["", "..", "../secret_key", "/etc/passwd", "1/../../x", "1\x00", "0" * 300, "文"])
def test_no_name_leads_out_of_the_inbox(tmp_path: Path, name: str) -> None:
    deliver(tmp_path / "inbox", b"Subject: x\r\n\r\nx", sender="", recipient="a@example.org")
    (tmp_path / "secret_key").write_text("secret")
    assert message(tmp_path / "inbox", name) is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00\xff\xfe",
        b"no header at all",
        b"Subject: =?utf-8?b?!!!?=\r\n\r\n",
        b"Content-Type: text/html; charset=nope\r\n\r\nx",
    ],
)
def test_a_mail_that_is_none_is_shown_as_far_as_it_goes(tmp_path: Path, data: bytes) -> None:
    deliver(tmp_path / "inbox", data, sender="", recipient="a@example.org")
    (line,) = messages(tmp_path / "inbox")
    assert message(tmp_path / "inbox", line.id) is not None
