"""What each import of a list stored, and taking that back. It decides nothing: whole imports are the use-case's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import BigInteger, Delete, String, bindparam, delete, func, insert, select, update
from sqlalchemy.orm import Session

from newsletter.archive.store.lists import SOURCE, came_at, lists
from newsletter.papers.store.changes import note_change
from newsletter.papers.store.matches import BY_LIST
from newsletter.tables.collection import CollectionNodeRow
from newsletter.tables.lists import IMPORTED_PAPER, ImportedRow, ListImportRow, ListRow
from newsletter.tables.papers import MatchRow, PaperLinkRow, PaperRow, SearchTextRow
from newsletter.tables.subscribers import FeedbackRow
from newsletter.tables.translations import TranslationRow
from newsletter.translation.store.translations import ANY_TEXT, IMPORTED
from newsletter.values.batches import batches


class TraceKind(StrEnum):
    """What an import can have stored."""

    PAPER = IMPORTED_PAPER
    TOPIC = "topic"
    TRANSLATION = "translation"
    LINK = "link"


class Trace(NamedTuple):
    """Something that lists say of a stored paper, as the database has it; ``key`` is a ref, a slug, LANGUAGE/FIELD or a URL."""

    paper_id: int
    kind: TraceKind
    key: str


@dataclass(frozen=True, slots=True)
class StoredImport:
    """An import; ``papers`` are those that it stored and no source has brought since. ``upto`` as in the list."""

    id: int
    name: str
    format: str
    slugs: tuple[str, ...]
    upto: int
    imported_at: dt.datetime
    undone_at: dt.datetime | None = None
    papers: int = 0


def traces(session: Session, ids: Collection[int]) -> set[Trace]:
    """What lists say of these papers: topics, translations, links."""
    found: set[Trace] = set()
    text = TranslationRow
    for some in batches(ids):
        topics = select(MatchRow.paper_id, MatchRow.topic)
        said = topics.where(MatchRow.paper_id.in_(some), MatchRow.reason.startswith(BY_LIST))
        links = select(PaperLinkRow.paper_id, PaperLinkRow.url)
        given = links.where(PaperLinkRow.paper_id.in_(some), PaperLinkRow.source == SOURCE)
        texts = select(text.paper_id, text.language, text.field)
        imported = texts.where(text.paper_id.in_(some), text.source_hash == ANY_TEXT, text.engine == IMPORTED)
        found |= {Trace(one, TraceKind.TOPIC, slug) for one, slug in session.execute(said)}
        found |= {Trace(one, TraceKind.LINK, url) for one, url in session.execute(given)}
        found |= {Trace(one, TraceKind.TRANSLATION, f"{code}/{field}") for one, code, field in session.execute(imported)}
    return found


def add_import(session: Session, one: StoredImport, page: str) -> int:
    """Keeps an import with its page; gives its number."""
    row = ListImportRow(
        name=one.name,
        format=one.format,
        page=page,
        slugs=list(one.slugs),
        upto=one.upto,
        imported_at=one.imported_at,
        undone_at=None,
    )
    session.add(row)
    session.flush()
    return row.id


def forget_pages(session: Session, name: str, *, kept: int) -> None:
    """Forgets all pages of imports of this name but the newest ``kept`` ones: each may be as large as an import can be."""
    row = ListImportRow
    old = select(row.id).where(row.name == name, row.page != "").order_by(row.id.desc()).offset(kept)
    session.execute(update(row).where(row.id.in_(list(session.scalars(old)))).values(page=""))


def add_traces(session: Session, number: int, found: Iterable[Trace]) -> None:
    """Notes that the import of this number stored these."""
    rows = [{"import_id": number, "paper_id": one.paper_id, "kind": one.kind.value, "key": one.key} for one in sorted(found)]
    if rows:
        session.execute(insert(ImportedRow), rows)


def imports(session: Session) -> list[StoredImport]:
    """All imports, the newest first, also those that were taken back."""
    papers = select(ImportedRow.import_id, func.count()).where(ImportedRow.kind == TraceKind.PAPER.value)
    counted = {number: count for number, count in session.execute(papers.group_by(ImportedRow.import_id))}  # noqa: C416
    row = ListImportRow
    columns = select(row.id, row.name, row.format, row.slugs, row.upto, row.imported_at, row.undone_at).order_by(row.id.desc())
    return [
        StoredImport(number, name, format, tuple(slugs), upto, at, undone_at, counted.get(number, 0))
        for number, name, format, slugs, upto, at, undone_at in session.execute(columns)
    ]


def earlier(session: Session, name: str) -> list[StoredImport]:
    """The import of the list of this name where it came before imports were noted: it stands again without a later one."""
    at = came_at(session, name)
    if at is None or any(one.name == name and not one.undone_at for one in imports(session)):
        return []
    return [
        StoredImport(0, name, one.format, one.slugs if "" in one.topics else (*one.slugs, ""), one.upto, at)
        for one in lists(session)
        if one.name == name
    ]


def page_of(session: Session, number: int) -> str:
    """The page of an import as it was; "" where it is not kept, or there is none."""
    return session.scalar(select(ListImportRow.page).where(ListImportRow.id == number)) or ""


def traces_of(session: Session, number: int) -> set[Trace]:
    """What an import stored."""
    statement = select(ImportedRow.paper_id, ImportedRow.kind, ImportedRow.key).where(ImportedRow.import_id == number)
    return {Trace(paper_id, TraceKind(kind), key) for paper_id, kind, key in session.execute(statement)}


def lock(session: Session, ids: Collection[int]) -> None:
    """Holds these papers: nobody gives an opinion of one until the commit."""
    for some in batches(sorted(ids)):
        session.execute(select(PaperRow.id).where(PaperRow.id.in_(some)).order_by(PaperRow.id).with_for_update())


def in_use(session: Session, ids: Collection[int]) -> set[int]:
    """Those of these papers that are more than the import's: announced, of a reader's opinion, in the collection."""
    found: set[int] = set()
    node = CollectionNodeRow
    for some in batches(ids):
        announced = select(PaperRow.id).where(PaperRow.id.in_(some), PaperRow.announced_estimated.is_(False))
        found |= set(session.scalars(announced))
        found |= set(session.scalars(select(FeedbackRow.paper_id).where(FeedbackRow.paper_id.in_(some))))
        picked = select(PaperRow.id).join(node, node.paper_ref == PaperRow.ref)
        found |= set(session.scalars(picked.where(PaperRow.id.in_(some), node.removed_at.is_(None))))
    return found


def remove(session: Session, found: Collection[Trace]) -> None:
    """Takes these out of the database; a paper goes with all that hangs on it."""
    for ids in batches([one.paper_id for one in found if one.kind is TraceKind.PAPER]):
        session.execute(delete(PaperRow).where(PaperRow.id.in_(ids)))
        note_change(session)
    for kind, statements in _REMOVED.items():
        mine = [{"of": one.paper_id, "key_": one.key} for one in found if one.kind is kind]
        for statement in statements if mine else ():
            session.connection().execute(statement, mine)


_OF, _KEY = bindparam("of", type_=BigInteger), bindparam("key_", type_=String)
_TEXT, _WORDS = TranslationRow, SearchTextRow
_REMOVED: Mapping[TraceKind, Sequence[Delete]] = {
    TraceKind.TOPIC: (
        delete(MatchRow).where(MatchRow.paper_id == _OF, MatchRow.topic == _KEY, MatchRow.reason.startswith(BY_LIST)),
    ),
    TraceKind.LINK: (
        delete(PaperLinkRow).where(PaperLinkRow.paper_id == _OF, PaperLinkRow.url == _KEY, PaperLinkRow.source == SOURCE),
    ),
    TraceKind.TRANSLATION: (
        delete(_TEXT).where(
            _TEXT.paper_id == _OF,
            _TEXT.language + "/" + _TEXT.field == _KEY,
            _TEXT.source_hash == ANY_TEXT,
            _TEXT.engine == IMPORTED,
        ),
        # The index follows texts that change by itself, but not those that go; what is left of the language is indexed anew.
        delete(_WORDS).where(_WORDS.paper_id == _OF, _KEY.startswith(_WORDS.language + "/")),
    ),
}


def close(session: Session, number: int, *, now: dt.datetime) -> None:
    """Notes that an import was taken back, and forgets its page."""
    session.execute(delete(ImportedRow).where(ImportedRow.import_id == number))
    session.execute(update(ListImportRow).where(ListImportRow.id == number).values(undone_at=now, page=""))


def remove_list(session: Session, name: str, *, but: Collection[str]) -> None:
    """Takes a list with its blocks away, unless it is a page of one of the hashes in ``but``; its papers stay."""
    session.execute(delete(ListRow).where(ListRow.name == name, ListRow.hash.not_in(but)))


def names_of(session: Session, ids: Sequence[int]) -> list[str]:
    """The refs of these papers."""
    found: list[str] = []
    for some in batches(ids):
        found += session.scalars(select(PaperRow.ref).where(PaperRow.id.in_(some)))
    return sorted(found)
