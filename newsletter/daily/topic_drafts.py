"""A change of one topic, tried on the papers of two weeks before it is taken: what it would bring, and what it would lose.

Nothing is written before ``take``. A topic that is learned is matched by its phrases alone once it was changed, until it is
learned anew; so is the draft.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from newsletter.daily import own_files
from newsletter.daily.own_files import Change
from newsletter.errors import InputError
from newsletter.operating.own_files import CATALOGUE
from newsletter.operating.store import own_versions_in_use
from newsletter.papers.store import papers as papers_store
from newsletter.topics import catalogue as catalogue_module
from newsletter.topics.catalogue import Catalogue, parse
from newsletter.topics.entry_texts import entry_text, with_entry, without_entry
from newsletter.topics.matching import Matcher
from newsletter.values.papers import Paper
from newsletter.values.topics import Match

if TYPE_CHECKING:
    from newsletter.bootstrap import Services

DAYS, MOST_PAPERS = 14, 4000
WHERE = "the catalogue"


@dataclass(frozen=True, slots=True)
class Found:
    """A paper that a draft brings or loses, with the reason of its match."""

    paper: Paper
    reason: str


@dataclass(frozen=True, slots=True)
class Trial:
    """What a draft matches among ``papers`` papers of two weeks: how many, which are new under it, and which it loses."""

    slug: str
    papers: int
    count: int
    before: int
    brings: Sequence[Found]
    loses: Sequence[Found]


def in_use(services: Services) -> tuple[int, str]:
    """The number of the version in use (0: what ships) and its text."""
    with services.database.reading() as session:
        number = own_versions_in_use(session).get(CATALOGUE, 0)
    content = own_files.content_of(services, CATALOGUE, number=number) if number else None
    return number, (content if content is not None else Path(catalogue_module.CATALOGUE).read_bytes()).decode("utf-8-sig")


def text_of(services: Services, slug: str) -> str:
    """The text of an entry of the catalogue in use. Raises InputError where there is none."""
    return entry_text(in_use(services)[1], slug)


def try_out(services: Services, slug: str, text: str, *, now: dt.datetime) -> Trial:
    """What ``text`` in the place of the entry ``slug`` ("": as a new one) would match. Raises InputError, SettingsError."""
    changed = parse(with_entry(in_use(services)[1], slug, text).encode(), WHERE)
    new = _new_slug(services.catalogue, changed, slug)
    matcher = Matcher(Catalogue((replace(changed.by_slug[new], parent=""),)))
    with services.database.reading() as session:
        papers = papers_store.papers_since(session, now.date() - dt.timedelta(days=DAYS))[-MOST_PAPERS:]
        matches = papers_store.matches_of(session, [paper.id for paper in papers])
    now_there = {key: _reason(found, slug or new) for key, found in matches.items()}
    before = {key: reason for key, reason in now_there.items() if reason}
    after = {paper.id: found[0].reason for paper in papers if (found := matcher.match(paper))}
    by_id = {paper.id: paper for paper in papers}
    brings, loses = _beyond(after, before, by_id), _beyond(before, after, by_id)
    return Trial(new, len(papers), len(after), len(before), brings, loses)


def _reason(matches: Sequence[Match], topic: str) -> str:
    return next((match.reason for match in matches if match.topic == topic), "")


def _beyond(found: Mapping[int, str], other: Mapping[int, str], papers: Mapping[int, Paper]) -> list[Found]:
    """What is ``found`` and not among the ``other``, the newest first."""
    return [Found(papers[key], reason) for key, reason in sorted(found.items(), reverse=True) if key not in other]


def take(services: Services, slug: str, text: str, *, number: int, who: str, now: dt.datetime) -> Change:
    """Uses ``text`` in the place of the entry ``slug`` ("": as a new one; no text: removes it) from now on.

    ``number`` is the version that it was written over. Raises InputError where another is in use meanwhile, and as ``try_out``.
    """
    current, content = in_use(services)
    if current != number:
        raise InputError("somebody changed the catalogue meanwhile: open the topic anew, and put your change in there")
    made = with_entry(content, slug, text) if text.strip() else without_entry(content, slug)
    note = f"edited on a page: {slug or 'a new topic'}"
    return own_files.take(services, CATALOGUE, made.encode(), where=WHERE, who=who, note=note, now=now)


def _new_slug(before: Catalogue, changed: Catalogue, slug: str) -> str:
    """The slug that the draft has, which may be another one than before."""
    there = {topic.slug for topic in before.topics} - {slug}
    return next((topic.slug for topic in changed.topics if topic.slug not in there), slug)
