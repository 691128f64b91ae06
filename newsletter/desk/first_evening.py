"""The first evening of an installation: what is asked, how each answer is checked, and the first reader.

The same for `newsletter setup` and for the page. What was answered stands in `.env`, so that whoever begins again is asked only
what is missing or wrong.
"""

from __future__ import annotations

import base64
import datetime as dt
import os
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from newsletter.daily.welcome import plan_welcome
from newsletter.db import Database, connect
from newsletter.desk import changes
from newsletter.errors import InputError, SettingsError
from newsletter.mail.dkim import DkimSigner, load_signer, new_key
from newsletter.operating import env_file, logins, setup_token
from newsletter.operating.doctor import dns
from newsletter.operating.doctor.findings import Finding, warn
from newsletter.operating.operators import store as operators_store
from newsletter.operating.operators.passwords import hashed
from newsletter.operating.operators.roles import Role
from newsletter.operating.runtime import DEFAULT_BASE_URL
from newsletter.settings import LOOPBACK, Settings, load
from newsletter.subscribers.choices import Choices

if TYPE_CHECKING:
    from newsletter.bootstrap import Services

CONSENT = "Entered by the operator of this installation, who set it up for themselves."
SELECTOR = "m1"
# Stands in a record for what nobody but the operator knows: from where their mail server reaches others.
UNKNOWN_ADDRESS = "ADDRESS-OF-YOUR-MAIL-SERVER"
# For settings that were asked for, and are to stay unset: so that they are not asked for again.
NOTHING = "none"
# Who signs mails: we do, with a key that is made, or the mail server does.
HERE, RELAY = "here", "relay"
SIGNING = ("DKIM_DOMAIN", "DKIM_SELECTOR", "DKIM_KEY_FILE")
# What a running service must have read anew before a first mail leaves as it was answered; and the address of the pages.
READ_AT_START = (
    "site_name", "mail_from", "contact_email", "imprint", "smtp_servers", "dkim_domain", "dkim_selector", "dkim_key_file",
)  # fmt: skip
# What the children of `newsletter run` find in their environment, whoever set it.
SET_BY_RUN = frozenset(("BASE_URL", "REDIS_URL", "DATA_DIR"))
# https://www.rfc-editor.org/rfc/rfc6761: names that nobody can have.
TRIALS = frozenset(("test", "example", "invalid", "localhost"))


@dataclass(frozen=True, slots=True)
class Question:
    """What one setting is asked by; ``example`` is taken where nothing is answered, "" leaves it unset."""

    name: str
    words: str
    example: str = ""


QUESTIONS = (
    Question("SITE_NAME", "What is it called? (stands on pages and in mails)", "Paper Morning"),
    Question(
        "BASE_URL", "Under which address do readers reach its pages? (127.0.0.1: on this machine alone)", "http://127.0.0.1:8000"
    ),
    Question("MAIL_FROM", "Who are the mails from? (an address of a domain of yours)"),
    Question("CONTACT_EMAIL", "Which address may readers write to?", NOTHING),
    Question("IMPRINT", "Who answers for it? (name and postal address in one line; many countries ask for it)", NOTHING),
    Question(
        "SMTP_URL", "Which server takes the mails? (smtp://user:password@host:587, smtps://…; none: a local inbox)", NOTHING
    ),
)


def example_of(question: Question, standing: Mapping[str, str]) -> str:
    """What is proposed as the answer, by what was answered before."""
    if question.name == "MAIL_FROM":
        host = urlsplit(standing.get("BASE_URL", "")).hostname or ""
        # Without a domain nothing is proposed: a name for trials would be taken by whoever only presses Enter.
        if "." not in host or host in LOOPBACK:
            return ""
        return f"{standing.get('SITE_NAME') or 'Paper Morning'} <papers@{host.removeprefix('www.')}>"
    return question.example


