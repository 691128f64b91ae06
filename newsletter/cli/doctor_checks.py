"""The checks of `newsletter doctor`: each looks at one thing and says how it stands. They change nothing and send nothing."""

from __future__ import annotations

import datetime as dt
import socket
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sqlalchemy.exc import SQLAlchemyError

from newsletter.cli import doctor_mail
from newsletter.db import Database, connect
from newsletter.errors import NewsletterError
from newsletter.operating import clock, heartbeats, runtime, start_checks, state
from newsletter.operating.doctor import machine, outside
from newsletter.operating.doctor.findings import Finding, Level, fail, ok, survived, warn
from newsletter.operating.migrate import pending
from newsletter.settings import LOOPBACK, Settings
from newsletter.values.papers import POSTING_SERVERS

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

CONNECT_SECONDS = 5


def examine(settings: Settings, *, now: dt.datetime) -> Iterator[Finding]:
    """All findings, one after the other as they are made; a check that fails keeps none of the others from being made."""
    settings = runtime.resolved(settings)
    yield ok("settings", f"read, DATA_DIR is {settings.data_dir}")
    checks: Mapping[str, Callable[[Settings, dt.datetime], Iterable[Finding]]] = {
        "disk": _space, "database": _database, "own files": _own_files, "papers": _papers, "vectors": _vectors,
        "sending": _sending, "processes": _processes, "redis": _redis, "engines": _engines,
        "keys": _keys, "mail": doctor_mail.mail, "sender": doctor_mail.sender, "dkim": doctor_mail.dkim, "dns": doctor_mail.dns,
        "pages": _pages, "outside": _outside, "clock": _clock,
    }  # fmt: skip
    for name, check in checks.items():
        yield from survived(name, partial(check, settings, now))


def _space(settings: Settings, _: dt.datetime) -> Iterator[Finding]:
    url = settings.database_url.get_secret_value()
    database = Path(url.removeprefix("sqlite:///")).absolute().parent if url.startswith("sqlite") else settings.data_dir
    yield from machine.privacy(settings.data_dir)
    yield from machine.disks([one for one in (settings.data_dir, database, Path(tempfile.gettempdir())) if one.is_dir()])


def _database(settings: Settings, _: dt.datetime) -> Iterator[Finding]:
    database = start_checks.open_database(settings)
    try:
        kind = database.engine.dialect.name
        if pending(database):
            yield fail("database", f"{kind} answers, but is not at the newest form", "run `newsletter migrate`")
        else:
            yield ok("database", f"{kind} answers and is at the newest form")
    finally:
        database.close()


@contextmanager
def _migrated(settings: Settings) -> Iterator[Session | None]:
    """A session for reading; None where the database is away or of an older form, which a check of its own tells."""
    database = connect(settings.database_url.get_secret_value())
    try:
        if _is_there(database):
            with database.reading() as session:
                yield session
        else:
            yield None
    finally:
        database.close()


def _is_there(database: Database) -> bool:
    try:
        return not pending(database)
    except (NewsletterError, SQLAlchemyError):
        return False


def _own_files(settings: Settings, _: dt.datetime) -> Iterator[Finding]:
    from newsletter.bootstrap import build
    from newsletter.daily.own_files import problems

    services = build(settings)
    try:
        found = problems(services) if _is_there(services.database) else []
    finally:
        services.database.close()
    for problem in found:
        yield warn("own files", problem, "`newsletter catalogue undo` goes back, an import brings a good one")


def _processes(settings: Settings, now: dt.datetime) -> Iterator[Finding]:
    with _migrated(settings) as session:
        found = None if session is None else heartbeats.beats(session)
    if found is not None:
        yield from machine.processes(found, now=now)


def _clock(settings: Settings, _: dt.datetime) -> Iterator[Finding]:
    import requests

    for name in settings.engines.order:
        with suppress(requests.RequestException):
            date = requests.head(settings.engines.url_of(name), timeout=CONNECT_SECONDS).headers.get("Date", "")
            if date:
                yield from machine.clock(date, now=dt.datetime.now(dt.UTC))
                return


def _papers(settings: Settings, now: dt.datetime) -> Iterator[Finding]:
    from newsletter.papers.alarms import alarms
    from newsletter.papers.store import papers as papers_store

    with _migrated(settings) as session:
        if session is None:
            return
        fetch, found = papers_store.last_fetch(session), alarms(session, now=now)
    for alarm in found:
        yield fail("papers", alarm.words, "`newsletter fetch` tries again and says what comes")
    if fetch is None:
        yield warn("papers", "none were fetched yet", "start `newsletter run`, or `newsletter fetch`")
    elif not found:
        yield ok("papers", f"last fetched {fetch.ended_at:%Y-%m-%d %H:%M} UTC")


