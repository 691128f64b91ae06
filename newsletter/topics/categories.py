"""The categories of arXiv, bioRxiv and medRxiv as topics, exact by definition: a paper is under each that it is listed in.

Pure. Cross-lists count, as they do for the topics of the catalogue; papers whose first category it is come first. An archive
(``astro-ph``, ``cs``) or a server as a whole is a topic too. The English names are the servers' own
(https://arxiv.org/category_taxonomy). A category that a server gives up or renames stays here, and brings nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from newsletter.text.identifiers import ALIASES, canonical_category, names_of_category
from newsletter.text.preprint_identifiers import SERVER_NAMES, is_preprint_category
from newsletter.topics.catalogue import Catalogue
from newsletter.values.papers import ARXIV, Paper
from newsletter.values.topics import Match, Topic

CATEGORIES = Path(__file__).with_name("categories.tsv")
# Matches of another version are out of date.
VERSION = "categories 1"
# What an archive as a whole is called, in the languages of the file, and anything else.
WHOLE = {
    "en": "All of {} ({})", "zh-CN": "{}（{} 全部）", "zh-TW": "{}（{} 全部）", "ja": "{}（{} のすべて）", "ar": "{} (كل {})",
}  # fmt: skip
PART = "{} ({})"
# Less than any topic of the catalogue is worth, because a paper stands best under the narrowest; the first is for papers whose
# first category it is, the second for cross-lists.
OF_CATEGORY, OF_ARCHIVE = (0.2, 0.15), (0.1, 0.05)


@lru_cache(maxsize=1)
def category_topics() -> Mapping[str, Topic]:
    """The topics by slug in the order of the file, an archive before its categories; ``parent`` is the archive's slug."""
    first, *lines = CATEGORIES.read_text("utf-8").splitlines()
    languages = first.split("\t")[1:]
    named = {name: dict(zip(languages, names, strict=True)) for name, *names in (line.split("\t") for line in lines)}
    parts: dict[str, list[str]] = defaultdict(list)
    for name in named:
        for archive in _archives_of(name):
            parts[archive].append(name)
    topics = [_topic(name, names, tuple(parts.get(name, ())), named.keys()) for name, names in named.items()]
    return MappingProxyType({topic.slug: topic for topic in topics})


def _topic(name: str, names: Mapping[str, str], parts: tuple[str, ...], known: Collection[str]) -> Topic:
    code = SERVER_NAMES.get(name.partition(":")[0], name)
    if name not in SERVER_NAMES:
        names = {language: (WHOLE[language] if parts else PART).format(text, code) for language, text in names.items()}
    archive = next((one for one in _archives_of(name) if one in known), "")
    categories = parts or (name,)
    return Topic(
        slug=_slug(name),
        names=names,
        parent=archive,
        categories=categories,
        query=" OR ".join(f"cat:{one}" for one in categories),
    )


def _slug(category: str) -> str:
    return category.replace(":", ".")


def _archives_of(category: str) -> tuple[str, ...]:
    """The archives, or the server, that have the category: more than one where it has an alias; none for an archive itself."""
    if is_preprint_category(category):
        return (category.partition(":")[0],)
    return tuple(dict.fromkeys(name.partition(".")[0] for name in names_of_category(category) if "." in name))


def slug_of(text: str) -> str:
    """The slug of the category that ``text`` names, in any case and by its other name too (``CS.SY``: eess.SY); "" for none."""
    return _by_folded().get(text.strip().casefold().replace(":", "."), "")


def known_categories(named: Iterable[str]) -> frozenset[str]:
    """Those of ``named`` that arXiv has, whatever their case, each by its one name; an archive of several is no category."""
    found = (category_topics().get(slug_of(name)) for name in named)
    return frozenset(one.categories[0] for one in found if one and one.categories == (one.slug,))


def asked_of_arxiv(slugs: Iterable[str]) -> frozenset[str]:
    """The categories of arXiv that these topics are about; other servers are read whole."""
    topics = (category_topics().get(slug) for slug in slugs)
    return frozenset(name for topic in topics if topic for name in topic.categories if not is_preprint_category(name))


@lru_cache(maxsize=1)
def _by_folded() -> Mapping[str, str]:
    aliases = {alias.casefold(): canonical_category(alias) for alias in ALIASES}
    return aliases | {slug.casefold(): slug for slug in category_topics()}


@lru_cache(maxsize=8)
def with_categories(catalogue: Catalogue, sources: tuple[str, ...] | None = None) -> Mapping[str, Topic]:
    """What a reader may have chosen, by slug in the order of a mail: the catalogue's entries, then categories.

    With ``sources`` what is offered where only these servers are read, headings left out. Of two with one slug the
    catalogue's counts.
    """
    if sources is None:
        own, categories = dict(catalogue.by_slug), dict(category_topics())
    else:
        own = {topic.slug: topic for topic in catalogue.choices}
        categories = {slug: topic for slug, topic in category_topics().items() if server_of(slug) in sources}
    return MappingProxyType(own | {slug: one for slug, one in categories.items() if slug not in catalogue.by_slug})


def server_of(slug: str) -> str:
    """The server that has the category of this slug."""
    name = slug.partition(".")[0]
    return name if name in SERVER_NAMES else ARXIV


def category_matches(paper: Paper, *, but: Collection[str] = ()) -> list[Match]:
    """A match for each category and archive of ``paper`` but those whose slugs the catalogue gave to entries of its own."""
    found: dict[str, Match] = {}
    for place, category in enumerate(paper.categories):
        crossed = min(place, 1)
        found.setdefault(_slug(category), Match(paper.ref, _slug(category), OF_CATEGORY[crossed], ""))
        for archive in _archives_of(category):
            found.setdefault(archive, Match(paper.ref, archive, OF_ARCHIVE[crossed], f"category: {category}"))
    return [match for slug, match in found.items() if slug in category_topics() and slug not in but]


def is_category(topic: Topic) -> bool:
    """Whether ``topic`` is one of these, and no entry of a catalogue."""
    return category_topics().get(topic.slug) is topic
