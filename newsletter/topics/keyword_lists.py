"""Takes over the keyword lists of daily lists (``keywords: {NAME: {filters: [...]}}``) as catalogue entries with a query.

Texts in, texts out: it reads and writes no file. What it cannot take it tells; it must not guess.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from newsletter.errors import InputError
from newsletter.topics.catalogue import Catalogue
from newsletter.topics.entries import NAME_LANGUAGES
from newsletter.topics.queries.parser import MOST_TERMS, parse
from newsletter.topics.queries.syntax import OPERATORS, Query, Term, either, show, terms

KEYWORDS, FILTERS = "keywords", "filters"
_LONGEST_SLUG = 34
# What an entry means that was taken over, by language.
_MEANS = {
    "en": "Papers that the query taken over for {name} finds.",
    "zh-CN": "由沿用的 {name} 检索式找到的论文。",
    "zh-TW": "由沿用的 {name} 檢索式找到的論文。",
    "ja": "引き継いだ {name} の検索式で見つかる論文。",
    "ar": "الأوراق التي يجدها الاستعلام المنقول باسم {name}.",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """One keyword of a list as an entry: its name and its query."""

    name: str
    slug: str
    query: str


@dataclass(frozen=True, slots=True)
class Taken:
    """What a list holds: the entries, and in lines for people what was taken and what could not be."""

    entries: tuple[Wanted, ...]
    told: tuple[str, ...]


def is_list(content: object) -> bool:
    """True for the configuration of a daily list, as parsed from YAML."""
    return isinstance(content, Mapping) and KEYWORDS in content


def take(content: Mapping[str, Any]) -> Taken:
    """The entries of a parsed configuration. A keyword with no usable filter is told and left out.

    Raises InputError where ``keywords`` is no mapping or none of it can be taken.
    """
    keywords = content[KEYWORDS]
    if not isinstance(keywords, Mapping) or not keywords:
        raise InputError("keywords: holds no names with filters: write keywords: {NAME: {filters: [..]}}")
    entries: list[Wanted] = []
    told: list[str] = []
    for key, value in keywords.items():
        name = " ".join(str(key).split())
        queries, lines = _filters(name, value)
        told += lines
        if queries:
            slug = _free(_slug(name), {entry.slug for entry in entries})
            entries.append(Wanted(name, slug, show(either(*dict.fromkeys(queries)))))
    if not entries:
        raise InputError("\n".join([*told, "no keyword could be taken: mend the filters named above"]))
    others = [str(key) for key in content if key != KEYWORDS]
    if others:
        told.append(f"not taken: {', '.join(others)} (settings of the other program)")
    return Taken(tuple(entries), tuple(told))


def _filters(name: str, value: object) -> tuple[list[Query], list[str]]:
    given = value.get(FILTERS) if isinstance(value, Mapping) else value
    if isinstance(given, str):
        given = [given]
    if not isinstance(given, Sequence) or not given:
        return [], [f"{name}: not taken: it has no list of filters"]
    queries: list[Query] = []
    told: list[str] = []
    count = 0
    for one in given:
        try:
            query = _query(one)
        except InputError as error:
            why = str(error).split("\n", maxsplit=1)[0]
            told.append(f"{name}: filter {one!r} not taken: {why}")
            continue
        count += len(list(terms(query)))
        if count > MOST_TERMS:
            told.append(
                f"{name}: filter {one!r} and those after it not taken: a query has at most {MOST_TERMS} words and phrases"
            )
            break
        queries.append(query)
    told += [] if queries else [f"{name}: not taken: none of its filters can be used"]
    return queries, told


def _query(given: object) -> Query:
    """A filter is a phrase, or a query where it has operators, a field or quotes."""
    if not isinstance(given, str):
        raise InputError("it is no text: put it in quotes")
    text = " ".join(given.split())
    if set(text.split()) & OPERATORS or re.search(r'["“”()*]|\b(ti|abs|au|cat|co|comment|all):', text):
        return parse(text)
    query = parse(f'"{text}"')
    return Term(text) if isinstance(query, Term) else query


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall(r"[a-z0-9]+", plain))[:_LONGEST_SLUG].strip("-") or "list"


def _free(slug: str, taken: Iterable[str]) -> str:
    """``slug``, or the first of slug-2, slug-3 ... that is free."""
    others = set(taken)
    number = 2
    found = slug
    while found in others:
        found, number = f"{slug}-{number}", number + 1
    return found


def added(text: str, catalogue: Catalogue, entries: Iterable[Wanted]) -> tuple[str, tuple[str, ...]]:
    """The catalogue's text with ``entries`` in it, and what was done with each, in lines.

    An entry that an earlier import brought is replaced; one with phrases or examples stays, and the new one is put beside it as
    SLUG-list.
    Comments and order of the text are kept. The new entries look into all categories of the catalogue.
    """
    told: list[str] = []
    for entry in entries:
        slug = entry.slug
        known = catalogue.by_slug.get(slug)
        if known is not None and (known.strong or known.in_title or known.examples):
            slug = f"{slug}-list"
            known = catalogue.by_slug.get(slug)
        if known is not None and known.query == entry.query:
            told.append(f"{slug}: as it was")
            continue
        piece = _entry(entry, slug, catalogue.categories)
        text = _without(text, slug) + piece
        told.append(f"{slug}: {'replaced' if known else 'taken'}: {entry.query}")
    return text, tuple(told)


def _entry(entry: Wanted, slug: str, categories: tuple[str, ...]) -> str:
    content = {
        "slug": slug,
        "names": dict.fromkeys(NAME_LANGUAGES, entry.name),
        "means": {code: means.format(name=entry.name) for code, means in _MEANS.items()},
        "categories": list(categories),
        "query": entry.query,
    }
    return yaml.safe_dump([content], allow_unicode=True, sort_keys=False, width=120)


def _without(text: str, slug: str) -> str:
    """``text`` less the entry ``slug``, and ending with a line break."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    nodes = root.value if isinstance(root, yaml.SequenceNode) else []
    # Each entry starts with the dash before its first key and ends before the dash of the next.
    dashes = [*(text.rindex("-", 0, node.start_mark.index) for node in nodes), len(text)]
    for place, node in enumerate(nodes):
        if _slug_of(node) == slug:
            text = text[: dashes[place]] + text[dashes[place + 1] :]
            break
    return text if text.endswith("\n") else text + "\n"


def _slug_of(node: yaml.Node) -> str:
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    return next((str(value.value) for key, value in pairs if key.value == "slug"), "")
