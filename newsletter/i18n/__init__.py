"""The words of mails and pages in the reader's language: gettext catalogues, dates, and the fonts and direction of a script.

English is the source, in templates and code through ``_()`` and ``ngettext()``. A language without a catalogue reads English. The
catalogues are compiled in memory when they are first used, so that there is no build step to forget.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import lru_cache
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Literal

from babel.core import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po
from babel.support import Translations

from newsletter.errors import SettingsError
from newsletter.languages import SOURCE_LANGUAGE, Language, language_of

LOCALE_FOLDER = Path(__file__).resolve().parent.parent / "locale"
# The locales with a catalogue of ours for pages and mails; the source, English, needs none.
LOCALES = ("zh_Hans_CN", "zh_Hant_TW", "ja", "ar")
# Those with the words of mails alone: readers of these languages see pages in English.
MAIL_LOCALES = ("de", "fr", "es", "pt", "it", "ko", "ru")


def catalogue_path(locale: str) -> Path:
    return LOCALE_FOLDER / locale / "LC_MESSAGES" / "messages.po"


def _l(text: str) -> str:
    """``text`` itself, marked to be translated where it is shown."""
    return text


@lru_cache(maxsize=64)
def translations_for(language: str) -> NullTranslations:
    """The translations for the language ``code`` (``zh-CN``): ``.gettext(text)`` and ``.ngettext(one, many, n)``.

    English, a language without a catalogue and an unknown code give the text as it stands. Raises SettingsError where a
    catalogue cannot be read.
    """
    locale = language_of(language).babel
    return _compiled(locale) if locale in (*LOCALES, *MAIL_LOCALES) else NullTranslations()


@lru_cache(maxsize=256)
def interface_language(language: str) -> Language:
    """The language that a mail is really framed in: ``language`` where it has a catalogue, else English."""
    found = language_of(language)
    return found if found.babel in (*LOCALES, *MAIL_LOCALES) else language_of("en")


def _compiled(locale: str) -> NullTranslations:
    path = catalogue_path(locale)
    try:
        with path.open("rb") as file:
            catalogue = read_po(file, locale=locale, abort_invalid=True)
    except (OSError, PoFileError) as error:
        raise SettingsError(f"{path} cannot be read ({error}): mend the file or restore it from the repository") from error
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(fp=compiled, domain="messages")


@lru_cache(maxsize=4096)
def long_date(day: dt.date, language: str) -> str:
    """``day`` in words with its weekday, by the language's custom: Saturday, November 21, 2026."""
    return format_date(day, "full", locale=_locale(language))


@lru_cache(maxsize=4096)
def short_date(day: dt.date, language: str) -> str:
    """``day`` without its weekday, short enough for a line of facts: Nov 21, 2026.

    From right to left the month is spelt out: figures and slashes would change places.
    """
    leftward = interface_language(language).direction == "rtl"
    return format_date(day, "long" if leftward else "medium", locale=_locale(language))


@lru_cache(maxsize=4096)
def day_and_month(day: dt.date, language: str) -> str:
    """``day`` without the year, for a subject line: Nov 21."""
    return format_skeleton("MMMd", dt.datetime.combine(day, dt.time()), locale=_locale(language))


def listed(names: Sequence[str], language: str) -> str:
    """``names`` one after the other, as ``language`` lists them; set apart where Latin ones would change places."""
    shown = interface_language(language)
    apart = [f"\u2068{name}\u2069" for name in names] if shown.direction == "rtl" else names
    # In English "and" before the last says too much. As units, Chinese and Japanese have no sign between them, Arabic says the
    # second of two twice, and Babel finds no pattern of some languages at all.
    style: Literal["standard", "unit"] = "unit" if shown.code == SOURCE_LANGUAGE else "standard"
    return format_list(apart, style=style, locale=_locale(shown.code))


def _locale(language: str) -> Locale:
    try:
        return Locale.parse(language_of(language).babel)
    except (UnknownLocaleError, ValueError):
        return Locale("en")
