"""The settings: one frozen object, read once from the environment and a ``.env`` file in the working folder.

Nothing else in the service reads the environment. A value that cannot be right raises SettingsError, whose one line names the
variable and the mend; secrets stand in it nowhere, nor in what is printed of these objects.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationInfo, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from newsletter.errors import SettingsError
from newsletter.settings import logins
from newsletter.settings.alarms import AlarmSettings
from newsletter.settings.data_folder import kept_key, private_folder
from newsletter.settings.forms import (
    HIDDEN,
    NO_SECRET,
    Address,
    BaseUrl,
    Domain,
    Secret,
    Section,
    Url,
    among,
    domain,
    keys,
    lasting_key,
    names,
    split_url,
    url,
)
from newsletter.settings.secret_files import with_files_read
from newsletter.settings.sections import (
    LOOPBACK,
    CaFile,
    DomainRates,
    EngineSettings,
    Publishing,
    Rate,
    Rates,
    Relays,
    Retention,
    SmtpServer,
    VenueFeeds,
)
from newsletter.settings.ways_in import address_and_port, mailbox, topic_arn
from newsletter.values.papers import ARXIV, POSTING_SERVERS

__all__ = [
    "ARXIV_DELAY_SECONDS",
    "LOOPBACK",
    "AlarmSettings",
    "EngineSettings",
    "Publishing",
    "Rates",
    "Retention",
    "Settings",
    "SmtpServer",
    "load",
]

# https://info.arxiv.org/help/api/tou.html: one request every three seconds, over all machines of an installation.
ARXIV_DELAY_SECONDS = 3.0


def _database(text: str) -> str:
    scheme, _, rest = text.partition("://")
    if scheme == "sqlite":
        # Each process would have a database of its own in memory.
        if not rest.strip("/") or ":memory:" in rest or "mode=memory" in rest or "%00" in rest:
            raise ValueError("name a file, such as sqlite:///file.db")
        return text
    if scheme not in ("postgres", "postgresql", "postgresql+psycopg"):
        raise ValueError("give sqlite:///file.db or postgresql://user:password@host/name")
    rest = logins.encoded(text, logins.POSTGRESQL).partition("://")[2]
    try:
        _ = urlsplit(f"{scheme}://{rest}").port
    except ValueError:
        raise ValueError("host or port cannot be read; give postgresql://user:password@host:port/name") from None
    return f"postgresql+psycopg://{rest}"


def _redis(text: str) -> str:
    if not text.startswith("unix://"):
        text = logins.encoded(text, logins.REDIS)
        split_url(text, "redis", "rediss")
        return text.rstrip("/")
    text = logins.encoded(text, logins.SOCKET)
    if not urlsplit(text).path.startswith("/"):
        raise ValueError("give the whole path of the socket, such as unix:///run/redis.sock")
    return text


def _on_loopback(found: Mapping[str, Any]) -> bool:
    return urlsplit(found["arxiv_api_url"]).hostname in LOOPBACK


def _beside_arxiv(default: str) -> Any:
    """A service that knows the papers of the real arXiv; off where papers are replayed from loopback, not to be mixed with it."""
    return Field(default_factory=lambda found: "" if _on_loopback(found) else default)


def _delay(seconds: float, info: ValidationInfo) -> float:
    if seconds < ARXIV_DELAY_SECONDS and not _on_loopback(info.data):
        raise ValueError("arXiv's terms ask for 3 seconds or more between two requests")
    return seconds


def _files(text: str) -> str:
    for path in names(text):
        if not Path(path).is_file():
            raise SettingsError(f"DKIM_KEY_FILE {path} is not a readable file: give the path of the private key in PEM")
    return ",".join(names(text))


def _selectors(text: str) -> str:
    return ",".join(domain(one) for one in names(text))


def _long_enough(key: SecretStr) -> SecretStr:
    if 0 < len(key.get_secret_value()) < 16:
        raise SettingsError("BOUNCE_HOOK_KEY is shorter than 16 characters: give a random one, such as of `openssl rand -hex 32`")
    return key


UrlOrNone = Annotated[str, BeforeValidator(lambda text: "" if text.lower() == "none" else url(text))]


class Settings(BaseSettings, Section):
    """All settings, checked. ``redis_url`` and ``smtp_servers`` are empty where the embedded parts serve, ``arxiv_feed_url`` and
    ``huggingface_url`` and ``paperswithcode_url`` where these are not asked.
    """

    model_config = SettingsConfigDict(case_sensitive=True, enable_decoding=False, env_file_encoding="utf-8-sig")

    data_dir: Annotated[Path, AfterValidator(private_folder)] = Field(Path("var"), validate_default=True)
    database_url: Annotated[Secret, BeforeValidator(_database)] = Field(
        default_factory=lambda found: SecretStr(f"sqlite:///{found['data_dir'] / 'newsletter.db'}")
    )
    redis_url: Annotated[Secret, BeforeValidator(_redis)] = NO_SECRET
    secret_keys: Annotated[tuple[SecretStr, ...], HIDDEN, BeforeValidator(keys)] = Field(
        default_factory=lambda found: (kept_key(found["data_dir"] / "secret_key"),), alias="SECRET_KEY"
    )
    suppression_key: Annotated[Secret, BeforeValidator(lasting_key)] = Field(
        default_factory=lambda found: kept_key(found["data_dir"] / "suppression_key")
    )

    base_url: BaseUrl = "http://127.0.0.1:8000"
    site_name: str = "Paper Morning"
    contact_email: Address = ""
    imprint: str = ""

    smtp_ca_file: CaFile = ""
    smtp_servers: Relays = Field((), alias="SMTP_URL")
    smtp_rate: Rate = 0.0
    smtp_domain_rates: DomainRates = {}
    smtp_connections: Annotated[int, Field(ge=0, le=10_000)] = 0
    mail_from: Address = "newsletter@localhost"
    bounce_domain: Domain = ""
    bounce_mailbox: Annotated[Secret, BeforeValidator(mailbox)] = NO_SECRET
    bounce_lmtp: Annotated[str, BeforeValidator(address_and_port)] = ""
    bounce_hook_key: Annotated[Secret, AfterValidator(_long_enough)] = NO_SECRET
    ses_topic_arn: Annotated[str, BeforeValidator(topic_arn)] = ""
    dkim_domain: Domain = ""
    dkim_selector: Annotated[str, BeforeValidator(_selectors)] = ""
    dkim_key_file: Annotated[str, BeforeValidator(_files)] = ""

    sources: Annotated[tuple[str, ...], among(ARXIV, *POSTING_SERVERS, or_none=True)] = (ARXIV,)
    venue_feeds: VenueFeeds = ()
    biorxiv_url: Url = "https://api.biorxiv.org"
    arxiv_api_url: Url = "https://export.arxiv.org/api/query"
    arxiv_oai_url: Url = "https://oaipmh.arxiv.org/oai"
    arxiv_feed_url: UrlOrNone = _beside_arxiv("https://rss.arxiv.org/rss")
    huggingface_url: UrlOrNone = _beside_arxiv("https://huggingface.co")
    paperswithcode_url: UrlOrNone = _beside_arxiv("https://paperswithcode.co")
    arxiv_delay_seconds: Annotated[
        float,
        Field(ge=0, le=3600, allow_inf_nan=False, description="the seconds between two requests (3 or more of the real arXiv),"),
        AfterValidator(_delay),
    ] = ARXIV_DELAY_SECONDS

    workers: Annotated[int, Field(ge=1, le=256)] = max(2, os.cpu_count() or 2)
    log_format: Literal["console", "json"] = "console"
    proxy_hops: Annotated[int, Field(ge=0, le=10)] = 0
    second_factor: Literal["optional", "required"] = "optional"
    forms_per_hour: Annotated[int, Field(ge=1, le=1_000_000)] = 3000
    lease_seconds: Annotated[int, Field(ge=2, le=3600)] = 30
    digest_wait_minutes: Annotated[int, Field(ge=0, le=720)] = 30
    collection_loopback: bool = False
    engines: EngineSettings
    publishing: Publishing
    alarms: AlarmSettings
    retention: Retention

    @property
    def reads_bounces(self) -> bool:
        """True where what is written to BOUNCE_DOMAIN is read here."""
        return bool(self.bounce_domain and (self.bounce_mailbox or self.bounce_lmtp))

    @property
    def local_inbox(self) -> bool:
        """True where mail goes to the embedded inbox, because no SMTP_URL is set."""
        return not self.smtp_servers

    @property
    def rates(self) -> Rates:
        """SMTP_RATE and SMTP_DOMAIN_RATES."""
        return Rates(self.smtp_rate, self.smtp_domain_rates)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What `load` gives, which may be another environment than the process's, stands over the file."""
        return init_settings, dotenv_settings

    @model_validator(mode="before")
    @classmethod
    def _read_sections(cls, given: Mapping[str, str]) -> dict[str, Any]:
        """An empty value counts as unset, as docker-compose passes it for ``${NAME:-}``; each section has the same variables."""
        values = {name: text.strip() for name, text in given.items() if text.strip()}
        fields = [field for section in (cls, AlarmSettings, EngineSettings) for field in section.model_fields.values()]
        values = with_files_read(values, [str(field.alias) for field in fields if HIDDEN in field.metadata])
        return {**values, "ENGINES": values, "PUBLISHING": values, "ALARMS": values, "RETENTION": values}

    @model_validator(mode="after")
    def _check_dkim(self) -> Self:
        parts = {name.upper(): getattr(self, name) for name in ("dkim_domain", "dkim_selector", "dkim_key_file")}
        given, missing = ([name for name, value in parts.items() if bool(value) is there] for there in (True, False))
        if given and missing:
            raise SettingsError(f"{' and '.join(given)} is set without {' and '.join(missing)}: set all three or none")
        if self.dkim_selector.count(",") != self.dkim_key_file.count(","):
            raise SettingsError("DKIM_SELECTOR and DKIM_KEY_FILE name different numbers of keys: give a selector for each key")
        return self


