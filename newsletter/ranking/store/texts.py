"""The SQL of the papers that ranking reads."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter.tables.papers import PaperRow
from newsletter.tables.subscribers import (
    ExampleRow,
)
from newsletter.values.batches import batches


@dataclass(frozen=True, slots=True)
class PoolPaper:
    """A paper that readers may be sent, as ranking needs it."""

    id: int
    number: int
    announced_on: dt.date
    categories: tuple[str, ...]
    title: str
    abstract: str


def newest_paper_ids(session: Session, *, upto: int, most: int) -> list[int]:
    """The ids of the ``most`` papers stored last, up to this number, the newest first."""
    statement = select(PaperRow.id).where(PaperRow.number <= upto).order_by(PaperRow.number.desc()).limit(most)
    return list(session.scalars(statement))


def texts(session: Session, paper_ids: Iterable[int]) -> Iterator[tuple[int, str, str]]:
    """(paper id, title, abstract) of these papers as their authors wrote them, some hundred at a time."""
    for ids in batches(sorted(set(paper_ids))):
        columns = select(PaperRow.id, PaperRow.title, PaperRow.abstract)
        yield from ((row.id, row.title, row.abstract) for row in session.execute(columns.where(PaperRow.id.in_(ids))))


def titles(session: Session, keys: Iterable[int]) -> dict[int, str]:
    """The titles of papers (by id) and of examples (by minus their id)."""
    wanted = sorted(set(keys))
    found: dict[int, str] = {}
    for ids in batches([key for key in wanted if key > 0]):
        found |= dict(session.execute(select(PaperRow.id, PaperRow.title).where(PaperRow.id.in_(ids))).all())
    for ids in batches([-key for key in wanted if key < 0]):
        given = session.execute(select(ExampleRow.id, ExampleRow.title).where(ExampleRow.id.in_(ids)))
        found |= {-number: title for number, title in given}
    return found


def pool(session: Session, *, after: int, upto: int, most: int) -> list[PoolPaper]:
    """The ``most`` newest papers with a number in (``after``, ``upto``] that were not withdrawn, the newest first."""
    columns = (PaperRow.id, PaperRow.number, PaperRow.announced_on, PaperRow.categories, PaperRow.title, PaperRow.abstract)
    wanted = (PaperRow.number > after, PaperRow.number <= upto, PaperRow.withdrawn.is_(False))
    rows = session.execute(select(*columns).where(*wanted).order_by(PaperRow.number.desc()).limit(most))
    return [
        PoolPaper(paper_id, number, day, tuple(categories), title, abstract)
        for paper_id, number, day, categories, title, abstract in rows
    ]
