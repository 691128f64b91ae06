"""The search index in the database: SQLite's FTS5 and PostgreSQL's full text search behind the same functions.

Triggers delete the entries of texts that change (see the migration), and ``index_new`` writes those that are missing; so no other
module has to keep the index up to date.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, bindparam, exists, func, or_, select, text
from sqlalchemy.orm import Session

from newsletter.db import Database, dialect_insert
from newsletter.languages import SOURCE_LANGUAGE
from newsletter.search.lexicon import Lexicon, alike, lexicon, telling_terms
from newsletter.search.terms import Phrase, in_title, indexed
from newsletter.tables.papers import PaperRow, SearchTextRow
from newsletter.tables.translations import TranslationRow
from newsletter.text.tokens import letters_alone
from newsletter.values.batches import batches
from newsletter.values.translations import Field

BATCH = 500


@dataclass(frozen=True, slots=True)
class Page:
    """Ids of papers, the newest first, and whether there are more."""

    ids: tuple[int, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class Window:
    """The newest papers, by whole days: those of ``since`` or later, of which no text has a lower id than ``first_text``."""

    since: dt.date
    first_text: int


def index_new(database: Database) -> int:
    """Indexes the papers and translations that are not in the index, a batch a transaction; gives how many texts."""
    written = 0
    for batch in (_index_papers, _index_translations):
        while True:
            with database.transaction() as session:
                count = batch(session)
            written += count
            if count < BATCH:
                break
    return written


def _index_papers(session: Session) -> int:
    there = exists().where(SearchTextRow.paper_id == PaperRow.id, SearchTextRow.language == SOURCE_LANGUAGE)
    papers = session.execute(select(PaperRow.id, PaperRow.title, PaperRow.abstract).where(~there).limit(BATCH)).all()
    return _write(session, [(paper_id, SOURCE_LANGUAGE, indexed(title, abstract)) for paper_id, title, abstract in papers])


def _index_translations(session: Session) -> int:
    row = TranslationRow
    there = exists().where(SearchTextRow.paper_id == row.paper_id, SearchTextRow.language == row.language)
    wanted = row.field.in_([Field.TITLE, Field.ABSTRACT])
    pairs = session.execute(select(row.paper_id, row.language).where(~there, wanted).distinct().limit(BATCH)).all()
    ids = {paper_id for paper_id, _ in pairs}
    texts: dict[tuple[int, str], dict[str, str]] = {(paper_id, language): {} for paper_id, language in pairs}
    for found in session.scalars(select(row).where(row.paper_id.in_(ids), wanted).order_by(row.id)):
        if (found.paper_id, found.language) in texts:
            texts[found.paper_id, found.language][found.field] = found.text
    rows = [
        (paper_id, language, indexed(fields.get(Field.TITLE, ""), fields.get(Field.ABSTRACT, "")))
        for (paper_id, language), fields in texts.items()
    ]
    return _write(session, rows)


def _write(session: Session, rows: Sequence[tuple[int, str, str]]) -> int:
    values = [{"paper_id": paper_id, "language": language, "words": words} for paper_id, language, words in rows]
    if values:
        session.execute(dialect_insert(session, SearchTextRow).on_conflict_do_nothing(), values)
    return len(values)


def search(
    session: Session,
    phrases: Sequence[Phrase],
    *,
    most: int,
    skip: int = 0,
    conditions: Sequence[ColumnElement[bool]] = (),
    among: Sequence[Window] = (),
) -> Page:
    """The papers in whose text in any language all ``phrases`` stand and that fulfil ``conditions``; none without a phrase.

    They are looked for in the windows ``among`` first, the narrowest before wider ones: words that are common fill a page there.
    """
    if not phrases:
        return Page((), more=False)
    on_postgresql = session.get_bind().dialect.name == "postgresql"
    query = _for_postgresql(phrases) if on_postgresql else _for_sqlite(phrases)
    found = _POSTGRESQL if on_postgresql else _SQLITE
    statement = select(PaperRow.id).where(*conditions, *_literals(phrases))
    statement = statement.order_by(PaperRow.announced_on.desc(), PaperRow.number.desc()).limit(most + 1).offset(skip)
    ids: list[int] = []
    _weigh_words(session)
    for window in (*among, None):
        of_window = [PaperRow.announced_on >= window.since] if window else []
        values = {"query": query, "first": window.first_text if window else 0}
        ids = list(session.scalars(statement.where(found, *of_window), values))
        if len(ids) > most:
            break
    return Page(tuple(ids[:most]), more=len(ids) > most)


def _weigh_words(session: Session) -> None:
    """Has PostgreSQL know, until the transaction ends, that looking into a stored vector is dear: it must be unpacked.

    It takes that for as cheap as comparing two numbers, and looks into all of 16,000 where its indexes would leave it a tenth.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT set_config('cpu_operator_cost', '0.1', true)"))


