"""The search index in the database: SQLite's FTS5 and PostgreSQL's full text search behind the same functions.

Triggers delete the entries of texts that change (see the migration), and ``index_new`` writes those that are missing; so no other
module has to keep the index up to date.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import TextClause, bindparam, exists, select, text
from sqlalchemy.orm import Session

from newsletter.db import Database, dialect_insert
from newsletter.languages import SOURCE_LANGUAGE
from newsletter.search.lexicon import Lexicon, alike, lexicon, telling_terms
from newsletter.search.terms import Phrase, indexed
from newsletter.tables.papers import PaperRow, SearchTextRow
from newsletter.tables.translations import TranslationRow
from newsletter.values.translations import Field

BATCH = 500


@dataclass(frozen=True, slots=True)
class Page:
    """Ids of papers, the newest first, and whether there are more."""

    ids: tuple[int, ...]
    more: bool


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


def search(session: Session, phrases: Sequence[Phrase], *, most: int, skip: int = 0) -> Page:
    """The papers in whose text in any language all ``phrases`` stand; none where there is no phrase."""
    if not phrases:
        return Page((), more=False)
    on_postgresql = session.get_bind().dialect.name == "postgresql"
    query = _for_postgresql(phrases) if on_postgresql else _for_sqlite(phrases)
    literals = _literals(phrases)
    statements = (_AMONG_NEWEST, _POSTGRESQL) if on_postgresql else (_SQLITE,)
    if literals:
        statements = (_with_literals(statements[-1], literals),)
    ids: list[int] = []
    for statement in statements:
        ids = list(session.scalars(statement, {"query": query, "most": most + 1, "skip": skip, **literals}))
        if len(ids) > most:
            break
    return Page(tuple(ids[:most]), more=len(ids) > most)


def read_lexicon(session: Session) -> Lexicon:
    """How common terms are in the originals of the papers indexed last: some tenths of a second, so remember it."""
    newest = select(SearchTextRow.words).where(SearchTextRow.language == SOURCE_LANGUAGE)
    return lexicon(session.scalars(newest.order_by(SearchTextRow.id.desc()).limit(IN_LEXICON)))


def related(session: Session, paper_id: int, known: Lexicon, *, most: int) -> list[int]:
    """The ids of up to ``most`` papers most like this one, of the newest few hundred that share a telling term with it."""
    of_paper = select(SearchTextRow.words).where(SearchTextRow.paper_id == paper_id, SearchTextRow.language == SOURCE_LANGUAGE)
    words = session.scalar(of_paper) or ""
    terms = telling_terms(words, known, most=TELLING)
    if not terms:
        return []
    on_postgresql = session.get_bind().dialect.name == "postgresql"
    statement, sign = (_SHARING_POSTGRESQL, "|") if on_postgresql else (_SHARING_SQLITE, "OR")
    values = {"query": f" {sign} ".join(terms), "language": SOURCE_LANGUAGE, "own": paper_id, "most": COMPARED}
    others = {other_id: text for other_id, text in session.execute(statement, values)}  # noqa: C416 - dict() sees no pairs
    return alike(words, others, known, most=most)


def _literals(phrases: Sequence[Phrase]) -> dict[str, str]:
    """What the words with signs look like in a text, by the name of a parameter: the index has no signs."""
    words = [re.sub(r"([\\%_])", r"\\\1", phrase.literal) for phrase in phrases if phrase.literal]
    return {f"literal{place}": f"%{one}%" for place, one in enumerate(words)}


def _with_literals(statement: TextClause, literals: Mapping[str, str]) -> TextClause:
    """``statement`` for the papers alone in whose title or abstract all of these stand."""
    like = "LIKE :{0} ESCAPE '\\'"
    found = " AND ".join(f"(lower(p.title) {like} OR lower(p.abstract) {like})".format(name) for name in literals)
    return text(statement.text.replace(" ORDER BY p.announced_on", f" AND {found} ORDER BY p.announced_on"))


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


def _statement(found: str) -> TextClause:
    return text(
        f"SELECT p.id FROM papers p WHERE p.id IN ({found}) ORDER BY p.announced_on DESC, p.number DESC LIMIT :most OFFSET :skip"  # noqa: S608
    )


_IN_SQLITE = "FROM search_index i JOIN search_texts s ON s.id = i.rowid WHERE search_index MATCH :query"
# The vectors are stored: making one anew took 0.1 ms, for each of the many papers that a search for a common word reads.
_IN_POSTGRESQL = "FROM search_texts s WHERE s.vector @@ to_tsquery('simple', :query)"
_SQLITE = _statement(f"SELECT s.paper_id {_IN_SQLITE}")
# Common words are looked for in the newest papers alone, which fill a page; the index is for rare ones. PostgreSQL cannot tell
# which is which where its statistics lack the word: it read all papers, the newest first, for a word that eight of 100,000 have.
NEWEST = 2000
# So many papers tell how common terms are; so many terms of a paper are looked for, and so many papers compared with it.
IN_LEXICON, TELLING, COMPARED = 3000, 8, 200
_SHARING_SQLITE = text(
    "SELECT s.paper_id, s.words FROM search_index i JOIN search_texts s ON s.id = i.rowid WHERE search_index MATCH :query"
    " AND s.language = :language AND s.paper_id != :own ORDER BY i.rowid DESC LIMIT :most"
)
_SHARING_POSTGRESQL = text(
    "WITH found AS MATERIALIZED (SELECT s.id FROM search_texts s WHERE s.vector @@ to_tsquery('simple', :query)"
    " AND s.language = :language AND s.paper_id != :own) SELECT s.paper_id, s.words FROM search_texts s"
    " WHERE s.id IN (SELECT id FROM found ORDER BY id DESC LIMIT :most)"
)
_AMONG_NEWEST = text(
    "SELECT p.id FROM (SELECT id, announced_on, number FROM papers ORDER BY announced_on DESC, number DESC"  # noqa: S608
    f" LIMIT {NEWEST}) p WHERE EXISTS (SELECT 1 {_IN_POSTGRESQL} AND s.paper_id = p.id)"
    " ORDER BY p.announced_on DESC, p.number DESC LIMIT :most OFFSET :skip"
)
_POSTGRESQL = text(
    f"WITH found AS MATERIALIZED (SELECT s.paper_id {_IN_POSTGRESQL}) "  # noqa: S608
    + _statement("SELECT paper_id FROM found").text
)
_WHERE_SQLITE, _WHERE_POSTGRESQL = (
    text(f"SELECT s.paper_id, s.language {where} AND s.paper_id IN :ids ORDER BY s.paper_id, s.language")
    for where in (_IN_SQLITE, _IN_POSTGRESQL)
)
