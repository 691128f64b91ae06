"""A test mail: one short mail by each mail server, signed and sent as any other, but in no ledger."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid, parseaddr

from newsletter.errors import NewsletterError
from newsletter.mail.dkim import load_signer
from newsletter.mail.smtp.transaction import open_connection
from newsletter.operating.doctor.findings import Finding, fail, ok
from newsletter.settings import Settings, SmtpServer
from newsletter.subscribers.addresses import normalise
from newsletter.values.mail import Message


def send(settings: Settings, address: str, *, now: dt.datetime) -> Iterator[Finding]:
    """What became of the mail at each server. Raises InputError where ``address`` is none, or no mail server is set."""
    recipient = normalise(address).email
    sender = parseaddr(settings.mail_from)[1]
    message = Message(0, sender, recipient, (_data(settings, recipient, now=now),))
    if not settings.smtp_servers:
        yield fail("test mail", "no mail server is set", "set SMTP_URL")
    for server in settings.smtp_servers:
        yield _sent(server, message, hostname=sender.rpartition("@")[2])


def _data(settings: Settings, recipient: str, *, now: dt.datetime) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = settings.mail_from, recipient, f"{settings.site_name}: a test mail"
    mail["Date"], mail["Message-ID"] = (
        format_datetime(now),
        make_msgid(domain=parseaddr(settings.mail_from)[1].rpartition("@")[2]),
    )
    mail.set_content(f"This mail tries out how mail leaves. Links lead to {settings.base_url}\n")
    data = mail.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    signer = load_signer(domain=settings.dkim_domain, selector=settings.dkim_selector, key_file=settings.dkim_key_file)
    return signer.sign(data) if signer else data


def _sent(server: SmtpServer, message: Message, *, hostname: str) -> Finding:
    where = f"{server.host}:{server.port}"
    try:
        connection = open_connection(server, hostname)
    except NewsletterError as error:
        return fail("test mail", str(error), "see the line about mail above")
    try:
        reply = connection.prepare(message) or connection.send_dot() or connection.read_answer()
    finally:
        connection.close()
    said = f"{reply.code} {reply.text}".strip()
    if reply.accepted:
        return ok("test mail", f"taken by {where}: {said}")
    return fail("test mail", f"refused by {where}: {said}", "do what the reply says; look for the reply in docs/delivery.md")
