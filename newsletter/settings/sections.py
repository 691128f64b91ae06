"""The sections of the settings that a part of the service takes as a value: engines, publishing, relays, rates."""

from __future__ import annotations

import re
import ssl
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import unquote

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, SecretStr, ValidationInfo, model_validator

from newsletter.errors import SettingsError
from newsletter.settings import logins
from newsletter.settings.forms import HIDDEN, NO_SECRET, Address, Secret, Section, Url, among, names, one_of, shown, split_url
from newsletter.settings.hosts import is_host
from newsletter.values.list_formats import ListFormat

LOOPBACK = ("127.0.0.1", "localhost", "::1")
# What makes an engine usable: one of these settings. Unset TRANSLATORS asks those that are usable in this order, then google.
NEEDS: Mapping[str, tuple[str, ...]] = {
    "openai": ("openai_url", "openai_key"),
    "deepl": ("deepl_key",),
    "microsoft": ("microsoft_key",),
    "libre": ("libre_url",),
    "mymemory": ("mymemory_email",),
}
ENGINES = ("none", "google", *NEEDS)
# https://support.deepl.com/hc/en-us/articles/360021200939: the free plan, whose keys end with ":fx".
DEEPL_FREE_CHARACTERS = 500_000
# Engines that count tokens, and how many they count for a character sent: a quarter for the text, up to half for its translation,
# the rest for what is asked of them.
CHAT_MODELS = ("openai",)
TOKENS_A_CHARACTER = 1.0

Rate = Annotated[float, Field(ge=0.001, le=10_000, allow_inf_nan=False, description="mails a second,")]


@dataclass(frozen=True, slots=True)
class Rates:
    """Mails a second: ``total`` to all together (0: unlimited), ``domains`` to single ones, where ``*`` stands for each other."""

    total: float = 0.0
    domains: Mapping[str, float] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.total or self.domains)


def rates(text: str) -> dict[str, float]:
    """Rates by domain in ``example.org=10, *=50``, where ``*`` stands for each other domain."""
    found: dict[str, float] = {}
    for part in names(text):
        domain, _, number = (word.strip() for word in part.partition("="))
        readable = re.fullmatch(r"\d{1,5}(\.\d{1,6})?", number, re.ASCII) and 0.001 <= float(number) <= 10_000
        if not readable or not (domain == "*" or is_host(domain)):
            mend = "give domains with mails a second, from 0.001 to 10000, such as example.org=10, *=50"
            raise ValueError(f"holds {shown(part)}", mend)
        found[domain.lower()] = float(number)
    return found


DomainRates = Annotated[Mapping[str, float], BeforeValidator(rates)]


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """One relay. ``security``: ``tls`` (smtps), ``starttls`` (required: a login is sent), ``offered`` (STARTTLS where the
    server offers it) or ``plain`` (loopback without a login). ``ca_file``: certificates to be trusted beside the usual ones.
    """

    host: str
    port: int
    security: str = "plain"
    user: str = ""
    password: SecretStr = NO_SECRET
    ca_file: str = ""


def relays(text: str) -> tuple[SmtpServer, ...]:
    """The relays in a comma-separated list of URLs; a comma that no URL follows is part of a password."""
    if not (listed := text.strip(" ,")):
        raise ValueError("it names nothing, give a value or unset it")
    return tuple(_relay(part.strip(" ,")) for part in re.split(r",\s*(?=smtps?://)", listed, flags=re.IGNORECASE))


def certificates(path: str) -> str:
    """The path of a file that TLS can trust. Raises ValueError where it holds no certificate."""
    try:
        ssl.create_default_context(cafile=path)
    except (OSError, ValueError):
        raise ValueError("give the path of a file with the certificates to trust, in PEM") from None
    return path


CaFile = Annotated[str, BeforeValidator(certificates)]


def trusting(servers: tuple[SmtpServer, ...], info: ValidationInfo) -> tuple[SmtpServer, ...]:
    """``servers`` with the certificates of the SMTP_CA_FILE beside them."""
    return tuple(replace(server, ca_file=info.data.get("smtp_ca_file", "")) for server in servers)


Relays = Annotated[tuple[SmtpServer, ...], HIDDEN, BeforeValidator(relays), AfterValidator(trusting)]


def _relay(text: str) -> SmtpServer:
    parts = split_url(logins.encoded(text, logins.SMTP), "smtp", "smtps")
    host, user, password = parts.hostname or "", unquote(parts.username or ""), unquote(parts.password or "")
    if not is_host(host):
        raise ValueError("give the name of a server (in its ASCII form), such as smtp://mail.example.org:587")
    usual_port, security = _usual_port_and_security(parts.scheme, host, has_login=bool(user))
    return SmtpServer(host, parts.port or usual_port, security, user, SecretStr(password))


