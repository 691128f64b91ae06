"""Imports a published list in one transaction: its rows become papers, topics and translations, its page is kept as blocks.

Nothing that is stored already is overwritten, so importing the same list again changes nothing. It reads no file and sends no
mail.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from newsletter.archive.formats.document import Block, Document, Item, Remark, Role
from newsletter.archive.formats.stored_texts import KnownPaper, fingerprint, stored_text
from newsletter.archive.kept_list import StoredBlock, StoredList
from newsletter.archive.listed_papers import items_by_ref, paper_of
from newsletter.archive.store import imports as imports_store
from newsletter.archive.store import lists as lists_store
from newsletter.archive.store.imports import StoredImport, Trace, TraceKind
from newsletter.daily.ingest import store_listed
from newsletter.daily.match import MatchedPapers, match_new_papers
from newsletter.db import Database, take_numbers
from newsletter.errors import InputError
from newsletter.papers.store import papers as papers_store
from newsletter.papers.store.matches import BY_LIST
from newsletter.search.store import index_new
from newsletter.text.tex import clean
from newsletter.topics.catalogue import is_heading
from newsletter.topics.names import slug_of_name, slugs_by_name
from newsletter.translation.store import translations as translation_store
from newsletter.translation.store.translations import ANY_TEXT, IMPORTED, Accepted
from newsletter.values.topics import Match
from newsletter.values.translations import Field

if TYPE_CHECKING:
    from newsletter.bootstrap import Services

# Of each name; a page may have 20 MB. What only an older one said is not stored again when an import is taken back.
KEPT_PAGES = 3


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How a list is imported; ``name`` is what it is called here.

    ``topics`` are slugs: ``HEADING=SLUG`` for the rows under a heading, ``SLUG`` alone for those under none.
    """

    name: str
    topics: tuple[str, ...] = ()
    replace: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class ReadRow:
    """A row as it was understood, for people to look at; ``is_known`` where its paper was stored before."""

    line: int
    topic: str
    slug: str
    item: Item
    is_known: bool


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or would do: ``counts`` in words for people, in the order in which they are told.

    ``unchanged`` is True where the list was there as it is now, and nothing was added. By ``number`` an import can be taken back;
    0 where nothing was kept.
    """

    format: str
    name: str
    counts: tuple[tuple[str, int], ...]
    unchanged: bool
    remarks: tuple[Remark, ...] = field(default=())
    rows: tuple[ReadRow, ...] = field(default=())
    number: int = 0


@dataclass(frozen=True, slots=True)
class ReadyList:
    """A document ready to be stored: what it says of each paper, the topics of its headings, the papers that were not there."""

    document: Document
    items: Mapping[str, Item]
    slugs: tuple[str, ...]
    matched: MatchedPapers
    known: frozenset[str]


class _DryRun(Exception):
    """Rolls back the transaction of a dry run."""


@contextmanager
def dry_run_transaction(database: Database, *, dry_run: bool) -> Iterator[Session]:
    """A transaction that is rolled back at its end where ``dry_run`` is set."""
    try:
        with database.transaction() as session:
            yield session
            if dry_run:
                raise _DryRun
    except _DryRun:
        return


def import_list(services: Services, document: Document, order: ImportOptions, *, text: str, now: dt.datetime) -> ImportReport:
    """Imports ``document``, read from ``text``, under ``order.name``.

    Raises InputError where another list has that name and is not to be replaced, or the topic is none; nothing is kept then.
    """
    ready = made_ready(services, document, _slugs(services, document, order), today=now.date())
    number = 0
    with dry_run_transaction(services.database, dry_run=order.dry_run) as session:
        take_numbers(session, "paper", 0)  # the lock: what is not stored now is not until the commit
        known_list = _list_there(session, order, hash_of(document))
        name = known_list.name if known_list else order.name
        upto, earlier = papers_store.highest_number(session), imports_store.earlier(session, name)
        added, found = store_contents(services, session, ready, name=name, now=now)
        if known_list is None:
            save_page(session, ready, name=name, upto=upto, now=now)
            is_changed = True
        else:
            is_changed = bool(order.topics) and lists_store.set_topics(session, known_list, *_named(document, ready.slugs))
        if is_changed or found:
            for one in earlier:
                imports_store.add_import(session, one, text if known_list else "")
            kept = StoredImport(0, name, document.format.value, ready.slugs, known_list.upto if known_list else upto, now)
            number = imports_store.add_import(session, kept, text)
            imports_store.add_traces(session, number, found)
            imports_store.forget_pages(session, name, kept=KEPT_PAGES)
    number = 0 if order.dry_run else number
    if number:
        index_new(services.database)
    page = (("topics", len(document.topics)), ("rows", len(document.rows)), ("papers", len(ready.items)))
    unchanged = not is_changed and not any(count for _, count in added)
    rows = _as_read(document, ready)
    return ImportReport(document.format, name, (*page, *added), unchanged, document.remarks, rows, number)


def made_ready(
    services: Services, document: Document, slugs: tuple[str, ...], *, today: dt.date, going: Collection[str] = ()
) -> ReadyList:
    """``document`` with its new papers matched, which takes a while; those of the refs that are ``going`` count as new."""
    items = items_by_ref(document.blocks)
    with services.database.reading() as session:
        there = lists_store.ids_of(session, items).keys() - set(going)
    papers = [paper_of(item, today=today) for ref, item in items.items() if ref not in there]
    return ReadyList(document, items, slugs, match_new_papers(services, papers), frozenset(there))


def store_contents(
    services: Services, session: Session, ready: ReadyList, *, name: str, now: dt.datetime
) -> tuple[tuple[tuple[str, int], ...], set[Trace]]:
    """Stores what a list says that is not known yet, under the lock of papers; gives counts in words, and what was stored."""
    there = lists_store.ids_of(session, ready.items)
    before = imports_store.traces(session, there.values())
    added = _add_papers(services, session, ready, there, now=now)
    ids = lists_store.ids_of(session, ready.items)
    papers_store.add_matches(session, _matches(ready.document, ids, ready.slugs, name))
    new = {Trace(paper_id, TraceKind.PAPER, ref) for ref, paper_id in ids.items() if ref not in there}
    return added, new | (imports_store.traces(session, ids.values()) - before)


def save_page(
    session: Session,
    ready: ReadyList,
    *,
    name: str,
    upto: int,
    there: Mapping[int, StoredBlock] = MappingProxyType({}),
    now: dt.datetime,
) -> None:
    """Keeps the page as blocks, in the place of the list of this name; those that are ``there`` by place stay as they are."""
    document = ready.document
    ids = lists_store.ids_of(session, ready.items)
    stored = StoredList(0, name, document.format.value, hash_of(document), upto, *_named(document, ready.slugs))
    known = lists_store.known_papers(session, set(ids.values()), languages_of(document.blocks))
    blocks = [there.get(place) or _kept(block, ids, known) for place, block in enumerate(document.blocks)]
    lists_store.save_list(session, stored, blocks, now=now)


def _as_read(document: Document, ready: ReadyList) -> tuple[ReadRow, ...]:
    return tuple(
        ReadRow(
            block.line,
            "" if block.topic is None else document.topics[block.topic],
            ready.slugs[-1 if block.topic is None else block.topic],
            block.item or Item(),
            block.item is not None and block.item.ref in ready.known,
        )
        for block in document.rows
    )


def hash_of(document: Document) -> str:
    """What a page is known by when it comes again."""
    return hashlib.sha256(f"{document.format}\n{document.raw}".encode()).hexdigest()


def _add_papers(
    services: Services, session: Session, ready: ReadyList, there: Mapping[str, int], *, now: dt.datetime
) -> tuple[tuple[str, int], ...]:
    """Stores the papers that are not ``there``, then what the items say that is not known yet; counts in words."""
    items = ready.items
    missing = replace(ready.matched, papers=tuple(pair for pair in ready.matched.papers if pair[0].ref not in there))
    new = store_listed(services, session, missing, now=now).new if missing.papers else 0
    ids = lists_store.ids_of(session, items)
    links = lists_store.add_links(session, {ids[ref]: item.links for ref, item in items.items() if ref in ids and item.links})
    translations = translation_store.save(session, _accepted(items, ids), now=now)
    return (("papers new", new), ("translations new", translations), ("links new", links))


def _list_there(session: Session, order: ImportOptions, hashed: str) -> StoredList | None:
    """The list that is the same page, if any. Raises InputError where another page has the name."""
    there = lists_store.lists(session)
    same = next((one for one in there if one.hash == hashed), None)
    other = next((one for one in there if one.name == order.name and one.hash != hashed), None)
    if same is None and other is not None and not order.replace:
        raise InputError(
            f"another page was imported as {order.name!r} before: give --name for another name,"
            " or --replace to put this one in its place"
        )
    return same


def _named(document: Document, slugs: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names and slugs of the topics; a last one without a name for what stands under no heading, where it has a slug."""
    return ((*document.topics, ""), tuple(slugs)) if slugs[-1] else (document.topics, tuple(slugs[:-1]))


