"""Takes an import of a list back whole: afterwards the database is as if that page had never come.

What later imports said too, and found there already, is stored for them; the page that it took the place of stands again. A
paper that a source has brought since is no import's any more, and one that somebody made something of stays.
"""

from __future__ import annotations

import datetime as dt
import shlex
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from newsletter.archive.formats.document import Document
from newsletter.archive.formats.registry import document_of
from newsletter.archive.importing import ReadyList, hash_of, made_ready, save_page, store_contents
from newsletter.archive.listed_papers import items_by_ref
from newsletter.archive.store import imports as imports_store
from newsletter.archive.store import lists as lists_store
from newsletter.archive.store.imports import StoredImport, Trace, TraceKind
from newsletter.daily.match import match_papers
from newsletter.db import take_numbers
from newsletter.errors import InputError
from newsletter.papers.store import papers as papers_store
from newsletter.search.store import index_new

if TYPE_CHECKING:
    from newsletter.bootstrap import Services


@dataclass(frozen=True, slots=True)
class UndoReport:
    """What taking an import back did: ``counts`` in words, the refs that ``stay``, the lists that were stored again."""

    name: str
    counts: tuple[tuple[str, int], ...]
    stay: tuple[str, ...]
    again: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is to be done: of what was ``found`` this is ``going``, and these imports are stored again, in order."""

    imports: list[StoredImport]
    undone: StoredImport
    found: set[Trace]
    going: set[Trace]
    stay: set[int]
    again: list[tuple[StoredImport, ReadyList]]


def undo_import(services: Services, number: int, *, now: dt.datetime) -> UndoReport:
    """Takes the import of this number back, in one transaction.

    Raises InputError where there is none, it was taken back before, the page that would return is not kept, or something came
    while this was being prepared: another import, or what a paper is in use for.
    """
    plan = _planned(services, number, now=now)
    with services.database.transaction() as session:
        take_numbers(session, "paper", 0)  # the lock: nobody stores or imports papers until the commit
        if not _is_still(session, plan):
            raise InputError("lists or papers changed meanwhile, and nothing was taken back: try again")
        refs = imports_store.names_of(session, sorted(plan.stay))
        imports_store.remove(session, plan.going)
        imports_store.close(session, number, now=now)
        if _standing(plan.imports, plan.undone.name) is plan.undone:
            same = [hash_of(ready.document) for one, ready in plan.again if one.name == plan.undone.name]
            imports_store.remove_list(session, plan.undone.name, but=same)
        _match_again(services, session, plan.going)
        for one, ready in plan.again:
            _store_again(services, session, one, ready, plan)
    index_new(services.database)
    counts = [(kind.value, sum(one.kind is kind for one in plan.going)) for kind in TraceKind]
    return UndoReport(plan.undone.name, tuple(counts), tuple(refs), tuple(one.name for one, _ in plan.again))


def _planned(services: Services, number: int, *, now: dt.datetime) -> _Plan:
    with services.database.reading() as session:
        imports = imports_store.imports(session)
        undone = _import(imports, number)
        found = imports_store.traces_of(session, number)
        stay = imports_store.in_use(session, _papers(found))
        refs = set(imports_store.names_of(session, sorted({one.paper_id for one in found})))
    going = {one for one in found if one.kind is not TraceKind.PAPER or one.paper_id not in stay}
    gone = {one.key for one in going if one.kind is TraceKind.PAPER}
    again = [
        (one, made_ready(services, document, one.slugs, today=now.date(), going=gone))
        for one, document in _affected(services, imports, undone, refs)
    ]
    return _Plan(imports, undone, found, going, stay, again)


def _is_still(session: Session, plan: _Plan) -> bool:
    """Whether all is as it was when it was planned; from here on it stays so."""
    imports_store.lock(session, _papers(plan.found))
    return (
        imports_store.imports(session) == plan.imports
        and imports_store.traces_of(session, plan.undone.id) == plan.found
        and imports_store.in_use(session, _papers(plan.found)) == plan.stay
    )


def _papers(found: Collection[Trace]) -> list[int]:
    return [one.paper_id for one in found if one.kind is TraceKind.PAPER]


def _affected(
    services: Services, imports: Sequence[StoredImport], undone: StoredImport, refs: Collection[str]
) -> Iterator[tuple[StoredImport, Document]]:
    """The later imports that name some of these papers, and the one whose page returns; the oldest first.

    Raises InputError where that page is not kept.
    """
    left = [one for one in imports if one.undone_at is None and one is not undone]
    returns = _standing(left, undone.name) if _standing(imports, undone.name) is undone else None
    for one in reversed(left):
        if one is returns:
            yield one, _returning(services, one, undone)
        elif one.id > undone.id:
            yield from ((one, document) for document in _documents(services, one) if _names(document, refs))


def _returning(services: Services, one: StoredImport, undone: StoredImport) -> Document:
    for document in _documents(services, one):
        return document
    raise InputError(
        f"import {undone.id} cannot be taken back: the page before it, import {one.id}, is not kept;"
        f" import that page again with --name {shlex.quote(one.name)} --replace"
    )


def _documents(services: Services, one: StoredImport) -> Iterator[Document]:
    """The page of an import, where it is kept."""
    with services.database.reading() as session:
        page = imports_store.page_of(session, one.id)
    if page:
        yield document_of(page, format=one.format)


def _names(document: Document, refs: Collection[str]) -> bool:
    return not items_by_ref(document.blocks).keys().isdisjoint(refs)


def _import(imports: Sequence[StoredImport], number: int) -> StoredImport:
    found = next((one for one in imports if one.id == number), None)
    if found is None:
        raise InputError(f"there is no import {number}: `newsletter imports list` shows them")
    if found.undone_at is not None:
        raise InputError(f"import {number} was taken back before, at {found.undone_at:%Y-%m-%d %H:%M} UTC")
    return found


def _standing(imports: Sequence[StoredImport], name: str) -> StoredImport | None:
    """The import whose page stands under this name: the newest that is not taken back."""
    return next((one for one in imports if one.name == name and one.undone_at is None), None)


def _match_again(services: Services, session: Session, going: Collection[Trace]) -> None:
    """Puts papers that stay under the topics that are their own: where a list said one, nothing else was asked."""
    lost = {(one.paper_id, one.key) for one in going if one.kind is TraceKind.TOPIC}
    stored = papers_store.papers_by_ids(session, {paper_id for paper_id, _ in lost})
    matched = match_papers(services, list(stored.values())).papers
    own = {paper.id: [one for one in found if (paper.id, one.topic) in lost] for paper, found in matched}
    papers_store.add_matches(session, own)


def _store_again(services: Services, session: Session, one: StoredImport, ready: ReadyList, plan: _Plan) -> None:
    """Stores what a page says that went, and its rows that went with it, or that show what went."""
    _, found = store_contents(services, session, ready, name=one.name, now=one.imported_at)
    imports_store.add_traces(session, one.id, found)
    if _standing([other for other in plan.imports if other is not plan.undone], one.name) is not one:
        return
    touched = {trace.paper_id for trace in plan.going}
    stored = next((there for there in lists_store.lists(session) if there.name == one.name), None)
    there = lists_store.blocks_by_place(session, stored.id) if stored else {}
    untouched = {place: block for place, block in there.items() if block.paper_id not in touched}
    save_page(session, ready, name=one.name, upto=one.upto, there=untouched, now=one.imported_at)
