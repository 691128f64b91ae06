"""One entry of a catalogue file, checked and turned into a Topic. Knows nothing of files or of other entries."""

from __future__ import annotations

import re
from typing import Any

from newsletter.errors import InputError, SettingsError
from newsletter.languages import BY_CODE, SOURCE_LANGUAGE
from newsletter.text.identifiers import parse_any_ref
from newsletter.text.preprint_identifiers import is_preprint_category
from newsletter.text.tokens import is_acronym, spellings, tokens
from newsletter.topics.queries.parser import parse
from newsletter.values.topics import Topic

NAME_LANGUAGES = ("en", "zh-CN", "zh-TW", "ja")
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")
# https://arxiv.org/category_taxonomy: an archive, and for most of them a dot and a subject class.
CATEGORY = re.compile(r"[a-z]+(-[a-z]+)*(\.([A-Z]{2}|[a-z]+(-[a-z]+)*))?\Z")
PHRASE_LISTS = ("strong", "in_title", "weak", "exclude")
QUERIES = ("query", "unless")
# One of these has to be there for a match without examples.
CARRYING = ("strong", "in_title", "query")
# A topic that has none of them is learned from so many example papers at least.
FEWEST_EXAMPLES = 15
KEYS = frozenset({"slug", "parent", "names", "means", "categories", "examples", *PHRASE_LISTS, *QUERIES})


def read_topic(entry: object, where: str) -> Topic:
    """The Topic that ``entry`` (a mapping parsed from YAML) describes; ``where`` names file and place for messages.

    Raises SettingsError, naming the entry and the mend.
    """
    if not isinstance(entry, dict):
        raise SettingsError(f"{where} is {_shown(entry)}: write a mapping that starts with 'slug:'")
    slug = entry.get("slug")
    if not isinstance(slug, str) or not SLUG.match(slug) or len(slug) > 40:
        raise SettingsError(
            f"{where} has the slug {_shown(slug)}: give lower-case letters, digits and single hyphens, at most 40, in quotes"
            " where YAML would read a number"
        )
    where = f"{where} ({slug})"
    unknown = sorted(str(key) for key in entry if key not in KEYS)
    if unknown:
        raise SettingsError(f"{where} has the unknown key {unknown[0]!r}: use {', '.join(sorted(KEYS))}")
    phrases = {name: _phrases(entry, name, where=where) for name in PHRASE_LISTS}
    _check_lists(phrases, where)
    return Topic(
        slug=slug,
        names=_names(entry.get("names"), where),
        parent=_text(entry.get("parent", ""), f"{where}: parent"),
        categories=_categories(entry, where),
        means=_means(entry["means"], where) if "means" in entry else {},
        **phrases,
        query=_query(entry, "query", where=where),
        unless=_query(entry, "unless", where=where),
        examples=_examples(entry, where),
    )


def _names(value: object, where: str) -> dict[str, str]:
    """The name by language: mere text is the name in all of them."""
    if isinstance(value, str) and not _is_blank(value):
        return {SOURCE_LANGUAGE: _text(value, f"{where}: names")}
    if not isinstance(value, dict):
        raise SettingsError(f"{where} has no names: add 'names:' with one for all languages, or with {', '.join(NAME_LANGUAGES)}")
    missing = [code for code in NAME_LANGUAGES if _is_blank(value.get(code))]
    if missing:
        raise SettingsError(f"{where} has no name in {missing[0]}: add it under 'names:'")
    return {_text(code, f"{where}: names"): _text(name, f"{where}: names: {code}") for code, name in value.items()}


def _means(given: object, where: str) -> dict[str, str]:
    """The sentence by language: mere text is English, a mapping has English and any others of the service's languages.

    Raises SettingsError, naming the entry, the language at fault and the mend.
    """
    if isinstance(given, str):
        given = {} if _is_blank(given) else {SOURCE_LANGUAGE: given}
    if given in (None, {}):
        raise SettingsError(f"{where} does not say what it means: add one sentence as 'means:'")
    if not isinstance(given, dict):
        raise SettingsError(
            f"{where}: means is {_shown(given)}: write one sentence in quotes, or one for each language, {{en: ...}}"
        )
    unknown = [code for code in given if code not in BY_CODE]
    if unknown:
        raise SettingsError(
            f"{where}: means has {_shown(unknown[0])}, which is no language of this service: use {', '.join(BY_CODE)}; within"
            " {} a sentence with a comma needs quotes"
        )
    if _is_blank(given.get(SOURCE_LANGUAGE)):
        raise SettingsError(f"{where} does not say in English what it means: add '{SOURCE_LANGUAGE}:' under 'means:'")
    return {code: _sentence(text, f"{where}: means: {code}") for code, text in given.items()}


