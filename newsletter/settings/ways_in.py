"""The settings of the ways by which bounces come in: a mailbox, an LMTP port, the topic of a provider."""

from __future__ import annotations

import re
from urllib.parse import unquote

from newsletter.settings.forms import split_url
from newsletter.settings.hosts import is_host

ARN = re.compile(r"arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}")


def mailbox(text: str) -> str:
    """A Maildir by its whole path, or a folder by IMAP."""
    if "://" not in text:
        if not text.startswith("/"):
            raise ValueError("give the whole path of a Maildir, or imaps://user:password@host/INBOX")
        return text
    parts = split_url(text, "imap", "imaps")
    if not is_host(parts.hostname or "") or not parts.username or parts.password is None:
        raise ValueError("give host and login, such as imaps://user:password@mail.example.org/INBOX")
    if any(ord(letter) < 32 for letter in unquote(text)):
        raise ValueError("give it without control characters")
    return text


def address_and_port(text: str) -> str:
    """Where to listen as ``host:port``; a port alone is one of loopback."""
    host, _, port = text.rpartition(":")
    host = host.strip("[]") or "127.0.0.1"
    if not re.fullmatch(r"\d{1,5}", port, re.ASCII) or int(port) > 65_535 or not (is_host(host) or ":" in host):
        raise ValueError("give an address to listen at, such as 127.0.0.1:2424")
    return f"{host}:{port}"


def topic_arn(text: str) -> str:
    """The topic of Amazon SNS whose messages are believed."""
    if not ARN.fullmatch(text):
        raise ValueError("give the ARN of the topic, such as arn:aws:sns:eu-west-1:123456789012:bounces")
    return text
