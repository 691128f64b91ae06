"""The local inbox: a real mail server on loopback that keeps every mail in a Maildir, for trying the service out.

It relays nothing and refuses nobody; whoever can log into this machine can read it. Also a process:
``python -m newsletter.mail.inbox``.
"""

from __future__ import annotations

import email.policy
import itertools
import os
import re
import socket
import time
from asyncio import AbstractServer
from collections.abc import Coroutine
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

LOOPBACK = "127.0.0.1"
# No mail of this service comes near; a runaway one shall not fill the disk.
SIZE_LIMIT = 5_000_000
HEADER_BYTES = 32_768
_counter = itertools.count()


@dataclass(frozen=True, slots=True)
class InboxLine:
    """A mail as a line of the list; ``id`` is the name of its file, ``date`` its Date header as written."""

    id: str
    subject: str
    to: str
    date: str


@dataclass(frozen=True, slots=True)
class InboxMail:
    """A whole mail: its HTML and text parts ("" where it has none) and its headers as they came."""

    id: str
    subject: str
    to: str
    date: str
    html: str
    text: str
    headers: str


def inbox_folder(data_dir: Path) -> Path:
    """Where the Maildir is."""
    return data_dir / "inbox"


def deliver(folder: Path, data: bytes, *, sender: str, recipient: str) -> Path:
    """Puts one mail into the Maildir: written aside and renamed, so that a reader sees a whole mail or none."""
    for part in ("tmp", "new", "cur"):
        (folder / part).mkdir(mode=0o700, parents=True, exist_ok=True)
    name = f"{time.time_ns()}.P{os.getpid()}Q{next(_counter)}.localhost"
    draft = folder / "tmp" / name
    draft.write_bytes(f"Return-Path: <{sender}>\r\nDelivered-To: {recipient}\r\n".encode() + data)
    return draft.rename(folder / "new" / name)


def messages(folder: Path, *, limit: int = 500) -> list[InboxLine]:
    """The newest mails first, at most ``limit``; empty where there is no inbox yet."""
    return [_line(path) for path in sorted(_files(folder), key=lambda path: path.name, reverse=True)[:limit]]


def message(folder: Path, message_id: str) -> InboxMail | None:
    """One mail; None where there is none of that id."""
    if not re.fullmatch(r"[0-9][0-9A-Za-z.:,_-]*", message_id):
        return None
    path = next((path for path in _files(folder) if path.name == message_id), None)
    if path is None:
        return None
    data = path.read_bytes()
    line = _as_line(message_id, _headers_of(data[:HEADER_BYTES]))
    headers = re.split(rb"\r?\n\r?\n", data, maxsplit=1)[0].decode("utf-8", "replace")
    return InboxMail(message_id, line.subject, line.to, line.date, *_parts(data), headers.replace("\r\n", "\n"))


def forget(folder: Path, address: str) -> int:
    """Removes the mails in which ``address`` stands, in whatever case; gives how many."""
    wanted = address.lower().encode()
    found = [path for path in _files(folder) if wanted in path.read_bytes().lower()]
    for path in found:
        path.unlink(missing_ok=True)
    return len(found)


def _files(folder: Path) -> list[Path]:
    return [path for part in ("new", "cur") if (folder / part).is_dir() for path in (folder / part).iterdir() if path.is_file()]


def _line(path: Path) -> InboxLine:
    with path.open("rb") as file:
        return _as_line(path.name, _headers_of(file.read(HEADER_BYTES)))


def _headers_of(data: bytes) -> Message[Any, Any]:
    return BytesHeaderParser(policy=email.policy.default).parsebytes(data)


def _parts(data: bytes) -> tuple[str, str]:
    """The HTML and the text; both empty where parts lie within parts so deeply that the library gives up."""
    try:
        parsed = message_from_bytes(data, policy=email.policy.default)
        assert isinstance(parsed, EmailMessage)
        return _part(parsed, "html"), _part(parsed, "plain")
    except RecursionError:
        return "", ""


def _as_line(message_id: str, parsed: Message[Any, Any]) -> InboxLine:
    return InboxLine(message_id, str(parsed["Subject"] or ""), str(parsed["Delivered-To"] or ""), str(parsed["Date"] or ""))


def _part(parsed: EmailMessage, kind: str) -> str:
    body = parsed.get_body(preferencelist=(kind,))
    if body is None:
        return ""
    payload = body.get_payload(decode=True)
    data = payload if isinstance(payload, bytes) else b""
    try:
        text = data.decode(body.get_content_charset("utf-8"), "replace")
    except LookupError:
        text = data.decode("utf-8", "replace")
    return text.replace("\r\n", "\n")


# ---------------------------------------------------------------- the server


class _Handler:
    """Keeps what comes in; a full disk is a reply that makes the sender try again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: ARG002, N802 - aiosmtpd's names
        data = envelope.content if isinstance(envelope.content, bytes) else (envelope.content or "").encode()
        try:
            for recipient in envelope.rcpt_tos:
                deliver(self._folder, data, sender=envelope.mail_from or "", recipient=recipient)
        except OSError as error:
            return f"452 4.3.1 the inbox cannot be written: {error.strerror}"
        return "250 2.0.0 kept in the local inbox"


class InboxServer(Controller):
    """The mail server in a thread, on loopback only; ``port`` is chosen by the system where it is 0, and known at once."""

    def __init__(self, folder: Path, *, port: int = 0) -> None:
        self._socket = socket.create_server((LOOPBACK, port))
        chosen = self._socket.getsockname()[1]
        super().__init__(
            _Handler(folder),
            hostname=LOOPBACK,
            port=chosen,
            ready_timeout=10,
            data_size_limit=SIZE_LIMIT,
            enable_SMTPUTF8=True,
            ident="local inbox",
        )

    def _create_server(self) -> Coroutine[Any, Any, AbstractServer]:
        return self.loop.create_server(self._factory_invoker, sock=self._socket)


def main() -> None:
    """The process: serves until it is asked to end, on a port of the system's choice that the runtime record tells."""
    from newsletter.operating import runtime
    from newsletter.operating.process import asked_to_end, fail_in_one_line
    from newsletter.settings import load

    ended = asked_to_end()
    with fail_in_one_line():
        data_dir = load().data_dir
        server = InboxServer(inbox_folder(data_dir))
        server.start()
        runtime.record(data_dir, runtime.INBOX, address=f"{LOOPBACK}:{server.port}")
        ended.wait()
        runtime.forget(data_dir, runtime.INBOX)
        server.stop()


if __name__ == "__main__":
    main()