def _vectors(_: Settings, __: dt.datetime) -> Iterator[Finding]:
    from newsletter.text.language_model import find
    from newsletter.text.model_weights import ADDS, install_command

    try:
        model = find()
    except NewsletterError as error:
        yield warn("vectors", str(error), install_command())
        return
    if model is None:
        yield ok("vectors", f"the language model is not installed, which makes {ADDS}: {install_command()}")
        return
    started = time.perf_counter()
    model.of(" ".join(["a paper on language models"] * 50))
    yield ok("vectors", f"all-MiniLM-L6-v2 reads new papers, each in some {1000 * (time.perf_counter() - started):.0f} ms")


def _engines(settings: Settings, _: dt.datetime) -> Iterator[Finding]:
    """What the translation engines said of themselves when texts stayed in the original."""
    with _migrated(settings) as session:
        problems = state.ENGINE_PROBLEMS.read(session) if session is not None else None
    for name, words in sorted((problems or {}).items()):
        if name in settings.engines.order:
            mend = "check its key, its quota and its languages; `newsletter translations show PAPER` tells what was refused"
            yield warn(f"engine {name}", f"said last: {words}", mend)


def _sending(settings: Settings, now: dt.datetime) -> Iterator[Finding]:
    from newsletter.daily.refusals import held
    from newsletter.mail.store import refusing_domains
    from newsletter.subscribers.bounce_alarms import bounce_alarms

    with _migrated(settings) as session:
        if session is None:
            return
        paused, hold, jumped = state.paused(session), held(session, now=now), clock.problem(session, now=now)
        refusing = refusing_domains.held(session, now=now)
        much_back = bounce_alarms(session, now=now)
    if jumped:
        yield fail("clock", jumped, "set the clock right")
    for alarm in much_back:
        yield fail("bounces", alarm.words, "see where these addresses are from, before providers block us")
    for one in refusing:
        mend = "mend what it says; it is tried again by itself, and at once after `newsletter resume`"
        yield fail("sending", f"held for one domain: {one.told}", mend)
    if paused:
        yield warn("sending", "paused by an operator", "`newsletter resume` lets it go on")
    elif hold:
        yield fail("sending", f"held: {hold}", "mend it at the mail server; it is tried again by itself")
    elif not refusing:
        yield ok("sending", "not paused")


def _redis(settings: Settings, _: dt.datetime) -> Iterator[Finding]:
    if not settings.redis_url:
        return iter([warn("redis", "none is running", "start `newsletter run`, or set REDIS_URL")])
    url = settings.redis_url.get_secret_value()
    return machine.redis(url, start_checks.without_password(url))


def _keys(settings: Settings, _: dt.datetime) -> Iterator[Finding]:
    kept = {path.read_text(encoding="ascii").strip() for path in settings.data_dir.glob("*_key") if path.is_file()}
    generated = kept & {key.get_secret_value() for key in (*settings.secret_keys, settings.suppression_key)}
    if generated and not settings.database_url.get_secret_value().startswith("sqlite"):
        mend = "set SECRET_KEY and SUPPRESSION_KEY to the same values on all machines"
        yield fail("keys", "made on this machine, but the database is shared", mend)
    elif any(len(key) < 16 for key in settings.secret_keys):
        yield warn("keys", "SECRET_KEY is short", "use 32 random characters")
    else:
        yield ok("keys", "kept in DATA_DIR: back it up" if generated else "set")


def _pages(settings: Settings, now: dt.datetime) -> Iterator[Finding]:
    parts = urlsplit(settings.base_url)
    if settings.local_inbox or (parts.scheme == "https" and parts.hostname not in LOOPBACK):
        yield ok("pages", f"links lead to {settings.base_url}")
    else:
        mend = "set BASE_URL to the https address that readers reach"
        yield fail("pages", f"links in mails lead to {settings.base_url}", mend)
    if not settings.local_inbox and parts.hostname not in LOOPBACK:
        yield from outside.examine(settings.base_url, settings.secret_keys[0].get_secret_value(), now=now)
    for name, value in (("CONTACT_EMAIL", settings.contact_email), ("IMPRINT", settings.imprint)):
        if not value:
            yield warn("pages", f"{name} is not set", "readers and arXiv see whom to write to")


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
        yield warn("engines", "none", "mails stay in English: set TRANSLATORS or unset it")


def _reach(what: str, url: str, level: Level, mend: str) -> Finding:
    """Whether the host listens; no request is made, which arXiv would count."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        socket.create_connection((parts.hostname or "", port), timeout=CONNECT_SECONDS).close()
    except OSError as error:
        return Finding(level, what, f"{parts.hostname}:{port} cannot be reached ({error.strerror or error})", mend)
    return ok(what, f"{parts.hostname}:{port} listens")