def windows(session: Session) -> tuple[Window, ...]:
    """The newest papers in windows of growing size; none where there are few. Texts that come later lie in them all the same."""
    found: list[Window] = []
    days = select(PaperRow.announced_on).order_by(PaperRow.announced_on.desc(), PaperRow.number.desc())
    for size in WINDOWS:
        since = session.scalar(days.limit(1).offset(size - 1))
        if since is not None:
            texts = select(func.min(SearchTextRow.id)).join(PaperRow, PaperRow.id == SearchTextRow.paper_id)
            found.append(Window(since, session.scalar(texts.where(PaperRow.announced_on >= since)) or 0))
    return tuple(found)


def with_letters(session: Session, phrases: Sequence[Phrase], ids: Sequence[int]) -> list[int]:
    """Those of ``ids`` in whose title or abstract the single letters that are asked for stand by themselves."""
    letters = {one.letter for one in phrases} - {""}
    if not letters:
        return list(ids)
    there: set[int] = set()
    for some in batches(ids):
        rows = session.execute(select(PaperRow.id, PaperRow.title, PaperRow.abstract).where(PaperRow.id.in_(some)))
        there |= {paper_id for paper_id, title, abstract in rows if letters <= letters_alone(title) | letters_alone(abstract)}
    return [paper_id for paper_id in ids if paper_id in there]


def titles_first(session: Session, phrases: Sequence[Phrase], ids: Sequence[int]) -> list[int]:
    """The papers ``ids`` by how many of the phrases stand in their title, in whichever language most do; else in their order."""
    row, best = SearchTextRow, dict.fromkeys(ids, 0)
    for some in batches(ids):
        beginnings = select(row.paper_id, func.substr(row.words, 1, MOST_TITLE)).where(row.paper_id.in_(some))
        for paper_id, words in session.execute(beginnings):
            best[paper_id] = max(best[paper_id], in_title(phrases, words))
    return sorted(ids, key=lambda paper_id: -best[paper_id])


def read_lexicon(session: Session) -> Lexicon:
    """How common terms are in the originals of the papers indexed last: some tenths of a second, so remember it."""
    newest = select(SearchTextRow.words).where(SearchTextRow.language == SOURCE_LANGUAGE)
    return lexicon(session.scalars(newest.order_by(SearchTextRow.id.desc()).limit(IN_LEXICON)))


def related(session: Session, paper_id: int, known: Lexicon, *, most: int, among: Sequence[Window] = ()) -> list[int]:
    """The ids of up to ``most`` papers most like this one, of the newest few hundred that share a telling term with it.

    They are looked for ``among`` the newest first.
    """
    of_paper = select(SearchTextRow.words).where(SearchTextRow.paper_id == paper_id, SearchTextRow.language == SOURCE_LANGUAGE)
    words = session.scalar(of_paper) or ""
    terms = telling_terms(words, known, most=TELLING)
    if not terms:
        return []
    on_postgresql = session.get_bind().dialect.name == "postgresql"
    statement, sign = (_SHARING_POSTGRESQL, "|") if on_postgresql else (_SHARING_SQLITE, "OR")
    values = {"query": f" {sign} ".join(terms), "language": SOURCE_LANGUAGE, "own": paper_id, "most": COMPARED}
    others: dict[int, str] = {}
    for first in (*(window.first_text for window in among), 0):
        others = {other_id: text for other_id, text in session.execute(statement, {**values, "first": first})}  # noqa: C416
        if len(others) >= COMPARED:
            break
    return alike(words, others, known, most=most)


