"""The SQL of where a paper stood in readers' digests: a row for each day on which enough of them got it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter.db import dialect_insert
from newsletter.tables.papers import MailedPaperRow, PaperRow
from newsletter.values.batches import batches


@dataclass(frozen=True, slots=True)
class Mailed:
    """``readers`` got the paper with their digest of ``day``; ``place`` is where it stood in the middle one, from 1 on."""

    paper_id: int
    day: dt.date
    readers: int
    place: int


def keep(session: Session, mailed: Iterable[Mailed]) -> None:
    """Keeps these, each in the place of what was counted of its paper and day before; papers that are gone are left out."""
    for some in batches(mailed):
        there = set(session.scalars(select(PaperRow.id).where(PaperRow.id.in_({one.paper_id for one in some}))))
        rows = [asdict(one) for one in some if one.paper_id in there]
        if rows:
            statement = dialect_insert(session, MailedPaperRow)
            counted = {"readers": statement.excluded.readers, "place": statement.excluded.place}
            session.execute(statement.on_conflict_do_update(index_elements=["paper_id", "day"], set_=counted), rows)


def mailed(session: Session, paper_id: int, *, most: int) -> list[Mailed]:
    """The newest ``most`` days on which enough readers got the paper, the newest first."""
    statement = select(MailedPaperRow).where(MailedPaperRow.paper_id == paper_id).order_by(MailedPaperRow.day.desc())
    return [Mailed(row.paper_id, row.day, row.readers, row.place) for row in session.scalars(statement.limit(most))]
