"""The ways by which bounces come in by themselves: each message is acted on, marked as read after that, and never lost."""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from pathlib import Path

import pytest

from newsletter.bootstrap import Services
from newsletter.errors import InputError, SettingsError, TemporaryError
from newsletter.mail.inbox import deliver
from newsletter.settings import load
from newsletter.subscribers import bounce_inlets
from newsletter.subscribers.store import bounces as bounces_store
from tests.factories import NOW
from tests.mail.bounces.imap_server import Mailbox
from tests.mail.bounces.samples import dsn
from tests.subscribers.test_bounces import mailed, reader, stands

Make = Callable[..., Services]


def look(services: Services) -> int:
    return bounce_inlets.read_mailbox(services, now=lambda: NOW)


def count(services: Services) -> int:
    with services.database.reading() as session:
        return len(bounces_store.bounces(session))


def test_a_maildir_is_read_once_and_keeps_its_messages(sqlite_url: str, make_services: Make, tmp_path: Path) -> None:
    services = make_services(sqlite_url, BOUNCE_DOMAIN="b.example.org", BOUNCE_MAILBOX=str(tmp_path / "box"))
    subscriber = reader(services)
    _, address = mailed(services, subscriber)
    deliver(tmp_path / "box", dsn(to=address), sender="", recipient=address)
    assert (look(services), look(services)) == (1, 0)
    assert stands(services, subscriber) == ("bounced", True)
    (kept,) = (tmp_path / "box" / "cur").iterdir()
    assert kept.name.endswith(":2,S")


def test_what_was_acted_on_and_not_marked_counts_once(sqlite_url: str, make_services: Make, tmp_path: Path) -> None:
    services = make_services(sqlite_url, BOUNCE_DOMAIN="b.example.org", BOUNCE_MAILBOX=str(tmp_path / "box"))
    _, address = mailed(services, reader(services))
    path = deliver(tmp_path / "box", dsn(to=address, status="5.2.2", said="552 5.2.2 full"), sender="", recipient=address)
    bounce_inlets.take_message(services, path.read_bytes(), origin="maildir", now=NOW)
    assert (look(services), count(services)) == (1, 1)


def test_a_folder_that_is_no_maildir_is_named(sqlite_url: str, make_services: Make, tmp_path: Path) -> None:
    services = make_services(sqlite_url, BOUNCE_MAILBOX=str(tmp_path / "nothing"))
    with pytest.raises(InputError, match="nothing is no Maildir"):
        look(services)


def test_a_mailbox_of_imap_is_read_and_its_messages_marked(sqlite_url: str, make_services: Make) -> None:
    services = make_services(sqlite_url, BOUNCE_DOMAIN="b.example.org")
    subscriber = reader(services)
    _, address = mailed(services, subscriber)
    with Mailbox({7: dsn(to=address), 9: b"Subject: hello\r\n\r\nhello\r\n"}) as mailbox:
        services = make_services(sqlite_url, BOUNCE_MAILBOX=f"imap://bounces:secret@127.0.0.1:{mailbox.port}/INBOX")
        assert (look(services), look(services)) == (2, 0)
        assert mailbox.seen == {7, 9}
        wrong = make_services(sqlite_url, BOUNCE_MAILBOX=f"imap://bounces:wrong@127.0.0.1:{mailbox.port}/INBOX")
        with pytest.raises(TemporaryError, match=r"the mailbox at 127\.0\.0\.1"):
            look(wrong)
    assert stands(services, subscriber) == ("bounced", True)


def test_what_comes_by_lmtp_is_stored_before_it_is_answered(sqlite_url: str, make_services: Make) -> None:
    services = make_services(sqlite_url, BOUNCE_DOMAIN="b.example.org", BOUNCE_LMTP="0")
    subscriber = reader(services)
    _, address = mailed(services, subscriber)
    server = bounce_inlets.listen(services, now=lambda: NOW)
    try:
        with smtplib.LMTP("127.0.0.1", server.port) as client:
            # The envelope alone says whose it is.
            client.sendmail("", [address], dsn(to="postmaster@b.example.org"))
            assert stands(services, subscriber) == ("bounced", True)
            services.database.close()
    finally:
        server.stop()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BOUNCE_MAILBOX", "var/mail"),
        ("BOUNCE_MAILBOX", "imaps://mail.example.org"),
        ("BOUNCE_MAILBOX", "pop3://a:b@mail.example.org"),
        ("BOUNCE_LMTP", "mail"),
        ("BOUNCE_LMTP", "127.0.0.1:99999"),
        ("BOUNCE_HOOK_KEY", "short"),
        ("SES_TOPIC_ARN", "bounces"),
    ],
)
def test_a_way_in_that_cannot_be_right_is_named(name: str, value: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=name):
        load({"DATA_DIR": str(tmp_path), name: value})
