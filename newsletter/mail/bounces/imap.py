"""A mailbox of IMAP that bounces come to: what was not read yet, marked as read one by one. It deletes nothing."""

from __future__ import annotations

import imaplib
import ssl
from collections.abc import Callable
from urllib.parse import unquote, urlsplit

from newsletter.errors import TemporaryError
from newsletter.mail.bounces.reading import MOST_BYTES

# Seconds for each answer, and messages in one go: the next look takes the others.
PATIENCE, AT_ONCE = 30.0, 200
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def read_unread(url: str, take: Callable[[bytes], None]) -> int:
    """Gives each unread message of the mailbox at ``url`` to ``take``, and marks it as read after that; gives how many.

    Raises TemporaryError where it cannot be reached or does not let us in; what ``take`` raises leaves that message unread.
    """
    parts = urlsplit(url)
    where = f"the mailbox at {parts.hostname}"
    try:
        client = _connect(url)
    except (OSError, imaplib.IMAP4.error) as error:
        raise TemporaryError(f"{where} cannot be reached: {error}") from error
    try:
        client.login(unquote(parts.username or ""), unquote(parts.password or ""))
        folder = unquote(parts.path.strip("/")) or "INBOX"
        if client.select(_quoted(folder))[0] != "OK":
            raise TemporaryError(f"{where} has no folder {folder}")
        return _read(client, take)
    except (OSError, imaplib.IMAP4.error) as error:
        raise TemporaryError(f"{where}: {error}") from error
    finally:
        try:
            client.logout()
        except (OSError, imaplib.IMAP4.error):
            client.shutdown()


def _connect(url: str) -> imaplib.IMAP4:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "imaps":
        return imaplib.IMAP4_SSL(host, parts.port or 993, ssl_context=ssl.create_default_context(), timeout=PATIENCE)
    client = imaplib.IMAP4(host, parts.port or 143, timeout=PATIENCE)
    if host not in LOOPBACK:
        client.starttls(ssl.create_default_context())
    return client


def _read(client: imaplib.IMAP4, take: Callable[[bytes], None]) -> int:
    status, found = client.uid("SEARCH", "UNSEEN")
    numbers = found[0].split()[:AT_ONCE] if status == "OK" and found and found[0] else []
    for number in numbers:
        _, parts = client.uid("FETCH", number.decode("ascii"), f"(BODY.PEEK[]<0.{MOST_BYTES}>)")
        data = next((part[1] for part in parts if isinstance(part, tuple)), b"")
        if data:
            take(data)
        client.uid("STORE", number.decode("ascii"), "+FLAGS.SILENT", "(\\Seen)")
    return len(numbers)


def _quoted(folder: str) -> str:
    return '"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"'
