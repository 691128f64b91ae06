"""smtplib's client with two limits: an answer has at most so many lines, and another thread can shut a connection down.

Nothing here knows of messages.
"""

from __future__ import annotations

import smtplib
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any, BinaryIO

from newsletter.errors import TemporaryError

# RFC 5321 4.2.1 sets no limit; the longest answer, that to EHLO, has a line for each extension.
MOST_REPLY_LINES = 200
# The text of a `Reply` where the server said nothing within the time-out.
NO_ANSWER_IN_TIME = "no answer in time"

# The type of a connection that is being opened; only this module and `transaction` import smtplib.
Client = smtplib.SMTP


class ConnectionRefused(TemporaryError):
    """A mail server that was reached lets us not in: it refuses the connection, the greeting or the login with ``code``."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


class _LimitedLines:
    """The lines that a server sends; raises OSError where one answer has more than ``left`` of them."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.left = MOST_REPLY_LINES

    def readline(self, size: int) -> bytes:
        self.left -= 1
        if self.left < 0:
            raise OSError("an answer without end")
        return self._file.readline(size)

    def close(self) -> None:
        self._file.close()


class BoundedSmtp(smtplib.SMTP):
    """smtplib's client, which by itself reads lines of one answer without end; here `MOST_REPLY_LINES` end it.

    ``on_created`` is called with the client before it connects, so that another thread can `shut_down` it while it connects.
    """

    def __init__(self, *args: Any, on_created: Callable[[smtplib.SMTP], None], **kwargs: Any) -> None:
        self.sock = None
        on_created(self)
        super().__init__(*args, **kwargs)

    def getreply(self) -> tuple[int, bytes]:
        if self.sock is not None:
            lines = self.file if isinstance(self.file, _LimitedLines) else _LimitedLines(self.sock.makefile("rb"))
            lines.left = MOST_REPLY_LINES
            self.file = lines
        return super().getreply()


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
