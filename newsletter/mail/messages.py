"""Builds the bytes of a mail from its rendered parts: headers and MIME, assembled directly for speed.

Measured on a digest of ten papers: 0.26 ms here, 2.9 ms by ``email.message.EmailMessage``. It must not decide what a mail says or
who gets it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from dataclasses import dataclass
from email.utils import format_datetime
from functools import lru_cache
from urllib.parse import urlsplit

from newsletter.errors import PermanentError
from newsletter.mail.dkim import DkimSigner
from newsletter.mail.header_text import checked_address, mailbox, recipient_line, split_mailbox, unstructured
from newsletter.mail.rendering.encoding import Rendered
from newsletter.text.characters import one_line
from newsletter.values.mail import OF_PAPERS, MailKind, ReaderLinks

_MESSAGE_ID = re.compile(r"<[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9.\[\]:-]+>")
_URL = re.compile(r"(?:https?|mailto):[!-;=?-~]+")
# A header with an unfolded URL; https://www.rfc-editor.org/rfc/rfc5322#section-2.1.1 allows 998 characters a line.
MOST_URL = 900


@dataclass(frozen=True, slots=True)
class Sender:
    """Who writes, the same for all mails of an installation.

    ``mail_from`` is a bare address or ``Name <address>``; without a name, ``site_name`` stands there. ``contact`` becomes
    Reply-To where it is set.
    """

    mail_from: str
    site_name: str
    base_url: str
    contact: str = ""

    @property
    def list_domain(self) -> str:
        """The domain of From: that of the List-Id and the one that Feedback-ID stands for."""
        return _domain_of(self.mail_from)


def build(
    rendered: Rendered,
    *,
    sender: Sender,
    recipient: str,
    message_id: str,
    date: dt.datetime,
    kind: MailKind,
    links: ReaderLinks | None = None,
    signer: DkimSigner | None = None,
) -> tuple[bytes, ...]:
    """The RFC 5322 message in pieces that are to be joined: CRLF only, lines of at most 998 characters, UTF-8.

    Parts are in base64 but for one that is all ASCII. The same arguments give the same bytes, so that a retry is the same mail.
    ``message_id`` is with or without angle brackets; ``date`` is aware. Mails of papers need ``links`` and are the only ones with
    List-* headers. Signed where ``signer`` is given.

    Raises:
        PermanentError: recipient, From, Message-ID or a link cannot stand in a header; a mail of papers without links.
    """
    identity = _message_id(message_id)
    header = [
        _from_header(sender.mail_from, sender.site_name),
        recipient_line(recipient),
        unstructured("Subject", rendered.subject),
        f"Date: {_date(date)}\r\n",
        f"Message-ID: {identity}\r\n",
        *_reply_to(sender),
        "Auto-Submitted: auto-generated\r\n",
        *(_list_headers(sender, links, date, kind) if kind in OF_PAPERS else ()),
    ]
    message = ("".join(header).encode(), *_alternative(rendered, identity))
    return message if signer is None else (signer.sign(b"".join(message)),)


# Mails of a batch have one date.
@lru_cache(maxsize=64)
def _date(date: dt.datetime) -> str:
    return format_datetime(date.astimezone(dt.UTC))


@lru_cache(maxsize=64)
def _reply_to(sender: Sender) -> tuple[str, ...]:
    if not sender.contact:
        return ()
    name, address = split_mailbox(sender.contact)
    return (mailbox(name, address, header="Reply-To"),)


def _list_headers(sender: Sender, links: ReaderLinks | None, date: dt.datetime, kind: MailKind) -> tuple[str, ...]:
    """List-Id (RFC 2919), List-* (RFC 2369), one click (RFC 8058) and what keeps robots from answering."""
    if links is None:
        raise PermanentError("a mail of papers cannot be built without the reader's links")
    ways = [f"<{_url(links.one_click)}>"]
    if links.unsubscribe_address:
        ways.append(f"<mailto:{checked_address(links.unsubscribe_address)}?subject=unsubscribe>")
    list_id, archive, feedback = _list_identity(sender, date.date(), kind)
    return (
        list_id,
        f"List-Unsubscribe: {', '.join(ways)}\r\n",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
        f"List-Help: <{_url(links.preferences)}>\r\n",
        archive,
        "Precedence: list\r\n",
        feedback,
    )


@lru_cache(maxsize=64)
def _list_identity(sender: Sender, day: dt.date, kind: MailKind) -> tuple[str, str, str]:
    """List-Id, List-Archive and Feedback-ID, which all mails of a day share."""
    domain = sender.list_domain
    # https://support.google.com/a/answer/6254652: up to three names of our own, then 5 to 15 characters that stay the same.
    feedback = hashlib.sha256(domain.encode("ascii")).hexdigest()[:12]
    label = one_line(sender.site_name, 60)
    plain = label if re.fullmatch(r"[A-Za-z0-9 ]+", label) else ""
    return (
        f"List-Id: {plain} <daily.{domain}>\r\n" if plain else f"List-Id: <daily.{domain}>\r\n",
        f"List-Archive: <{_url(f'{sender.base_url}/archive')}>\r\n",
        f"Feedback-ID: {day:%Y%m%d}:{kind}:daily:{feedback}\r\n",
    )


@lru_cache(maxsize=64)
def _domain_of(mail_from: str) -> str:
    return split_mailbox(mail_from)[1].rpartition("@")[2].lower()


@lru_cache(maxsize=64)
def _from_header(mail_from: str, site_name: str) -> str:
    name, address = split_mailbox(mail_from)
    return mailbox(name or site_name, address, header="From")


@lru_cache(maxsize=64)
def _has_host(start: str) -> bool:
    """True where a URL names a host; ``start`` is without its last step, which differs from reader to reader."""
    return bool(urlsplit(start).hostname)


def _url(url: str) -> str:
    """``url`` as it may stand between angle brackets: never encoded, never folded (mail programs then show no button)."""
    if not _URL.fullmatch(url) or len(url) > MOST_URL or not _has_host(url.rpartition("/")[0]):
        raise PermanentError("a link of this mail cannot stand in a header: check BASE_URL")
    return url


def _message_id(text: str) -> str:
    identity = text if text.startswith("<") else f"<{text}>"
    if len(identity) > 250 or not _MESSAGE_ID.fullmatch(identity):
        raise PermanentError(f"{one_line(text, 80)!r} cannot be a Message-ID: it needs the form letters@example.org")
    return identity


def _alternative(rendered: Rendered, identity: str) -> tuple[bytes, ...]:
    """The MIME headers, the blank line and both parts; the last part is the one that mail programs prefer.

    In pieces, which follow the other headers.
    """
    boundary = b"=_" + hashlib.sha256(identity.encode("ascii")).hexdigest()[:32].encode("ascii")
    return (
        b'MIME-Version: 1.0\r\nContent-Type: multipart/alternative;\r\n boundary="' + boundary + b'"\r\n\r\n',
        _part_head(boundary, b"plain", rendered.text_encoding),
        *rendered.text_lines,
        _part_head(boundary, b"html", rendered.html_encoding),
        *rendered.html_lines,
        b"--" + boundary + b"--\r\n",
    )


def _part_head(boundary: bytes, subtype: bytes, encoding: str) -> bytes:
    # "=_" can stand in no base64 line, and nobody who writes a text knows the hash after it: the boundary needs no search.
    head = b"--" + boundary + b"\r\nContent-Type: text/" + subtype + b"; charset=utf-8\r\n"
    return head + b"Content-Transfer-Encoding: " + encoding.encode("ascii") + b"\r\n\r\n"