# What requests reads of the environment by itself: https://requests.readthedocs.io/en/latest/user/advanced/#proxies
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


def _proxies(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables of proxies, by name, with their logins encoded."""
    found = {}
    for name, text in environ.items():
        if name.upper() in PROXIES and text:
            mark = "" if "://" in text else "http://"
            try:
                found[name] = logins.encoded(f"{mark}{text}", logins.PROXY).removeprefix(mark)
            except ValueError as error:
                said = ": ".join(error.args)
                raise SettingsError(f"{name} {said}") from None
    return found


def load(environ: Mapping[str, str] | None = None, *, dotenv: Path | None = None) -> Settings:
    """The settings of ``environ`` (default: the process's), over those of ``dotenv`` (default: ``.env`` here, if any).

    Makes DATA_DIR, and in it the keys that are not set. In the process's own environment the logins of proxies are encoded, for
    requests reads them there. Raises SettingsError.
    """
    if environ is None:
        environ, dotenv = os.environ, dotenv or Path(".env")
        os.environ.update(_proxies(environ))
    if dotenv is not None and dotenv.is_dir():
        raise SettingsError(f"{dotenv} is a folder: put a file in its place, or take it away")
    given: dict[str, Any] = {name: text for name, text in environ.items() if not name.startswith("_")} | {"_env_file": dotenv}
    try:
        return Settings(**given)
    except UnicodeDecodeError as error:
        raise SettingsError(f"{dotenv} is not UTF-8 at byte {error.start}: save it as UTF-8") from error
    except OSError as error:
        raise SettingsError(f"{dotenv} cannot be read ({error.strerror}): mend its owner and mode, or take it away") from error