def _sentence(value: object, where: str) -> str:
    found = "" if value is None else _text(value, where)
    if not found:
        raise SettingsError(f"{where} is empty: write one sentence, or take this language out")
    return found


def _categories(entry: dict[Any, Any], where: str) -> tuple[str, ...]:
    found = _texts(entry.get("categories", []), f"{where}: categories")
    for category in found:
        if not CATEGORY.match(category) and not is_preprint_category(category):
            raise SettingsError(
                f"{where} has the category {category!r}: write it as arXiv does, such as cs.CV or quant-ph, one of another"
                " server as biorxiv:neuroscience"
            )
    return found


def _examples(entry: dict[Any, Any], where: str) -> tuple[str, ...]:
    """Refs of papers, each once, however they are written: as an id or a link."""
    given = entry.get("examples", [])
    listed = [_id_of_number(one) if isinstance(one, float) else one for one in given] if isinstance(given, list) else given
    found: list[str] = []
    for text in _texts(listed, f"{where}: examples"):
        try:
            ref, _ = parse_any_ref(text)
        except InputError as exc:
            raise SettingsError(f"{where}: examples: {exc}") from exc
        if ref in found:
            raise SettingsError(f"{where}: examples names {ref} twice: take one out")
        found.append(ref)
    if 0 < len(found) < FEWEST_EXAMPLES and not any(entry.get(name) for name in CARRYING):
        raise SettingsError(
            f"{where} has {len(found)} example papers and no phrases: name {FEWEST_EXAMPLES} or more, or add 'strong:'"
        )
    return tuple(found)


def _id_of_number(number: float) -> str:
    """The id that YAML read as a number, for want of quotes: 2606.1234 was 2606.12340, for ids have five digits since 1501."""
    return f"{number:.5f}" if number >= 1501 else f"{number:09.4f}"


def _phrases(entry: dict[Any, Any], name: str, *, where: str) -> tuple[str, ...]:
    found = _texts(entry.get(name, []), f"{where}: {name}")
    for phrase in found:
        if not tokens(phrase):
            raise SettingsError(f"{where}: {name} has the phrase {phrase!r}: give it a letter or digit, or take it out")
    return found


def _query(entry: dict[Any, Any], name: str, *, where: str) -> str:
    text = _text(entry.get(name, ""), f"{where}: {name}")
    if text or name in entry:
        try:
            parse(text)
        except InputError as exc:
            raise SettingsError(f"{where}: {name}: {exc}") from exc
    return text


def _check_lists(phrases: dict[str, tuple[str, ...]], where: str) -> None:
    """A phrase stands in one list and in one form: "agent" finds "Agents" too, and two that find the same count it twice."""
    seen: dict[tuple[str, bool], str] = {}
    for name, listed in phrases.items():
        for phrase in listed:
            found = {(spelling, is_acronym(phrase)) for spelling in spellings(phrase)}
            earlier = next((seen[key] for key in sorted(found) if key in seen), "")
            if earlier:
                raise SettingsError(f"{where}: {name} has {phrase!r} and {earlier}, which finds the same: keep one")
            seen.update(dict.fromkeys(found, f"{name} has {phrase!r}"))


def _texts(value: object, where: str) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise SettingsError(f"{where} is {_shown(value)}: write a list, [..., ...]")
    found = tuple(_text(item, where) for item in value)
    for place, item in enumerate(found):
        if not item:
            raise SettingsError(f"{where} has an empty item: take it out")
        if item in found[:place]:
            raise SettingsError(f"{where} lists {item!r} twice: take one out")
    return found


def _text(value: object, where: str) -> str:
    if not isinstance(value, str):
        raise SettingsError(f"{where} holds {_shown(value)}, which is no text: put it in quotes")
    return " ".join(value.split())


def _is_blank(value: object) -> bool:
    """True where nothing is written: no value at all, or spaces."""
    return not str(value or "").strip()


def _shown(value: object) -> str:
    return "missing" if value is None else repr(value)[:60]
