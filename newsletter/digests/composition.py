"""Composes what a reader sees from papers, matches and translations. Pure; shared by mails and archive pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence

from newsletter.digests.selection import UPDATED
from newsletter.languages import SOURCE_LANGUAGE
from newsletter.text.contribution import contribution
from newsletter.text.venues import venue_of
from newsletter.values.digests import Announced, Digest, Entry, Group, Pick
from newsletter.values.mail import MailKind
from newsletter.values.papers import ARXIV, Paper
from newsletter.values.readers import Explanation, Layout
from newsletter.values.topics import Match, Topic
from newsletter.values.translations import Field, Translation

# What published lists brought: often the abstract alone, under the title as it was.
IMPORTED = "imported"


def compose_entry(
    paper: Paper,
    *,
    language: str,
    translations: Mapping[Field, Translation],
    matches: Sequence[Match],
    topics: Mapping[str, Topic],
    topic: str = "",
    tldr: bool = True,
    followed: Sequence[str] = (),
) -> Entry:
    """The paper in ``language`` under ``topic`` (empty: its best one); the original where a translation is missing.

    Without ``tldr`` no sentence is looked for: most of the time of an entry, for pages that show none.
    ``topic`` may be a saved query of the reader (``q:ID``); those of others are named to nobody. ``followed`` are authors of
    the paper whom the reader follows.
    """
    known = [match for match in sorted(matches, key=lambda match: -match.score) if match.topic in topics]
    slug = topic or (known[0].topic if known else "")
    abstract = translations.get(Field.ABSTRACT)
    return Entry(
        paper=paper,
        language=language,
        title=_text(translations, Field.TITLE, paper.title),
        abstract=_text(translations, Field.ABSTRACT, paper.abstract),
        translated=_is_translated(language, translations),
        engine=abstract.engine if abstract else "",
        topic=slug,
        topics=tuple(topics[match.topic].name(language) for match in known),
        reason=next((match.reason for match in matches if match.topic == slug), ""),
        announced=_announced(paper, slug, topics.get(slug)),
        tldr=_summary(paper, language, translations) if tldr else "",
        venue=venue_of(paper.comment, paper.journal_ref),
        followed=tuple(followed),
    )


def _text(translations: Mapping[Field, Translation], field: Field, original: str) -> str:
    found = translations.get(field)
    return found.text if found else original


def _is_translated(language: str, translations: Mapping[Field, Translation]) -> bool:
    """Whether title and abstract are in ``language``; of what a published list brought the abstract is enough."""
    if language == SOURCE_LANGUAGE:
        return True
    abstract = translations.get(Field.ABSTRACT)
    return abstract is not None and (Field.TITLE in translations or abstract.engine == IMPORTED)


def _summary(paper: Paper, language: str, translations: Mapping[Field, Translation]) -> str:
    """What the paper says in one sentence of the language; "" where that is not translated."""
    if tldr := translations.get(Field.TLDR):
        return tldr.text
    if language == SOURCE_LANGUAGE:
        return contribution(paper.title, paper.abstract)
    abstract = translations.get(Field.ABSTRACT)
    return abstract.text if abstract and contribution(paper.title, paper.abstract) == paper.abstract else ""


def _announced(paper: Paper, slug: str, topic: Topic | None) -> Announced:
    """As what the paper came under the topic: cross-listed where only another of its categories is one of the topic's."""
    if slug == UPDATED:
        return Announced.UPDATED
    watched = set(topic.categories) if topic and paper.source == ARXIV else set()
    crossed = paper.primary_category not in watched and bool(watched & set(paper.categories))
    return Announced.CROSS_LISTED if crossed else Announced.NEW


def compose_entries(
    papers: Iterable[Paper],
    *,
    language: str,
    translations: Mapping[int, Mapping[Field, Translation]],
    matches: Mapping[int, Sequence[Match]],
    topics: Mapping[str, Topic],
    topic: str = "",
    tldr: bool = True,
) -> list[Entry]:
    """Entries of many papers, in the order given; ``translations`` and ``matches`` are by paper id and may lack any."""
    return [
        compose_entry(
            paper,
            language=language,
            translations=translations.get(paper.id, {}),
            matches=matches.get(paper.id, ()),
            topics=topics,
            topic=topic,
            tldr=tldr,
        )
        for paper in papers
    ]


def compose_digest(
    frozen: Sequence[tuple[int, str]],
    *,
    date: dt.date,
    language: str,
    entry_of: Callable[[int, str], Entry | None],
    name_of: Callable[[str], str],
    more: int = 0,
    welcome: bool = False,
    layout: Layout = Layout.STANDARD,
    picks: Sequence[Pick] = (),
    more_picks: int = 0,
    explanations: Mapping[int, Explanation] | None = None,
    section_of: Callable[[str], str] = str,
    found: Mapping[str, int] | None = None,
    top: Sequence[int] = (),
    occasion: MailKind = MailKind.DIGEST,
) -> Digest:
    """The digest of a frozen list of (paper id, topic), in its order; papers that are gone since are left out and not counted.

    ``section_of`` says in which section the papers of a topic or saved query stand, ``name_of`` how it is headed, and ``found``
    how many papers were new by topic.
    """
    groups: dict[str, list[Entry]] = {}
    counts = _by_section(found or {}, section_of)
    for paper_id, topic in frozen:
        entry = entry_of(paper_id, topic)
        if entry is not None:
            groups.setdefault(section_of(topic), []).append(entry)
        else:
            counts[section_of(topic)] = counts.get(section_of(topic), 0) - 1
    named = tuple([Group(slug, name_of(slug), tuple(entries), counts.get(slug, 0)) for slug, entries in groups.items()])
    return Digest(
        date, language, named, more, welcome, layout, tuple(picks), more_picks, explanations or {}, tuple(top), occasion
    )


def _by_section(found: Mapping[str, int], section_of: Callable[[str], str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for topic, number in found.items():
        section = section_of(topic)
        counts[section] = counts.get(section, 0) + number
    return counts
