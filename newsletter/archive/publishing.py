"""Publishes what the database holds as pages: the lists that were imported, or our own days where none was.

Everything is made out of the database at each run, and only pages that differ are written. It fetches and translates nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from newsletter.archive import store as lists_store
from newsletter.archive.files import Written, write_pages
from newsletter.archive.formats.document import Kind
from newsletter.archive.git import commit_and_push
from newsletter.archive.kept_list import Kept, Stored
from newsletter.archive.pages import days as day_pages
from newsletter.archive.pages.days import Section, Style, closing
from newsletter.archive.pages.lists import Sheet, classic_page, rich_notes, rich_page, store_page
from newsletter.archive.pages.rows import Shown
from newsletter.errors import InputError
from newsletter.languages import BY_CODE, SOURCE_LANGUAGE
from newsletter.papers.store import papers as papers_store
from newsletter.papers.store.days import days_with_papers
from newsletter.values.topics import Match

if TYPE_CHECKING:
    from newsletter.bootstrap import Services

README, JEKYLL, TLDR, JSON = "readme", "jekyll", "tldr", "json"
_ALIKE = {README: (README, JEKYLL), JEKYLL: (README, JEKYLL), TLDR: (TLDR,), JSON: (JSON,)}
_FRONT = {README: "README.md", JEKYLL: "index.md", TLDR: "README.md", JSON: "papers.json"}
NO_TOPIC = "Without a topic"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be published. ``language`` "" is the original, or that of the list; ``family`` was ``asked`` for, or not.

    ``classic`` keeps the columns that lists had of old; ``dated`` puts today into their "Updated on".
    """

    family: str = README
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


def hand_over(services: Services, folder: Path, pages: Mapping[str, str], *, git: bool, now: dt.datetime) -> Published:
    """Writes ``pages`` into ``folder``, and gives them to git where that is wanted.

    Raises InputError where the folder cannot be written, or git cannot take them.
    """
    written = write_pages(folder, pages)
    if not git:
        return Published(written)
    author, message = services.settings.site_name, f"Papers of {now.date()}"
    return Published(written, commit_and_push(folder, sorted(pages), message=message, author=author, address=services.contact))


def checked(wanted: Wanted) -> Wanted:
    """``wanted`` with "" for the original language. Raises InputError for a language that is not offered."""
    if wanted.language and wanted.language not in BY_CODE:
        raise InputError(f"there is no language {wanted.language!r}: give one of {', '.join(BY_CODE)}")
    return replace(wanted, language="" if wanted.language == SOURCE_LANGUAGE else wanted.language)


def pages_of_family(_: Services, session: Session, wanted: Wanted, *, today: dt.date) -> dict[str, str]:
    """The imported lists that are published in ``wanted.family``: all of them where it was asked for, else its own."""
    return pages_of_lists(session, wanted, today=today)


# ---------------------------------------------------------------- imported lists


def pages_of_lists(session: Session, wanted: Wanted, *, today: dt.date) -> dict[str, str]:
    """The imported lists by file name; one in another family than its own is made anew from its topics and papers."""
    pages: dict[str, str] = {}
    for stored in lists_store.lists(session):
        if wanted.asked or stored.family == wanted.family:
            name = f"{_file_name(stored.name)}{'.json' if wanted.family == JSON else '.md'}"
            pages[name] = _page_of_list(session, stored, wanted, today=today)
    return pages


def _file_name(name: str) -> str:
    return "".join("-" if one in '/\\\0:*?"<>|' else one for one in name).lstrip(".") or "list"


def _page_of_list(session: Session, stored: Stored, wanted: Wanted, *, today: dt.date) -> str:
    places: dict[int | None, str] = {None if not name else place: slug for place, (name, slug) in enumerate(_topics(stored))}
    blocks = lists_store.blocks_of(session, stored.id)
    added = _added(session, stored, blocks, places)
    ids = {block.paper_id for block in blocks if block.paper_id is not None} | {one for some in added.values() for one in some}
    languages = {piece.language for block in blocks for piece, _ in block.pieces if piece.language}
    own = next((one for one in sorted(languages) if one != SOURCE_LANGUAGE), "")
    language = wanted.language or own
    known = lists_store.known_papers(session, ids, {language, *languages} - {"", SOURCE_LANGUAGE})
    matches = {} if wanted.classic else papers_store.matches_of(session, known)
    shown = Shown(known, matches, language, liquid=wanted.family == JEKYLL)
    sheet = Sheet(blocks, places, added)
    if stored.family not in _ALIKE[wanted.family]:
        return _made_anew(stored, sheet, shown, wanted, today=today)
    if wanted.family == JSON:
        return store_page(sheet, shown, [name for name in stored.topics if name], rich=not wanted.classic)
    front = day_pages.FRONT if shown.liquid and not any(block.kind is Kind.FRONT for block in blocks) else ""
    if wanted.classic:
        return front + classic_page(sheet, shown, today=today if wanted.dated else None)
    write = rich_notes if wanted.family == TLDR else rich_page
    return front + write(sheet, shown, today=today, closing=closing())


def _topics(stored: Stored) -> Iterable[tuple[str, str]]:
    return zip(stored.topics, stored.slugs, strict=True)


def _added(
    session: Session, stored: Stored, blocks: Sequence[Kept], places: Mapping[int | None, str]
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


def _made_anew(stored: Stored, sheet: Sheet, shown: Shown, wanted: Wanted, *, today: dt.date) -> str:
    """The list in another family than its own."""
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
    heading: str, sections: Sequence[Section], shown: Shown, wanted: Wanted, *, today: dt.date, days: Sequence[dt.date] = ()
) -> str:
    style = Style(wanted.family, wanted.classic, today)
    if wanted.family == JSON:
        return day_pages.store_of(sections, shown, style)
    return day_pages.page_of(heading, sections, shown, style, days=days)


# ---------------------------------------------------------------- our own days


def pages_of_days(services: Services, session: Session, wanted: Wanted, *, today: dt.date) -> dict[str, str]:
    """A page for each of the newest days, and the front page with the newest of them; one file for the JSON store."""
    days = [day for day, _ in days_with_papers(session, limit=wanted.days)]
    found = {day: papers_store.papers_announced(session, day) for day in days}
    papers = {day: [paper.id for paper in some] for day, some in found.items()}
    ids = [one for some in papers.values() for one in some]
    known = lists_store.known_of(
        session, {paper.id: paper for some in found.values() for paper in some}, {wanted.language} - {""}
    )
    matches = papers_store.matches_of(session, known)
    shown = Shown(known, matches, wanted.language, liquid=wanted.family == JEKYLL)
    sections = {day: _sections(services, papers[day], matches, wanted.language) for day in days}
    if wanted.family == JSON and days:
        every = _sections(services, ids, matches, wanted.language)
        return {_FRONT[JSON]: _page("", every, shown, wanted, today=today)}
    # A day's page is written on that day, so that it stays as it is.
    pages = {f"{day}.md": _page(f"Papers of {day}", sections[day], shown, wanted, today=day) for day in days}
    if days:
        heading = f"{services.settings.site_name}: papers of {days[0]}"
        pages[_FRONT[wanted.family]] = _page(heading, sections[days[0]], shown, wanted, today=days[0], days=days)
    return pages


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
