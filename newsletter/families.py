"""The families of published lists: by which content each is known, how it is read and taken in. A new one is one more entry.

``newsletter import`` and ``newsletter publish`` go through this registry and know no family themselves.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from newsletter.errors import InputError
from newsletter.importing import ImportReport, Order, take_in
from newsletter.lists.document import Document
from newsletter.lists.stores import read_store, recognise_store
from newsletter.lists.table_pages import read_table_page, recognise_table_page
from newsletter.lists.tldr_pages import read_tldr_page, recognise_tldr_page
from newsletter.publication import Published, Wanted, checked, hand_over, pages_of_days, pages_of_family

if TYPE_CHECKING:
    from newsletter.bootstrap import Services

Progress = Callable[[int, int], None]
LEAST_SURE = 0.3


@dataclass(frozen=True, slots=True)
class Incoming:
    """A file on its way in: its text, how it is to be taken in, when, and who is told how far it is."""

    text: str
    order: Order
    now: dt.datetime
    progress: Progress


@dataclass(frozen=True, slots=True)
class Family:
    """One family. ``recognise`` says from 0 to 1 how sure it is; ``take_in`` reads and stores a file in one transaction.

    ``take_in`` raises InputError, naming the line, and keeps nothing then; a dry run keeps nothing either. ``pages`` gives the
    pages of what was taken in by file name: all of it where this family was asked for, else what came as one of this family.
    """

    name: str
    recognise: Callable[[str], float]
    take_in: Callable[[Services, Incoming], ImportReport]
    pages: Callable[..., dict[str, str]] = pages_of_family


def _tables(services: Services, incoming: Incoming) -> ImportReport:
    return take_in(services, read_table_page(incoming.text), incoming.order, now=incoming.now)


def _jekyll(services: Services, incoming: Incoming) -> ImportReport:
    return take_in(services, read_table_page(incoming.text, family="jekyll"), incoming.order, now=incoming.now)


def _notes(services: Services, incoming: Incoming) -> ImportReport:
    return take_in(services, read_tldr_page(incoming.text), incoming.order, now=incoming.now)


def _store(services: Services, incoming: Incoming) -> ImportReport:
    document: Document = read_store(incoming.text, progress=incoming.progress)
    return take_in(services, document, incoming.order, now=incoming.now)


def _with_front_matter(text: str) -> float:
    sure = recognise_table_page(text) if text.startswith(("---\n", "+++\n")) else 0.0
    return sure + 0.05 if sure else 0.0


FAMILIES: tuple[Family, ...] = (
    Family("readme", recognise_table_page, _tables),
    Family("jekyll", _with_front_matter, _jekyll),
    Family("tldr", recognise_tldr_page, _notes),
    Family("json", recognise_store, _store),
)


def names() -> tuple[str, ...]:
    """The names of the families, in order."""
    return tuple(family.name for family in FAMILIES)


def publish(services: Services, folder: Path, wanted: Wanted, *, now: dt.datetime, family: str = "") -> Published:
    """Publishes what was imported into ``folder``, in ``family`` or each in its own; where nothing was, our own newest days.

    Raises InputError where there is no paper yet, no such language or family, or the folder or the remote cannot be written.
    """
    wanted = checked(wanted)
    chosen = [_named(family)] if family else list(FAMILIES)
    pages: dict[str, str] = {}
    with services.database.reading() as session:
        for one in chosen:
            asked = replace(wanted, family=one.name, asked=bool(family))
            pages |= one.pages(services, session, asked, today=now.date())
        if not pages:
            pages = pages_of_days(services, session, replace(wanted, family=family or wanted.family), today=now.date())
    if not pages:
        raise InputError("no papers are stored yet: run `newsletter fetch` first")
    return hand_over(services, folder, pages, git=wanted.git, now=now)


def _named(name: str) -> Family:
    found = next((family for family in FAMILIES if family.name == name), None)
    if found is None:
        raise InputError(f"there is no family {name!r} here: the families are {', '.join(names())}")
    return found


def family_of(text: str, *, name: str = "") -> Family:
    """The family called ``name``, else the one that is surest of ``text``. Raises InputError where none is sure enough."""
    if name:
        return _named(name)
    sure, family = max(((family.recognise(text), family) for family in FAMILIES), key=lambda pair: pair[0])
    if sure < LEAST_SURE:
        raise InputError(
            "line 1: this is no published list that is known here: it needs a table of papers, footnotes with notes,"
            f" or a JSON store; --as {'|'.join(names())} says which it is meant to be"
        )
    return family
