"""Accepted translations: what is there, what is still needed, and saving. Once here, no engine is asked again."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, delete, literal, or_, select, union_all
from sqlalchemy.orm import Session

from newsletter.db import dialect_insert
from newsletter.languages import SOURCE_LANGUAGE
from newsletter.tables.papers import PaperRow
from newsletter.tables.translations import RefusedTranslationRow, TranslationRow
from newsletter.text.contribution import contribution
from newsletter.values.batches import batches
from newsletter.values.papers import TRANSLATABLE, UNANNOUNCED
from newsletter.values.translations import Field, Translation

# Engines by name whose texts people wrote: no glossary makes them stale, and no engine's text takes their place.
SAMPLE = "sample"
IMPORTED = "imported"
OPERATOR = "operator"
FROM_LISTS = (IMPORTED, SAMPLE)
BY_PEOPLE = (*FROM_LISTS, OPERATOR)
# In the place of a hash: the text of a published list, whose original we may not know, holds for every version of its paper.
ANY_TEXT = "any text"
_BY_HAND = "by hand"
# The reason of what a person rejected: that text is not asked for again.
REJECTED = "rejected"
Versions = Callable[[str, str], str]

# What is posted elsewhere may be shown with its licence, but not every licence allows a translation.
_MAY_BE_TRANSLATED = or_(PaperRow.source.not_in(UNANNOUNCED), PaperRow.licence.in_(TRANSLATABLE))


@dataclass(frozen=True, slots=True)
class Need:
    """A text of a stored paper that lacks a translation; ``source_hash`` is that of ``text``.

    ``glossary_version`` is that of the entries whose terms stand in it.
    """

    paper_id: int
    version: int
    field: Field
    language: str
    text: str
    source_hash: str
    glossary_version: str = ""


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
    glossary_version: str = ""


def source_hash(text: str) -> str:
    """What a translation is kept under: it holds for every version of a paper whose text is the same."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def needed(session: Session, pairs: Iterable[tuple[int, str]], *, versions: Versions | None = None) -> list[Need]:
    """What the (paper id, language) ``pairs`` lack, in their order; title, abstract, summary; the original language never.

    With ``versions``, which gives a text's glossary version in a language, translations made with another one are needed anew;
    readers have the old ones until then. A text whose translation a person rejected stays in
    the original. Nothing is needed of a paper whose licence allows no translation: it stays in the
    original for everybody.
    """
    wanted = [pair for pair in dict.fromkeys(pairs) if pair[1] != SOURCE_LANGUAGE]
    ids = {paper_id for paper_id, _ in wanted}
    texts, there = _texts(session, ids, _MAY_BE_TRANSLATED), _present(session, ids)
    needs: list[Need] = []
    for paper_id, language in wanted:
        for version, field, text, hashed in texts.get(paper_id, ()):
            made_with = there.get((paper_id, language, field, ANY_TEXT), there.get((paper_id, language, field, hashed)))
            current = versions(language, text) if versions else None
            if text and not _serves(made_with, current):
                needs.append(Need(paper_id, version, field, language, text, hashed, current or ""))
    return needs


def _serves(made_with: str | None, current: str | None) -> bool:
    """Whether a translation made with that glossary version (None: there is none) may stand; without ``current`` any may."""
    return made_with is not None and (current is None or made_with in (current, _BY_HAND))


def save(session: Session, accepted: Iterable[Accepted], *, now: dt.datetime) -> int:
    """Saves accepted translations; of two for one text the first stays, unless the glossary has changed since.

    What people wrote is never overwritten. Gives how many were saved.
    """
    rows = [
        {
            "paper_id": one.paper_id,
            "version": one.version,
            "field": one.field.value,
            "language": one.language,
            "source_hash": one.source_hash,
            "glossary_version": one.glossary_version,
            "engine": one.engine,
            "text": one.text,
            "made_at": now,
        }
        for one in accepted
    ]
    if not rows:
        return 0
    statement = dialect_insert(session, TranslationRow)
    new = statement.excluded
    statement = statement.on_conflict_do_update(
        index_elements=["paper_id", "language", "field", "source_hash"],
        set_={name: new[name] for name in ("version", "glossary_version", "engine", "text", "made_at")},
        where=and_(
            TranslationRow.glossary_version != new.glossary_version, *(TranslationRow.engine != name for name in BY_PEOPLE)
        ),
    ).returning(TranslationRow.id)
    return len(session.execute(statement, rows).all())


