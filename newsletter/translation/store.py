"""Accepted translations: what is there, what is still needed, and saving. Once here, no engine is asked again."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from newsletter.languages import SOURCE_LANGUAGE
from newsletter.models import PaperRow, TranslationRow
from newsletter.values import POSTING_SERVERS, TRANSLATABLE, Field, Translation

# Well below the 999 variables of old SQLite builds: https://sqlite.org/limits.html#max_variable_number
CHUNK = 500
FIELDS = (Field.TITLE, Field.ABSTRACT)

# What is posted elsewhere may be shown with its licence, but not every licence allows a translation.
_MAY_BE_TRANSLATED = or_(PaperRow.source.not_in(POSTING_SERVERS), PaperRow.licence.in_(TRANSLATABLE))

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Need:
    """A text of a stored paper that lacks a translation; ``source_hash`` is that of ``text``."""

    paper_id: int
    version: int
    field: Field
    language: str
    text: str
    source_hash: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """A translation that passed the gate, on its way into the store."""

    paper_id: int
    version: int
    field: Field
    language: str
    source_hash: str
    text: str
    engine: str


def source_hash(text: str) -> str:
    """What a translation is kept under: it holds for every version of a paper whose text is the same."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def needed(session: Session, pairs: Iterable[tuple[int, str]]) -> list[Need]:
    """What the (paper id, language) ``pairs`` lack, in their order; title before abstract; the original language never.

    Nothing is needed of a paper whose licence allows no translation: it stays in the original for everybody.
    """
    wanted = [pair for pair in dict.fromkeys(pairs) if pair[1] != SOURCE_LANGUAGE]
    texts = _texts(session, {paper_id for paper_id, _ in wanted}, _MAY_BE_TRANSLATED)
    there = _present(session, {paper_id for paper_id, _ in wanted})
    return [
        Need(paper_id, version, field, language, text, hashed)
        for paper_id, language in wanted
        for version, field, text, hashed in texts.get(paper_id, ())
        if text and (paper_id, language, field, hashed) not in there
    ]


def save(session: Session, accepted: Iterable[Accepted], *, now: dt.datetime) -> int:
    """Saves accepted translations; of two for one text the first stays. Gives how many were new."""
    rows = [
        {
            "paper_id": one.paper_id,
            "version": one.version,
            "field": one.field.value,
            "language": one.language,
            "source_hash": one.source_hash,
            "glossary_version": "",
            "engine": one.engine,
            "text": one.text,
            "made_at": now,
        }
        for one in accepted
    ]
    if not rows:
        return 0
    insert: Any = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
    statement = insert(TranslationRow).on_conflict_do_nothing().returning(TranslationRow.id)
    return len(session.execute(statement, rows).all())


def translations(session: Session, paper_ids: Iterable[int], language: str) -> dict[int, dict[Field, Translation]]:
    """The translations of the papers' present texts into ``language``, by paper id and field; papers without any are left out."""
    found: dict[int, dict[Field, Translation]] = {}
    if language == SOURCE_LANGUAGE:
        return found
    for ids in _chunks(sorted(set(paper_ids))):
        current = {(paper_id, field): hashed for paper_id, texts in _texts(session, ids).items() for _, field, _, hashed in texts}
        statement = select(TranslationRow).where(TranslationRow.paper_id.in_(ids), TranslationRow.language == language)
        for row in session.scalars(statement.order_by(TranslationRow.id)):
            field = Field(row.field)
            if current.get((row.paper_id, field), row.source_hash) == row.source_hash:
                found.setdefault(row.paper_id, {})[field] = Translation(row.paper_id, field, language, row.text, row.engine)
    return found


def languages_of(session: Session, paper_id: int) -> list[str]:
    """The languages that a paper was translated into, sorted."""
    return sorted(session.scalars(select(TranslationRow.language).where(TranslationRow.paper_id == paper_id).distinct()))


def _texts(
    session: Session, paper_ids: Iterable[int], *conditions: ColumnElement[bool]
) -> dict[int, list[tuple[int, Field, str, str]]]:
    """(version, field, text, hash) of the present texts of the papers that ``conditions`` hold for."""
    found: dict[int, list[tuple[int, Field, str, str]]] = {}
    for ids in _chunks(sorted(set(paper_ids))):
        statement = select(PaperRow.id, PaperRow.version, PaperRow.title, PaperRow.abstract).where(
            PaperRow.id.in_(ids), *conditions
        )
        for paper_id, version, *texts in session.execute(statement):
            found[paper_id] = [(version, field, text, source_hash(text)) for field, text in zip(FIELDS, texts, strict=True)]
    return found


def _present(session: Session, paper_ids: Iterable[int]) -> set[tuple[int, str, str, str]]:
    row = TranslationRow
    present: set[tuple[int, str, str, str]] = set()
    for ids in _chunks(sorted(set(paper_ids))):
        statement = select(row.paper_id, row.language, row.field, row.source_hash).where(row.paper_id.in_(ids))
        present.update((paper_id, language, field, hashed) for paper_id, language, field, hashed in session.execute(statement))
    return present


def _chunks(items: Sequence[T]) -> Iterator[list[T]]:
    rest = iter(items)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk
