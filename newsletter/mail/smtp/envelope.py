"""What a message says to a mail server: the commands that bring it up to its data, and the data with its dots doubled."""

from __future__ import annotations

import re

from newsletter.mail.smtp.replies import Reply, Stage
from newsletter.values.mail import Message

# What would end or bend a command line.
_UNSAFE = re.compile(r"[\x00-\x20<>\x7f]")

Steps = tuple[tuple[Stage, bytes, int], ...]


def steps_of(message: Message, *, smtputf8: bool) -> Steps | Reply:
    """The commands in order, each with its stage and the answer hoped for; the refusal where an address cannot stand in them."""
    if _UNSAFE.search(message.recipient) or _UNSAFE.search(message.envelope_from):
        return Reply(Stage.RCPT, 553, "5.1.3 not an address that can stand in a command")
    options = ""
    if not message.recipient.isascii():
        if not smtputf8:
            return Reply(Stage.RCPT, 553, "5.6.7 this server takes no address outside ASCII")
        options = " SMTPUTF8"
    return (
        (Stage.MAIL, f"MAIL FROM:<{message.envelope_from}>{options}\r\n".encode(), 250),
        (Stage.RCPT, f"RCPT TO:<{message.recipient}>\r\n".encode(), 250),
        (Stage.DATA, b"DATA\r\n", 354),
    )


def stuffed(data: bytes) -> bytes:
    """``data`` with dots at line starts doubled (RFC 5321 4.5.2), ending in CRLF."""
    # Below the header of our mails there is no dot at all, and one byte is looked for far faster than two.
    body = max(0, data.find(b"\r\n\r\n"))
    if data.startswith(b".") or b"\n." in data[: body + 5] or data.find(b".", body) >= 0:
        data = re.sub(rb"(?m)^\.", b"..", data)
    return data if data.endswith(b"\r\n") else data + b"\r\n"