def replace(session: Session, one: Accepted, *, now: dt.datetime) -> None:
    """Puts what a person wrote in the place of whatever was there for this text."""
    same = (TranslationRow.paper_id == one.paper_id, TranslationRow.language == one.language, TranslationRow.field == one.field)
    session.execute(delete(TranslationRow).where(*same, TranslationRow.source_hash == one.source_hash))
    save(session, [one], now=now)


def translations(session: Session, paper_ids: Iterable[int], language: str) -> dict[int, dict[Field, Translation]]:
    """The translations of the papers' present texts into ``language``, by paper id and field; papers without any are left out."""
    found: dict[int, dict[Field, Translation]] = {}
    if language == SOURCE_LANGUAGE:
        return found
    for ids in batches(sorted(set(paper_ids))):
        current = {(paper_id, field): hashed for paper_id, texts in _texts(session, ids).items() for _, field, _, hashed in texts}
        statement = select(TranslationRow).where(TranslationRow.paper_id.in_(ids), TranslationRow.language == language)
        # What people wrote stands before what engines made of the same text.
        for row in sorted(session.scalars(statement.order_by(TranslationRow.id)), key=lambda row: row.source_hash == ANY_TEXT):
            field = Field(row.field)
            if row.source_hash in (ANY_TEXT, current.get((row.paper_id, field), row.source_hash)):
                found.setdefault(row.paper_id, {})[field] = Translation(row.paper_id, field, language, row.text, row.engine)
    return found


def originals(session: Session, paper_id: int) -> dict[Field, tuple[str, str]]:
    """(text, hash) of each text of the paper that is translated, as it stands now; the summary only where it has one."""
    found = _texts(session, [paper_id]).get(paper_id, [])
    return {field: (text, hashed) for _, field, text, hashed in found if text}


def languages_of(session: Session, paper_id: int) -> list[str]:
    """The languages that a paper was translated into, sorted."""
    return sorted(session.scalars(select(TranslationRow.language).where(TranslationRow.paper_id == paper_id).distinct()))


def _texts(
    session: Session, paper_ids: Iterable[int], *conditions: ColumnElement[bool]
) -> dict[int, list[tuple[int, Field, str, str]]]:
    """(version, field, text, hash) of the present texts of the papers that ``conditions`` hold for."""
    found: dict[int, list[tuple[int, Field, str, str]]] = {}
    for ids in batches(sorted(set(paper_ids))):
        columns = (PaperRow.id, PaperRow.version, PaperRow.title, PaperRow.abstract, PaperRow.source)
        for paper_id, version, title, abstract, source in session.execute(
            select(*columns).where(PaperRow.id.in_(ids), *conditions)
        ):
            summary = contribution(title, abstract)
            # An abstract of one sentence is its own summary; samples bring their translations, which have none.
            summary = "" if source == SAMPLE or summary == abstract else summary
            fields = {Field.TITLE: title, Field.ABSTRACT: abstract, Field.TLDR: summary}
            found[paper_id] = [(version, field, text, source_hash(text)) for field, text in fields.items()]
    return found


def _present(session: Session, paper_ids: Iterable[int]) -> dict[tuple[int, str, str, str], str]:
    """The glossary version by paper, language, field and hash of the text; what people wrote or rejected is by hand."""
    row, refused = TranslationRow, RefusedTranslationRow
    present: dict[tuple[int, str, str, str], str] = {}
    made = select(row.paper_id, row.language, row.field, row.source_hash, row.glossary_version, row.engine)
    unwanted = select(
        refused.paper_id, refused.language, refused.field, refused.source_hash, literal(""), literal(IMPORTED)
    ).where(refused.reasons == REJECTED)
    for ids in batches(sorted(set(paper_ids))):
        both = union_all(made.where(row.paper_id.in_(ids)), unwanted.where(refused.paper_id.in_(ids)))
        for paper_id, language, field, hashed, version, engine in session.execute(both):
            present[paper_id, language, field, hashed] = _BY_HAND if engine in BY_PEOPLE else version
    return present