@dataclass(frozen=True, slots=True)
class Place:
    """Where answers stand: in ``file``, and before it what the ``environment`` sets, which no answer changes."""

    file: Path
    environment: Mapping[str, str]

    def standing(self) -> dict[str, str]:
        """What stands in the file. Raises InputError where it cannot be read."""
        return env_file.read(self.file)

    def settings(self) -> Settings:
        """The settings as a command would see them now. Raises SettingsError."""
        return load({**self.standing(), **self.environment})


def keep(place: Place, name: str, answer: str) -> None:
    """Checks an answer, and has it stand in the file. Raises SettingsError, InputError with the mend where it cannot be right."""
    env_file.write(place.file, name, checked(place, name, answer))


def stands(place: Place, name: str) -> str:
    """Where a setting is answered already, in words; "" where it is to be asked. Raises SettingsError where it is wrong there."""
    if name in place.environment:
        return "set in the environment"
    standing = place.standing()
    if name not in standing:
        return ""
    checked(place, name, standing[name] or NOTHING)
    return f"stands in {place.file}"


def checked(place: Place, name: str, answer: str) -> str:
    """The answer as it is kept ("" for none). Raises SettingsError with the mend where it cannot be right."""
    value = "" if answer.strip().lower() == NOTHING else answer.strip()
    load({**place.standing(), **place.environment, name: value})
    if name == "MAIL_FROM":
        sender = parseaddr(value)[1].rpartition("@")[2]
        if sender.lower() in dns.FREEMAIL:
            raise SettingsError(
                f"MAIL_FROM is at {sender}, a provider of mailboxes, who have such mail refused: give one of yours"
            )
        if sender.lower() == "example.org":
            raise SettingsError("MAIL_FROM is at example.org, which is nobody's: give an address of a domain of yours")
    return value


def needs_restart(place: Place, running: Settings) -> bool:
    """True where a service with the settings ``running`` would send other mails than was answered."""
    answered = place.settings()
    if answered.base_url not in (DEFAULT_BASE_URL, running.base_url):
        return True
    return any(getattr(answered, name) != getattr(running, name) for name in READ_AT_START)


# ---------------------------------------------------------------- DNS


def is_signing_decided(place: Place) -> bool:
    """True where it was answered who signs the mails."""
    return "DKIM_KEY_FILE" in place.standing() or "DKIM_KEY_FILE" in place.environment


def sign(place: Place, by: str) -> None:
    """Has mails signed `HERE`, with a key that is made where there is none, or by the `RELAY`. Raises InputError."""
    if by not in (HERE, RELAY):
        raise InputError(f"SIGNED_BY is {by!r}: answer {HERE} or {RELAY}")
    made = make_key(place.settings()) if by == HERE else dict.fromkeys(SIGNING, "")
    for name, value in made.items():
        env_file.write(place.file, name, value)


def make_key(config: Settings) -> dict[str, str]:
    """Makes a key that signs mails, beside the data, and gives the settings that name it; one that is there is used."""
    domain = _domain(config)
    path = (config.data_dir / f"dkim-{SELECTOR}.pem").resolve()
    if not path.exists():
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(new_key())
    return {"DKIM_DOMAIN": domain, "DKIM_SELECTOR": SELECTOR, "DKIM_KEY_FILE": str(path)}


def records(config: Settings) -> Iterator[tuple[str, str, str]]:
    """The records for the sender's domain in DNS: name, type, value."""
    domain = _domain(config)
    yield domain, "TXT", f"v=spf1 {' '.join(_senders(config))} ~all"
    if signer := _signer(config):
        key, bits = signer.public_key()
        kind = "ed25519" if bits == 256 else "rsa"
        name = f"{signer.selector}._domainkey.{config.dkim_domain}"
        yield name, "TXT", f"v=DKIM1; k={kind}; p={base64.b64encode(key).decode('ascii')}"
    yield f"_dmarc.{domain}", "TXT", f"v=DMARC1; p=none; rua=mailto:{config.contact_email or f'postmaster@{domain}'}"


