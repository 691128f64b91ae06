"""What receivers see of the sender in DNS: SPF, DKIM, DMARC, MX, PTR. Asks a resolver, changes nothing.

https://support.google.com/a/answer/81126 and its like refuse bulk mail without SPF, DKIM and DMARC.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import dns.exception
import dns.resolver
import dns.reversename

from newsletter.operating.doctor.findings import Finding, fail, ok, warn

if TYPE_CHECKING:
    from dns.resolver import Resolver

SECONDS = 5.0
# Providers of mailboxes whose DMARC has mail refused that says it is from them and comes from elsewhere.
FREEMAIL = frozenset((
    "gmail.com", "googlemail.com", "yahoo.com", "ymail.com", "aol.com", "outlook.com", "hotmail.com", "live.com", "msn.com",
    "icloud.com", "me.com", "mac.com", "gmx.de", "gmx.net", "gmx.com", "web.de", "t-online.de", "freenet.de", "mail.ru",
    "yandex.ru", "yandex.com", "bk.ru", "list.ru", "inbox.ru", "qq.com", "foxmail.com", "163.com", "126.com", "sina.com",
    "naver.com", "daum.net", "proton.me", "protonmail.com", "zoho.com", "orange.fr", "laposte.net", "libero.it",
))  # fmt: skip
# https://www.rfc-editor.org/rfc/rfc8301#section-3.2
LEAST_BITS, GOOD_BITS = 1024, 2048


@dataclass(frozen=True, slots=True)
class Sender:
    """Whose mail is looked at. ``envelope`` is the domain of the envelope sender, ``key`` the public key that signs, or b""."""

    domain: str
    envelope: str
    relays: tuple[str, ...] = ()
    dkim_domain: str = ""
    selector: str = ""
    key: bytes = b""
    bits: int = 0


class NotToldError(Exception):
    """The resolver gave no answer, so that nothing can be said."""


def default_resolver() -> Resolver:
    """The system's resolver. Raises NotToldError where there is none."""
    try:
        resolver = dns.resolver.Resolver()
    except dns.exception.DNSException as error:
        raise NotToldError(str(error)) from error
    resolver.lifetime = SECONDS
    return resolver


def examine(sender: Sender, resolver: Resolver) -> Iterator[Finding]:
    """All findings about ``sender``; a question that gets no answer is one of them."""
    if sender.domain in FREEMAIL:
        mend = "set MAIL_FROM to an address of a domain of yours: their rules have such mail refused"
        yield fail("sender", f"MAIL_FROM is at {sender.domain}, a provider of mailboxes", mend)
    for check in (_spf, _dkim, _dmarc, _mx, _ptr):
        try:
            yield from check(sender, resolver)
        except NotToldError as error:
            mend = "look at this machine's resolver (/etc/resolv.conf), and look again"
            yield warn(check.__name__.strip("_"), f"not known: DNS does not answer ({error})", mend)


def _ask(resolver: Resolver, name: str, kind: str) -> list[str]:
    try:
        answer = resolver.resolve(name, kind, raise_on_no_answer=False)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except (dns.exception.DNSException, OSError, UnicodeError) as error:
        raise NotToldError(f"{name}: {type(error).__name__}") from error
    if kind == "TXT":
        return [b"".join(record.strings).decode("utf-8", "replace") for record in answer]
    return [str(record) for record in answer]


def _spf(sender: Sender, resolver: Resolver) -> Iterator[Finding]:
    found = [text for text in _ask(resolver, sender.envelope, "TXT") if re.match(r"v=spf1(\s|$)", text, re.IGNORECASE)]
    record = f'a TXT record "v=spf1 include:… ~all" at {sender.envelope}, with what the mail server\'s operator says'
    if not found:
        yield warn("spf", f"{sender.envelope} (the envelope sender's domain) has no SPF record", f"publish {record}")
    elif len(found) > 1:
        yield fail("spf", f"{sender.envelope} has {len(found)} SPF records, which counts as none", f"keep one: {record}")
    elif re.search(r"\s\+?all\b", found[0], re.IGNORECASE):
        yield warn("spf", f"{sender.envelope} lets the whole world send (+all)", "end the record with ~all or -all")
    else:
        yield ok("spf", f"{sender.envelope}: {found[0][:150]}")


