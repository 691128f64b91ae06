"""The languages a digest can be read in: native name, direction and the codes that each engine knows them by.

``code`` is the word used everywhere else in this service (form, table, URL, CSV). ``libre`` and ``google`` are what
LibreTranslate 1.6 and deep-translator 1.11.4 call the language, ``deepl`` and ``microsoft`` what these services call it
(https://developers.deepl.com/docs/getting-started/supported-languages, "" where it does not know it;
https://learn.microsoft.com/azure/ai-services/translator/language-support); MyMemory and chat models know ``code``.
``babel`` is the locale for dates and interface texts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal

Direction = Literal["ltr", "rtl"]


@dataclass(frozen=True, slots=True)
class Language:
    """One row of the table; ``spaceless`` marks scripts that are written without spaces between words."""

    code: str
    name: str
    babel: str
    google: str
    libre: str
    deepl: str
    microsoft: str
    direction: Direction = "ltr"
    spaceless: bool = False


SOURCE_LANGUAGE = "en"

LANGUAGES: tuple[Language, ...] = (
    Language("en", "English", "en", "en", "en", "EN", "en"),
    Language("zh-CN", "简体中文", "zh_Hans_CN", "zh-CN", "zh", "ZH-HANS", "zh-Hans", spaceless=True),
    Language("zh-TW", "繁體中文", "zh_Hant_TW", "zh-TW", "zt", "ZH-HANT", "zh-Hant", spaceless=True),
    Language("ja", "日本語", "ja", "ja", "ja", "JA", "ja", spaceless=True),
    Language("ko", "한국어", "ko", "ko", "ko", "KO", "ko"),
    Language("de", "Deutsch", "de", "de", "de", "DE", "de"),
    Language("fr", "Français", "fr", "fr", "fr", "FR", "fr"),
    Language("es", "Español", "es", "es", "es", "ES", "es"),
    Language("pt", "Português", "pt", "pt", "pt", "PT-PT", "pt-pt"),
    Language("it", "Italiano", "it", "it", "it", "IT", "it"),
    Language("nl", "Nederlands", "nl", "nl", "nl", "NL", "nl"),
    Language("pl", "Polski", "pl", "pl", "pl", "PL", "pl"),
    Language("ru", "Русский", "ru", "ru", "ru", "RU", "ru"),
    Language("uk", "Українська", "uk", "uk", "uk", "UK", "uk"),
    Language("tr", "Türkçe", "tr", "tr", "tr", "TR", "tr"),
    Language("vi", "Tiếng Việt", "vi", "vi", "vi", "VI", "vi"),
    Language("id", "Bahasa Indonesia", "id", "id", "id", "ID", "id"),
    Language("hi", "हिन्दी", "hi", "hi", "hi", "", "hi"),
    Language("cs", "Čeština", "cs", "cs", "cs", "CS", "cs"),
    Language("sv", "Svenska", "sv", "sv", "sv", "SV", "sv"),
    Language("ar", "العربية", "ar", "ar", "ar", "AR", "ar", direction="rtl"),
    Language("he", "עברית", "he", "iw", "he", "HE", "he", direction="rtl"),
    Language("fa", "فارسی", "fa", "fa", "fa", "", "fa", direction="rtl"),
)

BY_CODE: dict[str, Language] = {language.code: language for language in LANGUAGES}


def language_of(code: str) -> Language:
    """The row of ``code``; English where the code is unknown, so that a stale row never stops a mail."""
    return BY_CODE.get(code, LANGUAGES[0])


def guess_language(accepted: Iterable[tuple[str, float]], offered: Collection[str]) -> str:
    """The one of the codes ``offered`` that fits an ``Accept-Language`` header best; ``en`` where none fits.

    ``accepted`` are its tags with their qualities, the best first, as werkzeug reads them. A language of quality 0 is refused,
    also where ``*`` accepts any. Chinese is told apart by script, else by region: ``zh-Hant``, ``zh-TW``, ``zh-HK`` and ``zh-MO``
    read zh-TW.
    """
    wanted = [(_code_of(tag), quality) for tag, quality in accepted]
    refused = {code for code, quality in wanted if not quality}
    for code, quality in wanted:
        if quality and code in offered:
            return code
        if quality and code == "*":
            return next((other for other in offered if other not in refused), SOURCE_LANGUAGE)
    return SOURCE_LANGUAGE


def _code_of(tag: str) -> str:
    first, *others = tag.lower().split("-")
    if first != "zh":
        return first
    return "zh-TW" if "hant" in others or ("hans" not in others and {"tw", "hk", "mo"}.intersection(others)) else "zh-CN"