def _senders(config: Settings) -> list[str]:
    """Who sends for the domain: the relays by their addresses, which their operator may know better."""
    found: dict[str, None] = {}
    for server in config.smtp_servers:
        if server.host in LOOPBACK:
            found[f"ip4:{UNKNOWN_ADDRESS}"] = None
            continue
        try:
            for *_, address in socket.getaddrinfo(server.host, None, proto=socket.IPPROTO_TCP):
                found[f"{'ip6' if ':' in str(address[0]) else 'ip4'}:{address[0]}"] = None
        except OSError:
            found[f"a:{server.host}"] = None
    return list(found)


def sender_of(config: Settings) -> dns.Sender:
    """Whose mail receivers see, and what they should find in DNS. Raises SettingsError where the key is unusable."""
    domain, signer = _domain(config), _signer(config)
    key, bits = signer.public_key() if signer else (b"", 0)
    relays = tuple(server.host for server in config.smtp_servers if server.host not in LOOPBACK)
    selector = signer.selector if signer else ""
    return dns.Sender(domain, config.bounce_domain or domain, relays, config.dkim_domain, selector, key, bits)


def seen_in_dns(config: Settings) -> list[Finding]:
    """What receivers see of the sender in DNS now; a name for trials is not asked for."""
    domain = _domain(config)
    if domain.rpartition(".")[2] in TRIALS:
        mend = "set MAIL_FROM to an address of a domain of yours before you mail strangers"
        return [warn("dns", f"{domain} is a name for trials, which no DNS knows", mend)]
    try:
        return list(dns.examine(sender_of(config), dns.default_resolver()))
    except dns.NotToldError as error:
        return [warn("dns", f"not known: {error}", "give this machine a resolver (/etc/resolv.conf)")]


def _domain(config: Settings) -> str:
    return parseaddr(config.mail_from)[1].rpartition("@")[2]


def _signer(config: Settings) -> DkimSigner | None:
    return load_signer(domain=config.dkim_domain, selector=config.dkim_selector, key_file=config.dkim_key_file)


# ---------------------------------------------------------------- the first reader


def add_first_reader(services: Services, email: str, choices: Choices, *, now: dt.datetime) -> int:
    """Enters the operator as the first reader, and plans their first digest. Raises FieldError, ChoicesError, InputError."""
    known = services.catalogue.by_slug.keys()
    if unknown := [slug for slug in choices.topics if slug not in known]:
        raise InputError(f"{unknown[0]} is no topic here: `newsletter topics list` shows them")
    reader = changes.add(services, email, choices, consent=CONSENT, now=now, known=set(known))
    with services.database.transaction() as session:
        plan_welcome(services, session, reader, now=now)
    return reader


# ---------------------------------------------------------------- the owner, and the page


def make_owner(services: Services, name: str, password: str, *, now: dt.datetime) -> Role:
    """Makes the first login for /admin, the owner's. Raises InputError for a wrong name or password, and where there is one."""
    logins.checked_name(name)
    password_hash = hashed(password, about=(name, services.settings.site_name))
    return logins.keep(services.database, name, password_hash, now=now, only_first=True)


def has_owner(database: Database) -> bool:
    """True once somebody can log in."""
    with database.reading() as session:
        return bool(operators_store.operators(session))


def offer_page(config: Settings, environment: Mapping[str, str]) -> None:
    """Has the page of the first evening open by a token while nobody can log in, and closes it then."""
    database = connect(config.database_url.get_secret_value())
    try:
        there = has_owner(database)
    finally:
        database.close()
    if there:
        setup_token.forget(config.data_dir)
    else:
        setup_token.offer(config.data_dir, SET_BY_RUN & environment.keys())


def place_of(offer: setup_token.Offer) -> Place:
    """Where answers stand for a process of `newsletter run`, which sets some settings for its children by itself."""
    own = SET_BY_RUN - offer.names - {"DATA_DIR"}
    return Place(Path(".env"), {name: value for name, value in os.environ.items() if name not in own})