def _dkim(sender: Sender, resolver: Resolver) -> Iterator[Finding]:
    if not sender.key:
        return
    name = f"{sender.selector}._domainkey.{sender.dkim_domain}"
    kind = "ed25519" if sender.bits == 256 else "rsa"
    record = f'a TXT record at {name}: "v=DKIM1; k={kind}; p={base64.b64encode(sender.key).decode("ascii")}"'
    if kind == "rsa" and sender.bits < GOOD_BITS:
        say = fail if sender.bits < LEAST_BITS else warn
        yield say("dkim", f"the key has {sender.bits} bits", f"make one of {GOOD_BITS}, and publish it")
    keys = [_tags(text).get("p") for text in _ask(resolver, name, "TXT")]
    published = ["".join(key.split()) for key in keys if key is not None]
    if not published:
        yield fail("dkim", f"{name} has no key, so that every signature fails", f"publish {record}")
    elif not any(published):
        yield fail("dkim", f"the key at {name} is revoked (empty)", f"publish {record}")
    elif not any(_same_key(key, sender.key) for key in published):
        yield fail("dkim", f"the key at {name} is not that of DKIM_KEY_FILE", f"publish {record}")
    else:
        yield ok("dkim", f"the key at {name} is ours ({kind}, {sender.bits} bits)")


def _same_key(text: str, key: bytes) -> bool:
    try:
        found = base64.b64decode(text)
    except ValueError:
        return False
    # Some publish the two numbers alone, which end the whole (RFC 6376 3.6.1 allows both).
    return found == key or (len(found) > 100 and key.endswith(found))


def _tags(text: str) -> dict[str, str]:
    parts = (part.partition("=") for part in text.split(";"))
    return {name.strip().lower(): value.strip() for name, _, value in parts if name.strip()}


def _dmarc(sender: Sender, resolver: Resolver) -> Iterator[Finding]:
    labels = sender.domain.split(".")
    for start in range(len(labels) - 1):
        domain = ".".join(labels[start:])
        found = [text for text in _ask(resolver, f"_dmarc.{domain}", "TXT") if text.lower().startswith("v=dmarc1")]
        if len(found) > 1:
            yield warn("dmarc", f"_dmarc.{domain} has {len(found)} records, which counts as none", "keep one of them")
            return
        if found:
            yield ok("dmarc", f"_dmarc.{domain} asks for {_tags(found[0]).get('p', 'nothing')}")
            return
    mend = f'publish a TXT record at _dmarc.{sender.domain}: "v=DMARC1; p=none; rua=mailto:…"'
    yield warn("dmarc", f"{sender.domain} has no DMARC record, which the great providers ask of bulk mail", mend)


def _mx(sender: Sender, resolver: Resolver) -> Iterator[Finding]:
    for domain in dict.fromkeys((sender.envelope, sender.domain)):
        found = [mx.partition(" ")[2].rstrip(".") for mx in _ask(resolver, domain, "MX")]
        if found == [""]:
            yield warn(
                "mx", f"{domain} says that it takes no mail (null MX)", "answers and bounces are lost: publish an MX record"
            )
        elif found or _ask(resolver, domain, "A") or _ask(resolver, domain, "AAAA"):
            yield ok("mx", f"{domain} takes mail at {found[0] if found else domain}")
        else:
            mend = f"publish an MX record for {domain}: receivers refuse senders that cannot be answered"
            yield warn("mx", f"{domain} takes no mail: neither MX nor address", mend)


def _ptr(sender: Sender, resolver: Resolver) -> Iterator[Finding]:
    for host in sender.relays:
        for address in _addresses(host, resolver):
            names = [name.rstrip(".").lower() for name in _ask(resolver, str(dns.reversename.from_address(address)), "PTR")]
            if not names:
                yield warn("ptr", f"{address} ({host}) has no name (PTR)", "have its provider set one, if mail leaves from there")
            elif not any(address in _addresses(name, resolver) for name in names):
                yield warn(
                    "ptr", f"{address} is named {names[0]}, which does not lead back", "let the name's A record be that address"
                )
            else:
                yield ok("ptr", f"{address} is {names[0]}, and back")


def _addresses(host: str, resolver: Resolver) -> list[str]:
    if re.fullmatch(r"[\d.]+|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*", host):
        return [host]
    return [*_ask(resolver, host, "A"), *_ask(resolver, host, "AAAA")]
