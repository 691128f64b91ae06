"""The settings: one frozen object, read once from the environment and a ``.env`` file in the working folder.

Nothing else in the service reads the environment (`newsletter.environment` knows the forms, this module the variables). A value
that cannot be right raises SettingsError, whose one line names the variable and the mend.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from newsletter.engine_settings import EngineSettings, read_engines
from newsletter.environment import Reader, dotenv_values, hidden_password, is_host, split_url
from newsletter.errors import SettingsError
from newsletter.publishing_settings import Publishing, read_publishing
from newsletter.rates import Rates
from newsletter.values import ARXIV, POSTING_SERVERS

LOOPBACK = ("127.0.0.1", "localhost", "::1")
# https://info.arxiv.org/help/api/tou.html: one request every three seconds, over all machines of an installation.
ARXIV_DELAY_SECONDS = 3.0
ARXIV_API_URL = "https://export.arxiv.org/api/query"


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """One relay. ``security``: ``tls`` (smtps), ``starttls`` (required: a login is sent), ``offered`` (STARTTLS where the
    server offers it) or ``plain`` (loopback without a login).
    """

    host: str
    port: int
    user: str
    password: str
    security: str


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, checked. ``redis_url`` and ``smtp_servers`` are empty where the embedded parts serve, ``arxiv_feed_url`` and
    ``huggingface_url`` and ``paperswithcode_url`` where these are not asked.
    """

    database_url: str
    redis_url: str
    smtp_servers: tuple[SmtpServer, ...]
    base_url: str
    secret_keys: tuple[str, ...]
    suppression_key: str
    mail_from: str
    arxiv_api_url: str
    arxiv_feed_url: str
    arxiv_delay_seconds: float
    huggingface_url: str
    paperswithcode_url: str
    sources: tuple[str, ...]
    biorxiv_url: str
    engines: EngineSettings
    site_name: str
    data_dir: Path
    workers: int
    log_format: str
    contact_email: str
    imprint: str
    bounce_domain: str
    dkim_domain: str
    dkim_selector: str
    dkim_key_file: str
    proxy_hops: int
    rates: Rates
    smtp_connections: int
    lease_seconds: int
    digest_wait_minutes: int
    publishing: Publishing
    collection_loopback: bool = False

    @property
    def local_inbox(self) -> bool:
        """True where mail goes to the embedded inbox, because no SMTP_URL is set."""
        return not self.smtp_servers


def load(environ: Mapping[str, str] | None = None, *, dotenv: Path | None = None) -> Settings:
    """The settings of ``environ`` (default: the process's), over those of ``dotenv`` (default: ``.env`` here, if any).

    Makes DATA_DIR, and in it the keys that are not set. Raises SettingsError.
    """
    if environ is None:
        environ = os.environ
        dotenv = dotenv or Path(".env")
    return _read(Reader({**dotenv_values(dotenv), **environ}))


def _read(env: Reader) -> Settings:
    data_dir = _data_dir(env)
    contact = env.text("CONTACT_EMAIL")
    return Settings(
        database_url=_database_url(env, data_dir),
        redis_url=_redis_url(env),
        smtp_servers=tuple(_smtp_server(url) for url in env.listed("SMTP_URL")),
        base_url=env.base_url("BASE_URL", "http://127.0.0.1:8000"),
        secret_keys=env.listed("SECRET_KEY") or (_kept_key(data_dir / "secret_key"),),
        suppression_key=env.text("SUPPRESSION_KEY") or _kept_key(data_dir / "suppression_key"),
        mail_from=env.address("MAIL_FROM", "newsletter@localhost"),
        arxiv_api_url=env.url("ARXIV_API_URL", ARXIV_API_URL),
        arxiv_feed_url=_beside_arxiv(env, "ARXIV_FEED_URL", "https://rss.arxiv.org/rss"),
        arxiv_delay_seconds=_arxiv_delay(env),
        huggingface_url=_beside_arxiv(env, "HUGGINGFACE_URL", "https://huggingface.co"),
        paperswithcode_url=_beside_arxiv(env, "PAPERSWITHCODE_URL", "https://paperswithcode.co"),
        sources=_sources(env),
        biorxiv_url=env.url("BIORXIV_URL", "https://api.biorxiv.org"),
        engines=read_engines(env),
        site_name=env.text("SITE_NAME", "Paper Morning"),
        data_dir=data_dir,
        workers=env.whole("WORKERS", max(2, os.cpu_count() or 2), least=1, most=256),
        log_format=env.choice("LOG_FORMAT", ("console", "json")),
        contact_email=env.address("CONTACT_EMAIL", contact) if contact else "",
        imprint=env.text("IMPRINT"),
        bounce_domain=env.domain("BOUNCE_DOMAIN"),
        dkim_domain=env.domain("DKIM_DOMAIN"),
        dkim_selector=env.domain("DKIM_SELECTOR"),
        dkim_key_file=_dkim_key_file(env),
        proxy_hops=env.whole("PROXY_HOPS", 0, least=0, most=10),
        rates=Rates(env.rate("SMTP_RATE"), env.rates("SMTP_DOMAIN_RATES")),
        smtp_connections=env.whole("SMTP_CONNECTIONS", 0, least=0, most=10_000),
        lease_seconds=env.whole("LEASE_SECONDS", 30, least=2, most=3600),
        digest_wait_minutes=env.whole("DIGEST_WAIT_MINUTES", 30, least=0, most=720),
        publishing=read_publishing(env),
        collection_loopback=env.choice("COLLECTION_LOOPBACK", ("no", "yes")) == "yes",
    )


