"""The checks of `newsletter doctor`: each looks at one thing and says how it stands. They change nothing and send nothing."""

from __future__ import annotations

import datetime as dt
import shutil
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.utils import parseaddr
from enum import StrEnum
from urllib.parse import urlsplit

from newsletter.db import connect
from newsletter.errors import NewsletterError
from newsletter.operating import clock, runtime, start_checks, state
from newsletter.operating.migrate import pending
from newsletter.settings import LOOPBACK, Settings
from newsletter.values.papers import POSTING_SERVERS

CONNECT_SECONDS = 5
LEAST_FREE_BYTES = 500_000_000


class Level(StrEnum):
    """How a thing stands: ``WARN`` works, but not as it should in earnest."""

    OK = "OK"
    WARN = "WARN"
    FAIL = "FAIL"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor; ``mend`` is empty where nothing is to be done."""

    level: Level
    what: str
    words: str
    mend: str = ""


def examine(settings: Settings, *, now: dt.datetime) -> Iterator[Finding]:
    """All findings, one after the other as they are made; a check that fails keeps none of the others from being made."""
    settings = runtime.resolved(settings)
    yield Finding(Level.OK, "settings", f"read, DATA_DIR is {settings.data_dir}")
    for check in (_space, _database, _papers, _sending, _redis, _keys, _mail, _sender, _dkim, _pages, _outside):
        step: Callable[[Settings, dt.datetime], Iterator[Finding]] = check
        try:
            yield from step(settings, now)
        except NewsletterError as error:
            yield Finding(Level.FAIL, step.__name__.strip("_"), str(error))


def _space(settings: Settings, _: dt.datetime) -> Iterator[Finding]:
    free = shutil.disk_usage(settings.data_dir).free
    enough = free >= LEAST_FREE_BYTES
    mend = "" if enough else "make room, or set DATA_DIR to another disk"
    yield Finding(Level.OK if enough else Level.WARN, "disk", f"{free // 1_000_000} MB free", mend)


def _database(settings: Settings, _: dt.datetime) -> Iterator[Finding]:
    database = start_checks.open_database(settings)
    try:
        kind = database.engine.dialect.name
        if pending(database):
            yield Finding(Level.FAIL, "database", f"{kind} answers, but is not at the newest form", "run `newsletter migrate`")
        else:
            yield Finding(Level.OK, "database", f"{kind} answers and is at the newest form")
    finally:
        database.close()


def _papers(settings: Settings, now: dt.datetime) -> Iterator[Finding]:
    from newsletter.papers.alarms import alarms
    from newsletter.papers.store import papers as papers_store

    database = connect(settings.database_url.get_secret_value())
    try:
        if pending(database):
            return
        with database.reading() as session:
            fetch, found = papers_store.last_fetch(session), alarms(session, now=now)
    finally:
        database.close()
    for alarm in found:
        yield Finding(Level.FAIL, "papers", alarm.words, "`newsletter fetch` tries again and says what comes")
    if fetch is None:
        yield Finding(Level.WARN, "papers", "none were fetched yet", "start `newsletter run`, or `newsletter fetch`")
    elif not found:
        yield Finding(Level.OK, "papers", f"last fetched {fetch.ended_at:%Y-%m-%d %H:%M} UTC")


def _sending(settings: Settings, now: dt.datetime) -> Iterator[Finding]:
    from newsletter.daily.refusals import held
    from newsletter.mail.store import refusing_domains

    database = connect(settings.database_url.get_secret_value())
    try:
        if pending(database):
            return
        with database.reading() as session:
            paused, hold, jumped = state.paused(session), held(session, now=now), clock.problem(session, now=now)
            refusing = refusing_domains.held(session, now=now)
    finally:
        database.close()
    if jumped:
        yield Finding(Level.FAIL, "clock", jumped, "set the clock right")
    for one in refusing:
        mend = "mend what it says; it is tried again by itself, and at once after `newsletter resume`"
        yield Finding(Level.FAIL, "sending", f"held for {one.domain}, which refuses us: {one.reply}", mend)
    if paused:
        yield Finding(Level.WARN, "sending", "paused by an operator", "`newsletter resume` lets it go on")
    elif hold:
        yield Finding(Level.FAIL, "sending", f"held: {hold}", "mend it at the mail server; it is tried again by itself")
    elif not refusing:
        yield Finding(Level.OK, "sending", "not paused")


def _redis(settings: Settings, _: dt.datetime) -> Iterator[Finding]:
    from newsletter.cli.deliver import workers_alive

    if not settings.redis_url:
        yield Finding(Level.WARN, "redis", "none is running", "start `newsletter run`, or set REDIS_URL")
        return
    url = settings.redis_url.get_secret_value()
    start_checks.reach_redis(url)
    yield Finding(Level.OK, "redis", f"{start_checks.without_password(url)} answers")
    alive = workers_alive(url)
    mend = "" if alive else "start `newsletter run`, or `python worker.py`"
    yield Finding(Level.OK if alive else Level.WARN, "workers", f"{alive} at work", mend)


def _keys(settings: Settings, _: dt.datetime) -> Iterator[Finding]:
    kept = {path.read_text(encoding="ascii").strip() for path in settings.data_dir.glob("*_key") if path.is_file()}
    generated = kept & {key.get_secret_value() for key in (*settings.secret_keys, settings.suppression_key)}
    if generated and not settings.database_url.get_secret_value().startswith("sqlite"):
        mend = "set SECRET_KEY and SUPPRESSION_KEY to the same values on all machines"
        yield Finding(Level.FAIL, "keys", "made on this machine, but the database is shared", mend)
    elif any(len(key) < 16 for key in settings.secret_keys):
        yield Finding(Level.WARN, "keys", "SECRET_KEY is short", "use 32 random characters")
    else:
        yield Finding(Level.OK, "keys", "kept in DATA_DIR: back it up" if generated else "set")


def _mail(settings: Settings, _: dt.datetime) -> Iterator[Finding]:
    from newsletter.mail.smtp.transaction import open_connection

    if settings.local_inbox:
        yield Finding(Level.WARN, "mail", "goes to the local inbox, to nobody else", "set SMTP_URL to send in earnest")
        return
    for server in settings.smtp_servers:
        where = f"{server.host}:{server.port}"
        try:
            open_connection(server, _domain(settings.mail_from)).close()
        except NewsletterError as error:
            yield Finding(Level.FAIL, "mail", str(error), "check host, port and login in SMTP_URL")
        else:
            yield Finding(Level.OK, "mail", f"{where} greets and lets us in")


def _sender(settings: Settings, _: dt.datetime) -> Iterator[Finding]:
    domain = _domain(settings.mail_from)
    if settings.local_inbox:
        return
    if "." not in domain:
        yield Finding(Level.FAIL, "sender", f"MAIL_FROM is at {domain!r}", "set MAIL_FROM to an address of a domain of yours")
        return
    if settings.bounce_domain and not _aligned(settings.bounce_domain, domain):
        mend = f"use a name under {domain}"
        yield Finding(Level.WARN, "sender", f"BOUNCE_DOMAIN is not of {domain}, so SPF does not align (DMARC)", mend)
    else:
        yield Finding(Level.OK, "sender", f"From is at {domain}")


def _dkim(settings: Settings, _: dt.datetime) -> Iterator[Finding]:
    from newsletter import bootstrap

    if not settings.dkim_key_file:
        if not settings.local_inbox:
            yield Finding(Level.WARN, "dkim", "we do not sign", "let the mail server sign, or set DKIM_KEY_FILE")
        return
    services = bootstrap.build(settings)
    try:
        signing = services.dkim
    finally:
        services.database.close()
    domain = _domain(settings.mail_from)
    if signing and _aligned(settings.dkim_domain, domain):
        yield Finding(Level.OK, "dkim", f"signs for {settings.dkim_domain}")
    else:
        mend = f"sign for {domain}"
        yield Finding(Level.FAIL, "dkim", f"DKIM_DOMAIN {settings.dkim_domain} is not that of MAIL_FROM (DMARC)", mend)


def _pages(settings: Settings, _: dt.datetime) -> Iterator[Finding]:
    parts = urlsplit(settings.base_url)
    if settings.local_inbox or (parts.scheme == "https" and parts.hostname not in LOOPBACK):
        yield Finding(Level.OK, "pages", f"links lead to {settings.base_url}")
    else:
        mend = "set BASE_URL to the https address that readers reach"
        yield Finding(Level.FAIL, "pages", f"links in mails lead to {settings.base_url}", mend)
    for name, value in (("CONTACT_EMAIL", settings.contact_email), ("IMPRINT", settings.imprint)):
        if not value:
            yield Finding(Level.WARN, "pages", f"{name} is not set", "readers and arXiv see whom to write to")


def _outside(settings: Settings, _: dt.datetime) -> Iterator[Finding]:
    yield _reach("arxiv", settings.arxiv_api_url, Level.FAIL, "check ARXIV_API_URL and the way out of this machine")
    for server in POSTING_SERVERS:
        if server in settings.sources:
            yield _reach(server, settings.biorxiv_url, Level.WARN, "check BIORXIV_URL; its papers come late until it answers")
    for name in settings.engines.order:
        yield _reach(
            f"engine {name}", settings.engines.url_of(name), Level.WARN, "mails leave untranslated while no engine answers"
        )
    if not settings.engines.order:
        yield Finding(Level.WARN, "engines", "none", "mails stay in English: set TRANSLATORS or unset it")


def _reach(what: str, url: str, level: Level, mend: str) -> Finding:
    """Whether the host listens; no request is made, which arXiv would count."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        socket.create_connection((parts.hostname or "", port), timeout=CONNECT_SECONDS).close()
    except OSError as error:
        return Finding(level, what, f"{parts.hostname}:{port} cannot be reached ({error.strerror or error})", mend)
    return Finding(Level.OK, what, f"{parts.hostname}:{port} listens")


def _domain(address: str) -> str:
    return parseaddr(address)[1].rpartition("@")[2].lower()


def _aligned(domain: str, sender: str) -> bool:
    """Relaxed alignment (RFC 7489 3.1.1), as far as it can be told without the list of public suffixes."""
    domain, sender = domain.lower(), sender.lower()
    return domain == sender or domain.endswith(f".{sender}") or sender.endswith(f".{domain}")
