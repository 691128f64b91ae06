"""Keeps the catalogues in step with code and templates: extracts the strings and merges them into each messages.po.

For developers only; nothing that runs the service imports it. Translations that are there stay; a new string comes in empty and a
string that is gone goes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

from newsletter.i18n import LOCALES, catalogue_path

ROOT = Path(__file__).resolve().parent.parent.parent
# What is searched, and by which extractor: paths are relative to the root of the project.
METHODS = {
    "newsletter": [("**.py", "python")],
    "templates/email": [("**.mjml", "jinja2"), ("**.txt", "jinja2")],
    "templates/web": [("**.html", "jinja2"), ("**.txt", "jinja2"), ("**.xml", "jinja2")],
}
# What operators alone see is in English and in these; elsewhere whatever is translated of it stays, and nothing is asked for.
OF_OPERATORS = ("templates/web/admin/", "newsletter/web/admin/", "newsletter/desk/")
OPERATORS_LOCALES = ("zh_Hans_CN", "zh_Hant_TW")
KEYWORDS = {**DEFAULT_KEYWORDS, "lazy_gettext": None, "lazy_ngettext": (1, 2), "_l": None, "Fault": None, "gettext_in": (2,)}
OPTIONS = {"**": {"trimmed": "true", "newstyle_gettext": "true", "silent": "false"}}
# Babel's own header holds the time of the run, so the file would change at each run.
_HEADER = """\
# The words of pages and mails. `python -m newsletter.i18n` keeps the list of strings; the translations are ours to write.
msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plurals}\\n"

"""


@dataclass(frozen=True, slots=True)
class Gap:
    """A string that a catalogue has no good translation for; ``why`` is ``missing`` or ``fuzzy``."""

    locale: str
    text: str
    why: str


def extract(root: Path = ROOT) -> Catalog:
    """All strings of code and templates under ``root``, without line numbers (they would change with every commit)."""
    catalogue = Catalog(project="newsletter", charset="utf-8")
    for folder, methods in METHODS.items():
        if not (root / folder).is_dir():
            continue
        found = extract_from_dir(
            root / folder, method_map=methods, options_map=OPTIONS, keywords=KEYWORDS, comment_tags=("Translators:",)
        )
        for filename, _, message, comments, context in sorted(found, key=lambda row: (row[0], row[1])):
            catalogue.add(message, None, [(f"{folder}/{filename}", 0)], auto_comments=comments, context=context)
    return catalogue


def gaps(extracted: Catalog, locale: str, *, catalogue: Catalog | None = None) -> Iterator[Gap]:
    """The strings of ``extracted`` that the catalogue of ``locale`` lacks or holds as fuzzy; none where all is well."""
    catalogue = catalogue or _read(locale)
    for message in extracted:
        if not message.id or _is_left_in_english(message, locale):
            continue
        text = message.id if isinstance(message.id, str) else message.id[0]
        translated = catalogue.get(text, context=message.context)
        if translated is None or not _complete(translated.string):
            yield Gap(locale, text, "missing")
        elif translated.fuzzy:
            yield Gap(locale, text, "fuzzy")


def merged(extracted: Catalog, locale: str) -> Catalog:
    """The catalogue of ``locale`` with just the strings of ``extracted``: translations kept, new strings empty."""
    catalogue = _read(locale)
    catalogue.update(extracted, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    for message in list(catalogue):
        if message.id and _is_left_in_english(message, locale) and not _complete(message.string):
            catalogue.delete(message.id, context=message.context)
    return catalogue


def update(extracted: Catalog) -> list[Gap]:
    """Merges ``extracted`` into every catalogue and writes it; gives what is still to be translated."""
    for locale in LOCALES:
        catalogue = merged(extracted, locale)
        path = catalogue_path(locale)
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".po.new")
        with draft.open("wb") as file:
            file.write(_HEADER.format(language=locale, plurals=catalogue.plural_forms).encode("utf-8"))
            write_po(file, catalogue, sort_output=True, include_lineno=False, width=100, ignore_obsolete=True, omit_header=True)
        draft.replace(path)
    return [gap for locale in LOCALES for gap in gaps(extracted, locale)]


def _read(locale: str) -> Catalog:
    path = catalogue_path(locale)
    if not path.exists():
        return Catalog(locale=locale, project="newsletter", charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=locale)


def _is_left_in_english(message: Message, locale: str) -> bool:
    """True for words that operators alone see, in a language that their pages are not asked to speak."""
    places = [place for place, _ in message.locations]
    return locale not in OPERATORS_LOCALES and bool(places) and all(place.startswith(OF_OPERATORS) for place in places)


def _complete(string: object) -> bool:
    return all(string) if isinstance(string, (tuple, list)) else bool(string)