def _redis_url(env: Reader) -> str:
    text = env.text("REDIS_URL")
    if not text.startswith("unix://"):
        return env.url("REDIS_URL", schemes=("redis", "rediss"))
    if not urlsplit(text).path.startswith("/"):
        raise SettingsError(f"REDIS_URL is {text!r}: give the whole path of the socket, such as unix:///run/redis.sock")
    return text


def _data_dir(env: Reader) -> Path:
    text = env.text("DATA_DIR", "var")
    try:
        folder = Path(text).expanduser().absolute()
    except RuntimeError as error:
        raise SettingsError(f"DATA_DIR {text} cannot be used ({error}): write the path in full") from error
    _make_folder(folder)
    return folder


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".probe-{os.getpid()}-{secrets.token_hex(4)}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise SettingsError(
            f"DATA_DIR {folder} cannot be written ({error.strerror}): choose another folder or change its owner"
        ) from error


def _kept_key(path: Path) -> str:
    """The key in ``path``, made at random on first use. Two processes that start at once end up with the same key."""
    draft = path.with_name(f".{path.name}-{os.getpid()}-{secrets.token_hex(4)}")
    try:
        if not path.exists():
            draft.touch(mode=0o600)
            draft.write_text(secrets.token_urlsafe(32), encoding="ascii")
            with suppress(FileExistsError):  # the other process's key stands
                path.hardlink_to(draft)
            draft.unlink()
        key = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be read or written ({error}): mend its owner and mode") from error
    if len(key) < 16:
        raise SettingsError(f"{path} holds no key: delete it, and a new one is made (links in mails already sent become void)")
    return key


def _database_url(env: Reader, data_dir: Path) -> str:
    text = env.text("DATABASE_URL", f"sqlite:///{data_dir / 'newsletter.db'}")
    scheme, _, rest = text.partition("://")
    if scheme == "sqlite":
        # Each process would have a database of its own in memory.
        if not rest.strip("/") or ":memory:" in rest or "mode=memory" in rest or "%00" in rest:
            raise SettingsError(f"DATABASE_URL is {text!r}: name a file, such as sqlite:///file.db")
        return text
    if scheme not in ("postgres", "postgresql", "postgresql+psycopg"):
        raise SettingsError(
            f"DATABASE_URL starts with {scheme!r}: give sqlite:///file.db or postgresql://user:password@host/name"
        )
    try:
        _ = urlsplit(text).port
    except ValueError as error:
        raise SettingsError(
            f"DATABASE_URL is {hidden_password(text)!r}: {error}; give postgresql://user:password@host:port/name"
        ) from None
    return f"postgresql+psycopg://{rest}"


def _smtp_server(url: str) -> SmtpServer:
    parts = split_url("SMTP_URL", url, ("smtp", "smtps"))
    host = parts.hostname or ""
    if not is_host(host):
        raise SettingsError(f"SMTP_URL is {hidden_password(url)!r}: {host!r} is no name of a server (in its ASCII form)")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if parts.scheme == "smtps":
        return SmtpServer(host, parts.port or 465, user, password, "tls")
    if user:
        return SmtpServer(host, parts.port or 587, user, password, "starttls")
    return SmtpServer(host, parts.port or 25, "", "", "plain" if host in LOOPBACK else "offered")


def _beside_arxiv(env: Reader, name: str, default: str) -> str:
    """The URL of a service that knows the papers of the real arXiv; "", that is off, for ``none``.

    It is off too where it is unset while ARXIV_API_URL points to loopback: what is replayed there is not to be mixed with it.
    """
    return "" if env.text(name).lower() == "none" else env.url(name, "" if _arxiv_host(env) in LOOPBACK else default)


def _arxiv_host(env: Reader) -> str:
    return urlsplit(env.url("ARXIV_API_URL", ARXIV_API_URL)).hostname or ""


def _arxiv_delay(env: Reader) -> float:
    text = env.text("ARXIV_DELAY_SECONDS", str(ARXIV_DELAY_SECONDS))
    try:
        delay = float(text)
    except ValueError:
        delay = -1.0
    if not 0 <= delay <= 3600:
        raise SettingsError(f"ARXIV_DELAY_SECONDS is {text!r}: give the seconds between two requests, 3 or more")
    if delay < ARXIV_DELAY_SECONDS and _arxiv_host(env) not in LOOPBACK:
        raise SettingsError(f"ARXIV_DELAY_SECONDS is {text!r}: arXiv's terms ask for 3 seconds or more between two requests")
    return delay


def _sources(env: Reader) -> tuple[str, ...]:
    """The servers that papers come from, each once; no one for ``none``."""
    if env.text("SOURCES").lower() == "none":
        return ()
    named = tuple(dict.fromkeys(name.lower() for name in env.listed("SOURCES"))) or (ARXIV,)
    for name in named:
        if name not in (ARXIV, *POSTING_SERVERS):
            raise SettingsError(f"SOURCES names {name!r}: choose among {', '.join((ARXIV, *POSTING_SERVERS))}, or give none")
    return named


def _dkim_key_file(env: Reader) -> str:
    path = env.text("DKIM_KEY_FILE")
    if path and not Path(path).is_file():
        raise SettingsError(f"DKIM_KEY_FILE {path} is not a readable file: give the path of the private key in PEM")
    names = ("DKIM_DOMAIN", "DKIM_SELECTOR", "DKIM_KEY_FILE")
    missing = [name for name in names if not env.text(name)]
    if 0 < len(missing) < len(names):
        given = [name for name in names if name not in missing]
        raise SettingsError(f"{' and '.join(given)} is set without {' and '.join(missing)}: set all three or none")
    return path
