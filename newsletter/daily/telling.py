"""Tells an operator what broke and what is well again: by mail past the ledger, by a webhook, and by a ping after a good day.

A relay that refuses us cannot carry the news of it: ALARM_SMTP_URL and ALARM_URL are ways of their own.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid, parseaddr
from typing import TYPE_CHECKING

import requests
import structlog

from newsletter.errors import NewsletterError
from newsletter.mail.smtp.transaction import open_connection
from newsletter.values.mail import Message

if TYPE_CHECKING:
    from newsletter.bootstrap import Services

log = structlog.get_logger(__name__)

SECONDS = 10


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody is told: ``kind`` broke at ``since``, and is well again since ``ended_at`` where that is set."""

    kind: str
    words: str
    since: dt.datetime
    ended_at: dt.datetime | None

    @property
    def is_well(self) -> bool:
        """True where it is over."""
        return self.ended_at is not None

    @property
    def text(self) -> str:
        """What happened, in a few lines."""
        if self.ended_at is None:
            return f"{self.words}\n\nSeen at {self.since:%Y-%m-%d %H:%M} UTC. One more message follows when it is well again."
        lasted = self.ended_at - self.since
        return (
            f"Well again since {self.ended_at:%Y-%m-%d %H:%M} UTC, after {lasted.total_seconds() / 60:.0f} minutes: {self.words}"
        )


def tell(services: Services, message: Told, *, now: dt.datetime) -> bool:
    """Tells by every way that is set; True where one of them worked, or none is set and the log has to do."""
    alarms = services.settings.alarms
    recipient = alarms.email or parseaddr(services.settings.contact_email)[1]
    worked = [_mail(services, message, recipient, now=now)] if recipient else []
    if url := alarms.url.get_secret_value():
        worked.append(_post(url, services.settings.site_name, message))
    return not worked or any(worked)


def _mail(services: Services, message: Told, recipient: str, *, now: dt.datetime) -> bool:
    sender = parseaddr(services.settings.mail_from)[1]
    mail = EmailMessage()
    mail["From"], mail["To"] = services.settings.mail_from, recipient
    mail["Subject"] = f"[{services.settings.site_name}] {'well again' if message.is_well else 'alarm'}: {message.kind}"
    mail["Date"], mail["Message-ID"] = format_datetime(now), make_msgid(domain=services.mail_domain)
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(f"{message.text}\n\n{services.settings.base_url}/admin\n")
    data = mail.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    try:
        signer = services.dkim
        ready = Message(0, sender, parseaddr(recipient)[1], (signer.sign(data) if signer else data,))
        servers = services.settings.alarms.smtp_servers or services.smtp_servers()
    except NewsletterError as error:
        log.warning("alarm not mailed", problem=str(error))
        return False
    for server in servers:
        try:
            connection = open_connection(server, services.mail_domain, connect_timeout=SECONDS, patience=SECONDS)
        except NewsletterError as error:
            log.warning("alarm not mailed", problem=str(error))
            continue
        reply = connection.prepare(ready) or connection.send_dot() or connection.read_answer()
        connection.close()
        if reply.accepted:
            return True
        log.warning("alarm not mailed", problem=f"{reply.code} {reply.text}")
    return False


def _post(url: str, site: str, message: Told) -> bool:
    """A JSON object by POST; ``text`` is what chats show (Slack, Mattermost and their like read it)."""
    state = "well" if message.is_well else "broken"
    said = {
        "site": site,
        "alarm": message.kind,
        "state": state,
        "since": message.since.isoformat(),
        "text": f"{site}: {'well again' if message.is_well else 'alarm'}: {message.kind}. {message.text}",
    }
    try:
        answer = requests.post(url, json=said, timeout=SECONDS, allow_redirects=False)
    except requests.RequestException as error:
        # The URL is a secret, and stands in the error's text.
        log.warning("alarm not posted", problem=type(error).__name__)
        return False
    if answer.status_code >= 300:
        log.warning("alarm not posted", status=answer.status_code)
    return answer.status_code < 300


def ping(url: str) -> bool:
    """Asks ``url``; False where it does not answer well."""
    try:
        return requests.get(url, timeout=SECONDS).status_code < 400
    except requests.RequestException as error:
        log.warning("ping failed", problem=type(error).__name__)
        return False