def _usual_port_and_security(scheme: str, host: str, *, has_login: bool) -> tuple[int, str]:
    if scheme == "smtps":
        return 465, "tls"
    if has_login:
        return 587, "starttls"
    return 25, "plain" if host in LOOPBACK else "offered"


@dataclass(frozen=True, slots=True)
class VenueAddress:
    """The feed of a journal or a venue; ``name`` "" for as the feed calls it."""

    name: str
    url: str


def venue_feeds(text: str) -> tuple[VenueAddress, ...]:
    """The feeds in a list of addresses, each with NAME= before it or without; a comma that no address follows is part of one."""
    if not text.strip(" ,"):
        raise ValueError("it names nothing, give a value or unset it")
    found: dict[str, VenueAddress] = {}
    for part in re.split(r",\s*(?=[^,]*https?://)|\s+(?=https?://)", text.strip(" ,")):
        named = re.match(r"([^:/]*)=(?=https?://)", part.strip())
        name, url = (named[1], part.strip(" ,")[named.end() :]) if named else ("", part)
        url = url.strip(" ,")
        split_url(url, "http", "https")
        found.setdefault(url, VenueAddress(" ".join(name.split())[:100], url))
    return tuple(found.values())


VenueFeeds = Annotated[tuple[VenueAddress, ...], BeforeValidator(venue_feeds)]


class Retention(Section):
    """How many days something of a person is kept, by the names of `newsletter.tables.about.Rule`."""

    model_config = ConfigDict(alias_generator=lambda name: f"KEEP_{name.upper()}_DAYS")

    unconfirmed: Annotated[int, Field(ge=1, le=36_500, description="days")] = 7
    left: Annotated[int, Field(ge=1, le=36_500, description="days")] = 30
    networks: Annotated[int, Field(ge=1, le=36_500, description="days")] = 365
    # Planning looks back six weeks into the ledger.
    ledger: Annotated[int, Field(ge=60, le=36_500, description="days")] = 548
    links: Annotated[int, Field(ge=1, le=36_500, description="days")] = 30
    records: Annotated[int, Field(ge=60, le=36_500, description="days")] = 548


class Publishing(Section):
    """Where and how pages are published by themselves: not, where ``folder`` is None."""

    model_config = ConfigDict(alias_generator=lambda name: f"PUBLISH_{name.upper()}")

    folder: Annotated[Path | None, AfterValidator(lambda path: path.absolute())] = Field(None, alias="PUBLISH_DIR")
    format: Annotated[str, one_of("own", *ListFormat)] = "own"
    language: str = ""
    days: Annotated[int, Field(ge=1, le=366)] = 7
    classic: bool = False
    git: bool = False

    @property
    def chosen_format(self) -> str:
        """PUBLISH_FORMAT; "" for each list's own."""
        return "" if self.format == "own" else self.format


def _by_engine(text: str, *, most: int) -> dict[str, int]:
    """Limits by engine in the form ``google:30, deepl:500000``."""
    found: dict[str, int] = {}
    for part in names(text):
        engine, _, number = (word.strip() for word in part.lower().partition(":"))
        if engine not in ENGINES or not re.fullmatch(r"\d{1,13}", number, re.ASCII) or not 1 <= int(number) <= most:
            raise ValueError(f"holds {shown(part)}", f"give engines with numbers from 1 to {most}, such as google:30")
        found[engine] = int(number)
    return found


def _prices(text: str, *, of: str = "characters", engines: Collection[str] = ENGINES) -> dict[str, float]:
    """Prices by engine in the form ``deepl:20, openai:0.6``."""
    told = (
        "give engines with the money of a month, such as openai:5"
        if of == "money"
        else (f"give engines with a price of a million {of}, such as {next(iter(engines))}:20")
    )
    found: dict[str, float] = {}
    for part in names(text):
        engine, _, price = (word.strip() for word in part.lower().partition(":"))
        if engine not in engines or not re.fullmatch(r"\d{1,6}(\.\d{1,6})?", price, re.ASCII):
            raise ValueError(f"holds {shown(part)}", told)
        found[engine] = float(price)
    return found


def _is_free(deepl_key: SecretStr) -> bool:
    return deepl_key.get_secret_value().endswith(":fx")