def _slugs(services: Services, document: Document, order: ImportOptions) -> tuple[str, ...]:
    """The slug of each topic of the page, and after them that of what stands under none.

    Raises InputError for a heading that the page does not have, or a topic that the catalogue does not have.
    """
    told = dict(_told(one) for one in order.topics)
    for name, slug in told.items():
        if name and name not in document.topics:
            raise InputError(f"no table stands under {name!r}: its headings are {', '.join(document.topics) or 'none'}")
        if slug not in services.catalogue.by_slug or is_heading(services.catalogue.by_slug[slug]):
            raise InputError(f"there is no topic {slug!r} for papers: `newsletter topics list` shows the slugs")
    known = slugs_by_name(services.catalogue)
    return (*(told.get(name) or slug_of_name(name, known) for name in document.topics), told.get("", ""))


def _told(text: str) -> tuple[str, str]:
    """Heading ("" for none) and slug."""
    name, equals, slug = text.rpartition("=")
    return (name.strip(), slug.strip()) if equals else ("", text.strip())


def _matches(document: Document, ids: Mapping[str, int], slugs: Sequence[str], name: str) -> dict[int, list[Match]]:
    found: dict[int, list[Match]] = {}
    for block in document.rows:
        slug = slugs[-1 if block.topic is None else block.topic]
        if slug and block.item and block.item.ref in ids:
            found.setdefault(ids[block.item.ref], []).append(Match(block.item.ref, slug, 1.0, f"{BY_LIST}{name}"))
    return found


def _accepted(items: Mapping[str, Item], ids: Mapping[str, int]) -> list[Accepted]:
    return [
        Accepted(ids[ref], item.version or 1, Field(name), language, ANY_TEXT, clean(text), IMPORTED)
        for ref, item in items.items()
        if ref in ids
        for name, language, text in item.texts
        if clean(text)
    ]


def languages_of(blocks: Sequence[Block]) -> Collection[str]:
    """The languages that pieces of these blocks are in."""
    return {piece.language for block in blocks for piece in block.pieces if piece.language}


def _kept(block: Block, ids: Mapping[str, int], known: Mapping[int, KnownPaper]) -> StoredBlock:
    item = block.item or Item()
    paper_id = ids.get(item.ref)
    if paper_id is None:
        return StoredBlock(block.kind, block.line, block.topic, None, tuple((piece, "") for piece in block.pieces))
    pieces = tuple(
        (piece, "" if piece.role is Role.GLUE else fingerprint(stored_text(piece, known[paper_id]))) for piece in block.pieces
    )
    return StoredBlock(block.kind, block.line, block.topic, paper_id, pieces, item.announce_type)
