"""Stored papers narrowed by what an address asks for (`PaperFilter`): conditions of a statement, and what no database tells."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, exists, func, literal_column, or_, select, type_coerce
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from newsletter.tables.papers import MatchRow, PaperLinkRow, PaperRow
from newsletter.tables.translations import TranslationRow
from newsletter.text.venues import venue_of
from newsletter.values.batches import batches
from newsletter.values.paper_filter import PaperFilter
from newsletter.values.papers import LinkKind
from newsletter.values.translations import Field


def conditions(session: Session, wanted: PaperFilter) -> list[ColumnElement[bool]]:
    """What must hold of a row of papers; where it appeared is read from its words by `with_venue` afterwards."""
    found: list[ColumnElement[bool]] = []
    if wanted.topics:
        found.append(PaperRow.id.in_(select(MatchRow.paper_id).where(MatchRow.topic.in_(wanted.topics))))
    if wanted.category:
        found.append(_has_category(session, wanted.category))
    if wanted.code:
        found.append(PaperRow.id.in_(select(PaperLinkRow.paper_id).where(PaperLinkRow.kind == LinkKind.CODE.value)))
    if wanted.venue:
        found.append(or_(PaperRow.comment != "", PaperRow.journal_ref != ""))
    if wanted.translated:
        row = TranslationRow
        there = select(row.paper_id).where(row.language == wanted.translated, row.field == Field.ABSTRACT)
        found.append(PaperRow.id.in_(there))
    return found


def _has_category(session: Session, category: str) -> ColumnElement[bool]:
    if session.get_bind().dialect.name == "postgresql":
        return type_coerce(PaperRow.categories, JSONB).contains([category])
    each = func.json_each(PaperRow.categories).table_valued("value")
    return exists(select(literal_column("1")).select_from(each).where(each.c.value == category))


def with_venue(session: Session, ids: Sequence[int]) -> list[int]:
    """Those of ``ids`` whose authors say where they appeared, in their order."""
    there: set[int] = set()
    for some in batches(ids):
        rows = session.execute(select(PaperRow.id, PaperRow.comment, PaperRow.journal_ref).where(PaperRow.id.in_(some)))
        there |= {paper_id for paper_id, comment, journal_ref in rows if venue_of(comment, journal_ref)}
    return [paper_id for paper_id in ids if paper_id in there]