class EngineSettings(Section):
    """Which engines are asked, where they are, and how much they may be asked; ``""`` where nothing is set.

    ``calls_per_minute`` and ``characters_per_month`` are limits by engine, kept by all processes together; ``concurrency`` is
    how many calls a process makes at once; ``prices`` are those of a million characters, in any one currency.
    """

    google_url: Url = Field("https://translate.google.com/m", alias="GOOGLE_TRANSLATE_URL")
    libre_url: Url = Field("", alias="LIBRETRANSLATE_URL")
    libre_key: Secret = Field(NO_SECRET, alias="LIBRETRANSLATE_API_KEY")
    deepl_key: Secret = Field(NO_SECRET, alias="DEEPL_API_KEY")
    deepl_url: Url = Field(default_factory=lambda found: f"https://api{'-free' * _is_free(found['deepl_key'])}.deepl.com")
    microsoft_key: Secret = Field(NO_SECRET, alias="MICROSOFT_API_KEY")
    microsoft_region: str = ""
    microsoft_url: Url = "https://api.cognitive.microsofttranslator.com"
    mymemory_email: Address = ""
    mymemory_url: Url = "https://api.mymemory.translated.net"
    openai_key: Secret = Field(NO_SECRET, alias="OPENAI_API_KEY")
    openai_url: Url = Field("https://api.openai.com/v1", alias="OPENAI_BASE_URL")
    openai_model: str = "gpt-4o-mini"
    translators: Annotated[tuple[str, ...], among(*ENGINES)] = ()
    concurrency: Annotated[int, Field(ge=1, le=256)] = Field(16, alias="TRANSLATION_CONCURRENCY")
    calls_per_minute: Annotated[Mapping[str, int], BeforeValidator(partial(_by_engine, most=60_000))] = Field(
        {}, alias="TRANSLATION_CALLS_PER_MINUTE"
    )
    local_numbers: bool = Field(True, alias="TRANSLATION_LOCAL_NUMBERS")
    translation_characters_per_month: Annotated[Mapping[str, int], BeforeValidator(partial(_by_engine, most=10**12))] = {}

    token_prices: Annotated[Mapping[str, float], BeforeValidator(partial(_prices, of="tokens", engines=CHAT_MODELS))] = Field(
        {}, alias="TRANSLATION_TOKEN_PRICES"
    )
    money_per_month: Annotated[Mapping[str, float], BeforeValidator(partial(_prices, of="money"))] = Field(
        {}, alias="TRANSLATION_MONEY_PER_MONTH"
    )
    prices: Annotated[Mapping[str, float], BeforeValidator(_prices)] = Field({}, alias="TRANSLATION_PRICES")

    @property
    def characters_per_month(self) -> Mapping[str, int]:
        """TRANSLATION_CHARACTERS_PER_MONTH, over what the free plan of DeepL allows."""
        return ({"deepl": DEEPL_FREE_CHARACTERS} if _is_free(self.deepl_key) else {}) | {**self.translation_characters_per_month}

    @property
    def character_prices(self) -> Mapping[str, float]:
        """What a million characters cost by engine: TRANSLATION_PRICES, over what TRANSLATION_TOKEN_PRICES come to."""
        return {name: price * TOKENS_A_CHARACTER for name, price in self.token_prices.items()} | {**self.prices}

    @model_validator(mode="after")
    def _check_money(self) -> Self:
        for name in self.money_per_month:
            if not self.character_prices.get(name):
                mend = "set TRANSLATION_TOKEN_PRICES or TRANSLATION_PRICES"
                raise SettingsError(f"TRANSLATION_MONEY_PER_MONTH names {name}, which has no price: {mend}")
        return self

    @property
    def order(self) -> tuple[str, ...]:
        """The engines to ask, each once, () for none. Unset: each that is configured, then google."""
        named = self.translators or (*(name for name in NEEDS if self._usable(name)), "google")
        return tuple(name for name in named if name != "none")

    def url_of(self, engine: str) -> str:
        """Where an engine of ``order`` is."""
        return str(getattr(self, f"{engine}_url"))

    def _usable(self, name: str) -> bool:
        return name not in NEEDS or bool(self.model_fields_set.intersection(NEEDS[name]))

    @model_validator(mode="after")
    def _check_translators(self) -> Self:
        for name in self.translators:
            if not self._usable(name) and name != "mymemory":
                needs = " or ".join(str(type(self).model_fields[field].alias) for field in NEEDS[name])
                raise SettingsError(f"TRANSLATORS names {name}, but {needs} is not set: set it, or take {name} out")
        return self
