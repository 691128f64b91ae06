"""The SQL of refused answers: the last one to each text, with the reasons, until a translation is accepted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from newsletter.db import dialect_insert
from newsletter.tables.translations import RefusedTranslationRow, TranslationRow
from newsletter.translation.store.translations import FROM_LISTS, Accepted
from newsletter.values.batches import batches
from newsletter.values.translations import Field


@dataclass(frozen=True, slots=True)
class Refusal:
    """What ``engine`` answered to a text of a paper, and why it may not be published: words of the gate, or ``rejected``."""

    paper_id: int
    field: Field
    language: str
    source_hash: str
    engine: str
    reasons: tuple[str, ...]
    text: str


def save(session: Session, refusals: Iterable[Refusal], *, now: dt.datetime) -> None:
    """Keeps each as the last one to its text."""
    rows = {
        (one.paper_id, one.language, one.field): {
            "paper_id": one.paper_id,
            "field": one.field.value,
            "language": one.language,
            "source_hash": one.source_hash,
            "engine": one.engine,
            "reasons": " ".join(one.reasons),
            "text": one.text,
            "made_at": now,
        }
        for one in refusals
    }
    if not rows:
        return
    statement = dialect_insert(session, RefusedTranslationRow)
    new = {name: statement.excluded[name] for name in ("source_hash", "engine", "reasons", "text", "made_at")}
    session.execute(
        statement.on_conflict_do_update(index_elements=["paper_id", "language", "field"], set_=new),
        [rows[key] for key in sorted(rows)],
    )


def forget(session: Session, accepted: Iterable[Accepted]) -> None:
    """Takes away what was refused of texts that have a translation now."""
    done = {(one.paper_id, one.language, one.field.value) for one in accepted}
    row = RefusedTranslationRow
    for ids in batches(sorted({paper_id for paper_id, _, _ in done})):
        found = session.execute(select(row.id, row.paper_id, row.language, row.field).where(row.paper_id.in_(ids))).all()
        gone = [number for number, *key in found if tuple(key) in done]
        session.execute(delete(row).where(row.id.in_(gone)))


def of_paper(session: Session, paper_id: int) -> list[Refusal]:
    """The refused answers to a paper's texts, by language and field."""
    row = RefusedTranslationRow
    found = session.scalars(select(row).where(row.paper_id == paper_id).order_by(row.language, row.field))
    return [
        Refusal(one.paper_id, Field(one.field), one.language, one.source_hash, one.engine, tuple(one.reasons.split()), one.text)
        for one in found
    ]


def take_back(session: Session, paper_id: int, *, languages: Iterable[str], fields: Iterable[Field]) -> int:
    """Takes away what engines and operators made of a paper's texts, and what was refused; gives how many translations went.

    What came with a list stays.
    """
    of = (list(languages), [field.value for field in fields])
    refused = delete(RefusedTranslationRow).where(
        RefusedTranslationRow.paper_id == paper_id,
        RefusedTranslationRow.language.in_(of[0]),
        RefusedTranslationRow.field.in_(of[1]),
    )
    session.execute(refused)
    made = delete(TranslationRow).where(
        TranslationRow.paper_id == paper_id,
        TranslationRow.language.in_(of[0]),
        TranslationRow.field.in_(of[1]),
        TranslationRow.engine.not_in(FROM_LISTS),
    )
    return len(session.scalars(made.returning(TranslationRow.id)).all())
