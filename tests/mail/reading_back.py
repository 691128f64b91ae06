"""Building a mail and reading it back, for the tests of messages."""

from __future__ import annotations

import email
import email.policy
import re
from email.message import EmailMessage, Message

from newsletter.mail.dkim import DkimSigner
from newsletter.mail.messages import Sender, build
from newsletter.mail.rendering.encoding import Rendered
from newsletter.values.mail import MailKind, ReaderLinks
from tests.mail.samples import LINKS, WHEN

SENDER = Sender("papers@example.org", "Paper Morning", "https://papers.example.org")
WORDS = Rendered.of(
    "12 papers · Nov 20", "<!doctype html>\n<html><body><p>扩散模型 and more</p></body></html>\n", "扩散模型\nand more\n"
)
MESSAGE_ID = "<7.kU3nB0a1c2D4@example.org>"


def made(
    rendered: Rendered = WORDS,
    *,
    kind: MailKind = MailKind.DIGEST,
    sender: Sender = SENDER,
    recipient: str = "reader@example.net",
    links: ReaderLinks | None = LINKS,
    message_id: str = MESSAGE_ID,
    signer: DkimSigner | None = None,
) -> bytes:
    pieces = build(
        rendered, sender=sender, recipient=recipient, message_id=message_id, date=WHEN, kind=kind, links=links, signer=signer
    )
    return b"".join(pieces)


def parsed(data: bytes) -> EmailMessage:
    """The message, after the checks that hold for any mail of ours, through both policies."""
    check_lines(data)
    old: Message = email.message_from_bytes(data, policy=email.policy.compat32)
    new = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(new, EmailMessage)
    for message in (old, new):
        assert not message.defects
        assert len(message.keys()) == len({name.lower() for name in message})
        assert [part.get_content_type() for part in message.walk()] == ["multipart/alternative", "text/plain", "text/html"]
        assert all(not part.defects for part in message.walk())
    for value in new.values():
        assert not value.defects, value
    return new


def check_lines(data: bytes) -> None:
    assert b"\0" not in data
    assert data.isascii()
    assert not re.search(rb"\r(?!\n)|(?<!\r)\n", data)
    assert data.endswith(b"\r\n")
    header, _, body = data.partition(b"\r\n\r\n")
    assert all(len(line) <= 76 for line in body.split(b"\r\n"))
    for line in header.split(b"\r\n"):
        assert len(line) <= (998 if line.startswith((b"List-", b"DKIM", b" ")) or b"@" in line else 76), line
        assert all(len(word) <= 75 for word in re.findall(rb"=\?[^ ]*\?=", line))
        if b"=?" in line:
            assert len(line) <= 76


def part(message: EmailMessage, subtype: str) -> str:
    found = message.get_body((subtype,))
    assert found is not None
    return str(found.get_content()).replace("\r\n", "\n")
