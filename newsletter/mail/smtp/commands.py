"""The SMTP commands of a message up to its data, and the data in the form that SMTP sends it."""

from __future__ import annotations

import re

from newsletter.mail.smtp.replies import Reply, Stage
from newsletter.values.mail import Message

# Characters that would end a command line or change its meaning.
_UNSAFE = re.compile(r"[\x00-\x20<>\x7f]")

# Each command with its stage and the code of the answer that lets the next one be sent.
Commands = tuple[tuple[Stage, bytes, int], ...]


def commands_for(message: Message, *, smtputf8: bool) -> Commands | Reply:
    """The commands in order; a `Reply` that refuses the recipient where an address cannot stand in a command."""
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


def dot_stuffed(message: Message) -> bytes:
    """The whole message with dots at line starts doubled (RFC 5321 4.5.2), ending in CRLF."""
    # Here its pieces are joined, and not before: sending them as they are, by one call, was slower.
    data = message.data if message.dotless else re.sub(rb"(?m)^\.", b"..", message.data)
    return data if data.endswith(b"\r\n") else data + b"\r\n"
