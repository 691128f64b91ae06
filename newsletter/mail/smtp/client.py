"""smtplib's client with two limits: an answer has at most so many lines, and another thread can shut a connection down.

Nothing here knows of messages.
"""

from __future__ import annotations

import smtplib
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from newsletter.errors import TemporaryError

# RFC 5321 4.2.1 sets no limit; the longest answer, that to EHLO, has a line for each extension.
MOST_REPLY_LINES = 200
# Bytes; RFC 5321 4.5.3.1.5 allows 512.
MOST_LINE = 8192
# The text of a `Reply` where the server said nothing within the time-out.
NO_ANSWER_IN_TIME = "no answer in time"

# The type of a connection that is being opened; only this module and `transaction` import smtplib.
Client = smtplib.SMTP


class ConnectionRefused(TemporaryError):
    """A mail server that was reached lets us not in: it refuses the connection, the greeting or the login with ``code``."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


class BoundedSmtp(smtplib.SMTP):
    """smtplib's client, which by itself reads lines of one answer without end; here `MOST_REPLY_LINES` end it.

    It reads a short answer in a third of the time too: four of them come with each mail.

    ``on_created`` is called with the client before it connects, so that another thread can `shut_down` it while it connects.
    """

    def __init__(self, *args: Any, on_created: Callable[[smtplib.SMTP], None], **kwargs: Any) -> None:
        self.sock = None
        on_created(self)
        super().__init__(*args, **kwargs)

    def getreply(self) -> tuple[int, bytes]:
        """The next answer: its code, -1 where a line begins with none, and its lines. Raises SMTPException as smtplib's own."""
        if self.file is None and self.sock is not None:
            self.file = self.sock.makefile("rb")
        texts: list[bytes] = []
        while True:
            line = self._read_line()
            texts.append(line[4:].strip(b" \t\r\n"))
            code = int(line[:3]) if line[:3].isdigit() else -1
            if code < 0 or line[3:4] != b"-":
                return code, texts[0] if len(texts) == 1 else b"\n".join(texts)
            if len(texts) == MOST_REPLY_LINES:
                self.close()
                raise smtplib.SMTPServerDisconnected("an answer without end")

    def _read_line(self) -> bytes:
        assert self.file is not None
        try:
            line: bytes = self.file.readline(MOST_LINE + 1)
        except OSError as error:
            self.close()
            raise smtplib.SMTPServerDisconnected(f"Connection unexpectedly closed: {error}") from error
        if not line or len(line) > MOST_LINE:
            self.close()
            raise smtplib.SMTPServerDisconnected("a line without end" if line else "Connection unexpectedly closed")
        return line


class BoundedSmtpSsl(BoundedSmtp, smtplib.SMTP_SSL):
    """The same over TLS from the first byte."""


def shut_down(client: smtplib.SMTP) -> None:
    """Ends the connection of ``client`` from another thread: the thread that waits on it gets an error at once."""
    sock = client.sock
    if sock is not None:
        with suppress(OSError):
            # The plain socket's method: that of a TLS socket drops its TLS state, which the waiting thread is reading with.
            socket.socket.shutdown(sock, socket.SHUT_RDWR)


def reason_of(error: Exception) -> str:
    """Why a connection failed, in at most 200 characters on one line; `NO_ANSWER_IN_TIME` for a time-out."""
    # smtplib raises "connection closed" for a time-out, with the time-out as its context.
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return NO_ANSWER_IN_TIME
    text = str(error).replace("\r", " ").replace("\n", " ").strip()
    return text[:200] or type(error).__name__
