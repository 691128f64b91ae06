"""The settings of the translation engines: which are asked in which order, where they are, and how much they may be asked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from newsletter.environment import Reader
from newsletter.errors import SettingsError

# What makes an engine usable: one of these variables. Unset TRANSLATORS asks those that are usable in this order, then google.
NEEDS: Mapping[str, tuple[str, ...]] = {
    "openai": ("OPENAI_BASE_URL", "OPENAI_API_KEY"),
    "deepl": ("DEEPL_API_KEY",),
    "microsoft": ("MICROSOFT_API_KEY",),
    "libre": ("LIBRETRANSLATE_URL",),
    "mymemory": ("MYMEMORY_EMAIL",),
}
ENGINES = ("none", "google", *NEEDS)
# https://support.deepl.com/hc/en-us/articles/360021200939: the free plan, whose keys end with ":fx".
DEEPL_FREE_CHARACTERS = 500_000
CONCURRENCY = 16


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """``order`` names the engines to ask, () for none. ``urls``, ``keys`` are by engine; ``""`` where nothing is set.

    ``calls_per_minute`` and ``characters_per_month`` are limits by engine, kept by all processes together; ``concurrency`` is
    how many calls a process makes at once.
    """

    order: tuple[str, ...] = ()
    urls: Mapping[str, str] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict)
    openai_model: str = ""
    microsoft_region: str = ""
    mymemory_email: str = ""
    concurrency: int = CONCURRENCY
    calls_per_minute: Mapping[str, int] = field(default_factory=dict)
    characters_per_month: Mapping[str, int] = field(default_factory=dict)


def read_engines(env: Reader) -> EngineSettings:
    """The engine settings of the environment. Raises SettingsError naming the variable and the mend."""
    free = env.text("DEEPL_API_KEY").endswith(":fx")
    return EngineSettings(
        order=_order(env),
        urls={
            "google": env.url("GOOGLE_TRANSLATE_URL", "https://translate.google.com/m"),
            "libre": env.url("LIBRETRANSLATE_URL"),
            "deepl": env.url("DEEPL_URL", f"https://api{'-free' if free else ''}.deepl.com"),
            "microsoft": env.url("MICROSOFT_URL", "https://api.cognitive.microsofttranslator.com"),
            "mymemory": env.url("MYMEMORY_URL", "https://api.mymemory.translated.net"),
            "openai": env.url("OPENAI_BASE_URL", "https://api.openai.com/v1"),
        },
        keys={
            "libre": env.text("LIBRETRANSLATE_API_KEY"),
            "deepl": env.text("DEEPL_API_KEY"),
            "microsoft": env.text("MICROSOFT_API_KEY"),
            "openai": env.text("OPENAI_API_KEY"),
        },
        openai_model=env.text("OPENAI_MODEL", "gpt-4o-mini"),
        microsoft_region=env.text("MICROSOFT_REGION"),
        mymemory_email=env.address("MYMEMORY_EMAIL", "") if env.text("MYMEMORY_EMAIL") else "",
        concurrency=env.whole("TRANSLATION_CONCURRENCY", CONCURRENCY, least=1, most=256),
        calls_per_minute=_by_engine(env, "TRANSLATION_CALLS_PER_MINUTE", most=60_000),
        characters_per_month=({"deepl": DEEPL_FREE_CHARACTERS} if free else {})
        | _by_engine(env, "TRANSLATION_CHARACTERS_PER_MONTH", most=10**12),
    )


def _order(env: Reader) -> tuple[str, ...]:
    """The engines in order, each once. Unset: each engine that is configured, then google."""
    named = tuple(dict.fromkeys(name.lower() for name in env.listed("TRANSLATORS")))
    if not named:
        return (*(name for name in NEEDS if _usable(env, name)), "google")
    for name in named:
        if name not in ENGINES:
            raise SettingsError(f"TRANSLATORS names {name!r}: choose among {', '.join(ENGINES)}")
        if not _usable(env, name) and name != "mymemory":
            needs = " or ".join(NEEDS[name])
            raise SettingsError(f"TRANSLATORS names {name}, but {needs} is not set: set it, or take {name} out")
    return tuple(name for name in named if name != "none")


def _usable(env: Reader, name: str) -> bool:
    return name not in NEEDS or any(env.text(variable) for variable in NEEDS[name])


def _by_engine(env: Reader, name: str, *, most: int) -> dict[str, int]:
    """Limits by engine in the form ``google:30, deepl:500000``."""
    found: dict[str, int] = {}
    for part in env.listed(name):
        engine, _, text = (word.strip() for word in part.partition(":"))
        if engine.lower() not in ENGINES or not re.fullmatch(r"\d{1,13}", text, re.ASCII) or not 1 <= int(text) <= most:
            raise SettingsError(f"{name} holds {part!r}: give engines with numbers from 1 to {most}, such as google:30")
        found[engine.lower()] = int(text)
    return found
