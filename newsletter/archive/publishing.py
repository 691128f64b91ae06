"""Makes pages out of the database for publication: the imported lists, or where there are none our newest days.

All pages are made anew at each run, and only those that differ are written. It fetches and translates nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from newsletter.archive.files import Written, differing, write_pages
from newsletter.archive.formats.document import Kind
from newsletter.archive.git import commit_and_push, pages_not_out
from newsletter.archive.kept_list import StoredBlock, StoredList
from newsletter.archive.pages import days as day_pages
from newsletter.archive.pages.days import Section, Style, closing
from newsletter.archive.pages.lists import ListPage, classic_page, rich_notes, rich_page, store_page
from newsletter.archive.pages.records import records_of, records_page
from newsletter.archive.pages.rows import Shown
from newsletter.archive.store import lists as lists_store
from newsletter.errors import InputError
from newsletter.languages import BY_CODE, SOURCE_LANGUAGE
from newsletter.papers.store import papers as papers_store
from newsletter.papers.store.days import days_with_papers
from newsletter.values.list_formats import ListFormat
from newsletter.values.topics import Match

if TYPE_CHECKING:
    from newsletter.bootstrap import Services

_TABLES = {ListFormat.README, ListFormat.JEKYLL}
_FRONT = {ListFormat.JEKYLL: "index.md", ListFormat.JSON: "papers.json", ListFormat.RECORDS: "papers.jsonl"}
_ENDINGS = {ListFormat.JSON: ".json", ListFormat.RECORDS: ".jsonl"}
NO_TOPIC = "Without a topic"


@dataclass(frozen=True, slots=True)
class PublishOptions:
    """What is to be published. ``language`` "" is the original, or that of the list; ``format`` was ``asked`` for, or not.

    ``classic`` keeps the columns that lists had of old; ``dated`` puts today into their "Updated on".
    """

    format: ListFormat = ListFormat.README
    asked: bool = False
    language: str = ""
    days: int = 7
    classic: bool = False
    dated: bool = False
    git: bool = False


@dataclass(frozen=True, slots=True)
class Published:
    """What a publication wrote, and what git said."""

    pages: Written
    git: str = ""


def write_and_commit(services: Services, folder: Path, pages: Mapping[str, str], *, git: bool, now: dt.datetime) -> Published:
    """Writes ``pages`` into ``folder``, and commits and pushes them where ``git`` is set.

    Raises InputError where the folder cannot be written, or git cannot take them.
    """
    written = write_pages(folder, pages)
    if not git:
        return Published(written)
    author, message = services.settings.site_name, f"Papers of {now.date()}"
    return Published(written, commit_and_push(folder, sorted(pages), message=message, author=author, address=services.contact))


@dataclass(frozen=True, slots=True)
class CheckedPages:
    """Pages that publishing would write, and those that it would push to ``where``, "" where git was not asked."""

    differing: tuple[str, ...]
    where: str = ""
    not_out: tuple[str, ...] = ()


def check(folder: Path, pages: Mapping[str, str], *, git: bool) -> CheckedPages:
    """What ``write_and_commit`` would do. Raises as it does."""
    found = differing(folder, pages)
    if not git:
        return CheckedPages(found)
    there = sorted(name for name in pages if (folder / name).is_file())
    where, not_out = pages_not_out(folder, there)
    return CheckedPages(found, where, not_out)


def checked(wanted: PublishOptions) -> PublishOptions:
    """``wanted`` with "" for the original language. Raises InputError for a language that is not offered."""
    if wanted.language and wanted.language not in BY_CODE:
        raise InputError(f"there is no language {wanted.language!r}: give one of {', '.join(BY_CODE)}")
    return replace(wanted, language="" if wanted.language == SOURCE_LANGUAGE else wanted.language)


# ---------------------------------------------------------------- imported lists


def pages_of_lists(_: Services, session: Session, wanted: PublishOptions, *, today: dt.date) -> dict[str, str]:
    """The imported lists by file name: those of the format, or, where it was asked for, all of them.

    A list in another format than its own is made anew from its topics and papers.
    """
    pages: dict[str, str] = {}
    for stored in lists_store.lists(session):
        if wanted.asked or stored.format == wanted.format:
            name = f"{_file_name(stored.name)}{_ENDINGS.get(wanted.format, '.md')}"
            sheet = _sheet(session, stored)
            pages[name] = _written(stored, sheet, _shown(session, sheet, wanted), wanted, today=today)
    return pages


def _file_name(name: str) -> str:
    return "".join("-" if one in '/\\\0:*?"<>|' else one for one in name).lstrip(".") or "list"


def _sheet(session: Session, stored: StoredList) -> ListPage:
    """A stored list with the papers that came since."""
    topics = zip(stored.topics, stored.slugs, strict=True)
    slugs: dict[int | None, str] = {place if name else None: slug for place, (name, slug) in enumerate(topics)}
    blocks = lists_store.blocks_of(session, stored.id)
    return ListPage(blocks, slugs, _added(session, stored, blocks, slugs))


def _shown(session: Session, sheet: ListPage, wanted: PublishOptions) -> Shown:
    """What is known of the papers of a list, in the language that is wanted, else in the first that its own texts are in."""
    languages = sheet.languages
    language = wanted.language or min(languages, default="")
    known = lists_store.known_papers(session, sheet.papers, {language, *languages} - {"", SOURCE_LANGUAGE})
    matches = {} if wanted.classic else papers_store.matches_of(session, known)
    return Shown(known, matches, language, liquid=wanted.format is ListFormat.JEKYLL)


def _are_alike(one: str, other: str) -> bool:
    """Whether pages of one format can be written out of those of the other, line by line."""
    return one == other or {one, other} <= _TABLES


def _written(stored: StoredList, sheet: ListPage, shown: Shown, wanted: PublishOptions, *, today: dt.date) -> str:
    if not _are_alike(stored.format, wanted.format):
        return _made_anew(stored, sheet, shown, wanted, today=today)
    if wanted.format is ListFormat.JSON:
        return store_page(sheet, shown, [name for name in stored.topics if name], rich=not wanted.classic)
    if wanted.format is ListFormat.RECORDS:
        return records_page(sheet.blocks, sheet.added, shown)
    front = day_pages.FRONT if shown.liquid and all(block.kind is not Kind.FRONT for block in sheet.blocks) else ""
    if wanted.classic:
        return front + classic_page(sheet, shown, today=today if wanted.dated else None)
    write = rich_notes if wanted.format is ListFormat.TLDR else rich_page
    return front + write(sheet, shown, today=today, closing=closing())


def _added(
    session: Session, stored: StoredList, blocks: Sequence[StoredBlock], places: Mapping[int | None, str]
) -> dict[int | None, list[int]]:
    """The papers that were stored since the list came, by the topic that they are under in the catalogue."""
    slugs = {slug for slug in places.values() if slug}
    later = lists_store.papers_after(session, slugs, after=stored.upto) if slugs else {}
    there = {(block.topic, block.paper_id) for block in blocks}
    return {
        place: [one for one in later.get(slug, ()) if (place, one) not in there]
        for place, slug in places.items()
        if later.get(slug)
    }


def _made_anew(stored: StoredList, sheet: ListPage, shown: Shown, wanted: PublishOptions, *, today: dt.date) -> str:
    """The list in another format than its own."""
    found: dict[int | None, list[int]] = {place: list(sheet.added.get(place, ())) for place in (*sheet.slugs, None)}
    for block in sheet.blocks:
        if block.kind is Kind.ROW and block.paper_id is not None:
            found.setdefault(block.topic, []).append(block.paper_id)
    sections = [
        Section(stored.topics[place] if place is not None else stored.name, sheet.slugs.get(place, ""), tuple(dict.fromkeys(ids)))
        for place, ids in found.items()
        if ids
    ]
    return _page(stored.name, sections, shown, wanted, today=today)


def _page(
    heading: str,
    sections: Sequence[Section],
    shown: Shown,
    wanted: PublishOptions,
    *,
    today: dt.date,
    days: Sequence[dt.date] = (),
) -> str:
    style = Style(wanted.format, wanted.classic, today)
    if wanted.format is ListFormat.JSON:
        return day_pages.store_of(sections, shown, style)
    if wanted.format is ListFormat.RECORDS:
        return records_of(sections, shown)
    return day_pages.page_of(heading, sections, shown, style, days=days)


# ---------------------------------------------------------------- our own days


def pages_of_days(services: Services, session: Session, wanted: PublishOptions, *, today: dt.date) -> dict[str, str]:
    """A page for each of the newest days, and the front page with the newest of them; one file for the JSON store."""
    days = [day for day, _ in days_with_papers(session, limit=wanted.days)]
    if not days:
        return {}
    found = {day: papers_store.papers_announced(session, day) for day in days}
    papers = {paper.id: paper for some in found.values() for paper in some}
    known = lists_store.known_of(session, papers, {wanted.language} - {""})
    matches = papers_store.matches_of(session, known)
    shown = Shown(known, matches, wanted.language, liquid=wanted.format is ListFormat.JEKYLL)
    if wanted.format in _ENDINGS:
        every = _sections(services, list(papers), matches, wanted.language)
        return {_FRONT[wanted.format]: _page("", every, shown, wanted, today=today)}
    sections = {day: _sections(services, [paper.id for paper in found[day]], matches, wanted.language) for day in days}
    # A day's page is written on that day, so that it stays as it is.
    pages = {f"{day}.md": _page(f"Papers of {day}", sections[day], shown, wanted, today=day) for day in days}
    heading = f"{services.settings.site_name}: papers of {days[0]}"
    front = _page(heading, sections[days[0]], shown, wanted, today=days[0], days=days)
    return pages | {_FRONT.get(wanted.format, "README.md"): front}


def _sections(services: Services, ids: Sequence[int], matches: Mapping[int, Sequence[Match]], language: str) -> list[Section]:
    """The papers by topic, in the order of the catalogue; last those that are under none."""
    by_topic: dict[str, list[int]] = {}
    for one in ids:
        for slug in {match.topic for match in matches.get(one, ())} & services.catalogue.by_slug.keys() or {""}:
            by_topic.setdefault(slug, []).append(one)
    found = [
        Section(topic.name(language or SOURCE_LANGUAGE), topic.slug, tuple(by_topic[topic.slug]))
        for topic in services.catalogue.topics
        if topic.slug in by_topic
    ]
    return [*found, *([Section(NO_TOPIC, "", tuple(by_topic[""]))] if "" in by_topic else [])]
