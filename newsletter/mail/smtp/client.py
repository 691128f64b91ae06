"""smtplib's client within bounds: answers of so many lines at most, and a connection that another thread can cut.

Nothing here knows of messages.
"""

from __future__ import annotations

import smtplib
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any, BinaryIO

# RFC 5321 4.2.1 sets no limit; the longest answer, that to EHLO, has a line for each extension.
MOST_REPLY_LINES = 200
# Silence as it is told in a `Reply`.
SILENT = "no answer in time"

# The rest of the package names a connection being opened by this.
Client = smtplib.SMTP


class _Lines:
    """A connection's answers, line by line, until one answer has too many of them."""

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


class Bounded(smtplib.SMTP):
    """smtplib reads an answer of many lines for as long as its lines come, however many.

    ``born`` is told of the client before it connects, so that another thread can `cut` it while it waits.
    """

    def __init__(self, *args: Any, born: Callable[[smtplib.SMTP], None], **kwargs: Any) -> None:
        self.sock = None
        born(self)
        super().__init__(*args, **kwargs)

    def getreply(self) -> tuple[int, bytes]:
        if self.sock is not None:
            lines = self.file if isinstance(self.file, _Lines) else _Lines(self.sock.makefile("rb"))
            lines.left = MOST_REPLY_LINES
            self.file = lines
        return super().getreply()


class BoundedSsl(Bounded, smtplib.SMTP_SSL):
    """The same over TLS from the first byte."""


def cut(client: smtplib.SMTP) -> None:
    """Hangs up on ``client`` from another thread."""
    sock = client.sock
    if sock is not None:
        with suppress(OSError):
            # The plain socket's own: that of a TLS socket would take away what the waiting thread is reading with.
            socket.socket.shutdown(sock, socket.SHUT_RDWR)


def reason_of(error: Exception) -> str:
    # smtplib says "closed" where nothing came in time.
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return SILENT
    text = str(error).replace("\r", " ").replace("\n", " ").strip()
    return text[:200] or type(error).__name__
