"""The checks of `newsletter doctor` that are about mail: relays, sender, signature, records. They send nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from email.utils import parseaddr
from typing import TYPE_CHECKING

from newsletter.errors import NewsletterError
from newsletter.operating.doctor.findings import Finding, fail, ok, warn
from newsletter.settings import Settings

if TYPE_CHECKING:
    from newsletter.mail.dkim import DkimSigner


def mail(settings: Settings, _: dt.datetime) -> Iterator[Finding]:
    """Whether each relay greets and lets us in."""
    from newsletter.mail.smtp.mends import mend_of
    from newsletter.mail.smtp.transaction import open_connection

    if settings.local_inbox:
        yield warn("mail", "goes to the local inbox, to nobody else", "set SMTP_URL to send in earnest")
        return
    for server in settings.smtp_servers:
        where = f"{server.host}:{server.port}"
        try:
            open_connection(server, _domain(settings.mail_from)).close()
        except NewsletterError as error:
            yield fail("mail", str(error), mend_of(str(error), getattr(error, "code", 0)))
        else:
            yield ok("mail", f"{where} greets and lets us in")


def sender(settings: Settings, _: dt.datetime) -> Iterator[Finding]:
    """Whether MAIL_FROM and BOUNCE_DOMAIN can be aligned (DMARC)."""
    domain = _domain(settings.mail_from)
    if settings.local_inbox:
        return
    if "." not in domain:
        yield fail("sender", f"MAIL_FROM is at {domain!r}", "set MAIL_FROM to an address of a domain of yours")
        return
    if settings.bounce_domain and not _aligned(settings.bounce_domain, domain):
        mend = f"use a name under {domain}"
        yield warn("sender", f"BOUNCE_DOMAIN is not of {domain}, so SPF does not align (DMARC)", mend)
    else:
        yield ok("sender", f"From is at {domain}")


def dkim(settings: Settings, _: dt.datetime) -> Iterator[Finding]:
    """Whether mails are signed for the domain that they are from."""
    if not settings.dkim_key_file:
        if not settings.local_inbox:
            yield warn("dkim", "we do not sign", "let the mail server sign, or set DKIM_KEY_FILE")
        return
    domain = _domain(settings.mail_from)
    if _signer(settings) and _aligned(settings.dkim_domain, domain):
        yield ok("dkim", f"signs for {settings.dkim_domain}")
    else:
        yield fail("dkim", f"DKIM_DOMAIN {settings.dkim_domain} is not that of MAIL_FROM (DMARC)", f"sign for {domain}")


def _signer(settings: Settings) -> DkimSigner | None:
    from newsletter.mail.dkim import load_signer

    return load_signer(domain=settings.dkim_domain, selector=settings.dkim_selector, key_file=settings.dkim_key_file)


def dns(settings: Settings, _: dt.datetime) -> Iterator[Finding]:
    """What the records of the sender's domain say."""
    from newsletter.desk.first_evening import seen_in_dns

    if not settings.local_inbox and "." in _domain(settings.mail_from):
        yield from seen_in_dns(settings)


def _domain(address: str) -> str:
    return parseaddr(address)[1].rpartition("@")[2].lower()


def _aligned(domain: str, sender: str) -> bool:
    """Relaxed alignment (RFC 7489 3.1.1), as far as it can be told without the list of public suffixes."""
    domain, sender = domain.lower(), sender.lower()
    return domain == sender or domain.endswith(f".{sender}") or sender.endswith(f".{domain}")