def _literals(phrases: Sequence[Phrase]) -> list[ColumnElement[bool]]:
    """The words with signs stand as they are in title or abstract: the index has no signs."""
    words = [f"%{re.sub(_PATTERN_SIGNS, _ESCAPED, phrase.literal)}%" for phrase in phrases if phrase.literal]
    texts = (func.lower(PaperRow.title), func.lower(PaperRow.abstract))
    return [or_(*(one.like(word, escape="\\") for one in texts)) for word in words]


def languages_found(session: Session, phrases: Sequence[Phrase], ids: Sequence[int]) -> dict[int, list[str]]:
    """The languages in whose texts of the papers ``ids`` all ``phrases`` stand, by paper; a paper with none is left out."""
    found: dict[int, list[str]] = {}
    if phrases and ids:
        on_postgresql = session.get_bind().dialect.name == "postgresql"
        statement, query = (_WHERE_POSTGRESQL, _for_postgresql) if on_postgresql else (_WHERE_SQLITE, _for_sqlite)
        bound = statement.bindparams(bindparam("ids", expanding=True))
        for paper_id, language in session.execute(bound, {"query": query(phrases), "ids": list(ids)}):
            found.setdefault(paper_id, []).append(language)
    return found


def _for_sqlite(phrases: Sequence[Phrase]) -> str:
    return " AND ".join(f'"{" ".join(one.terms)}"{"*" if one.beginning else ""}' for one in phrases)


def _for_postgresql(phrases: Sequence[Phrase]) -> str:
    return " & ".join(f"({' <-> '.join(one.terms)}{':*' if one.beginning else ''})" for one in phrases)


_IN_SQLITE = "FROM search_index i JOIN search_texts s ON s.id = i.rowid WHERE search_index MATCH :query"
# The vectors are stored: making one anew took 0.1 ms, for each of the many papers that a search for a common word reads.
_IN_POSTGRESQL = "FROM search_texts s WHERE s.vector @@ to_tsquery('simple', :query)"
# Common words are looked for in the newest papers alone, which fill a page; the whole index is for rare ones. No database can
# tell which is which: its statistics lack most words. Texts are stored in about the order of their papers, and those from one on
# are read by their ids.
WINDOWS = (2000, 16_000)
_SQLITE = text(f"papers.id IN (SELECT s.paper_id {_IN_SQLITE} AND i.rowid >= :first)")
_POSTGRESQL = text(
    f"papers.id IN (WITH found AS MATERIALIZED (SELECT s.paper_id {_IN_POSTGRESQL} AND s.id >= :first)"  # noqa: S608
    " SELECT paper_id FROM found)"
)
# A title has no more characters than this in the index.
MOST_TITLE = 600
_PATTERN_SIGNS, _ESCAPED = r"([\\%_])", r"\\\1"
# So many papers tell how common terms are; so many terms of a paper are looked for, and so many papers compared with it.
IN_LEXICON, TELLING, COMPARED = 3000, 8, 200
_SHARING_SQLITE = text(
    "SELECT s.paper_id, s.words FROM search_index i JOIN search_texts s ON s.id = i.rowid WHERE search_index MATCH :query"
    " AND i.rowid >= :first AND s.language = :language AND s.paper_id != :own ORDER BY i.rowid DESC LIMIT :most"
)
_SHARING_POSTGRESQL = text(
    "WITH found AS MATERIALIZED (SELECT s.id FROM search_texts s WHERE s.vector @@ to_tsquery('simple', :query)"
    " AND s.id >= :first AND s.language = :language AND s.paper_id != :own) SELECT s.paper_id, s.words FROM search_texts s"
    " WHERE s.id IN (SELECT id FROM found ORDER BY id DESC LIMIT :most)"
)
# Of a common word SQLite would read the whole index: the texts of these papers stand near each other.
_NEAR = " AND i.rowid BETWEEN (SELECT min(id) FROM search_texts WHERE paper_id IN :ids)"
_NEAR += " AND (SELECT max(id) FROM search_texts WHERE paper_id IN :ids)"
_WHERE_SQLITE, _WHERE_POSTGRESQL = (
    text(f"SELECT s.paper_id, s.language {where} AND s.paper_id IN :ids ORDER BY s.paper_id, s.language")
    for where in (_IN_SQLITE + _NEAR, _IN_POSTGRESQL)
)
