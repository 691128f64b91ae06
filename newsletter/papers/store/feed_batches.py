"""The feeds' last batches, and announcement days made exact. It stores no paper."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from newsletter.db import dialect_insert
from newsletter.papers.announcements import Batch
from newsletter.papers.store.changes import note_change
from newsletter.tables.papers import FeedBatchRow, PaperRow
from newsletter.values import batches as batching


def batches(session: Session) -> dict[str, Batch]:
    """The last batch of each category by its name; a category whose feed never answered has none."""
    rows = session.execute(select(FeedBatchRow)).scalars()
    return {row.category: Batch(row.category, row.day, frozenset(row.keys), row.etag) for row in rows}


def remember(session: Session, seen: Iterable[Batch]) -> None:
    """Puts these batches in the place of their categories' last ones."""
    for batch in seen:
        values = {"day": batch.day, "etag": batch.etag, "keys": sorted(batch.keys)}
        statement = dialect_insert(session, FeedBatchRow).values(category=batch.category, **values)
        session.execute(statement.on_conflict_do_update(index_elements=["category"], set_=values))


def make_exact(session: Session, days: Mapping[str, dt.date], *, stored_since: dt.datetime | None = None) -> int:
    """Gives these refs their exact announcement day where only an estimated one is stored; gives how many days were moved.

    A day that is exact already stays, and so does that of a paper stored before ``stored_since``.
    """
    young = [] if stored_since is None else [PaperRow.stored_at >= stored_since]
    refs: dict[dt.date, list[str]] = defaultdict(list)
    for ref, day in days.items():
        refs[day].append(ref)
    moved = 0
    for day, named in refs.items():
        for some in batching.batches(named):
            mine = PaperRow.ref.in_(some), PaperRow.announced_estimated.is_(True), *young
            other = select(PaperRow.id).where(*mine, PaperRow.announced_on != day)
            moved += len(session.execute(other).all())
            session.execute(update(PaperRow).where(*mine).values(announced_on=day, announced_estimated=False))
    if moved:
        note_change(session)
    return moved


def count_estimated(session: Session, day: dt.date) -> int:
    """How many papers stand under ``day`` by the calendar's estimate alone."""
    mine = PaperRow.announced_on == day, PaperRow.announced_estimated.is_(True)
    return session.execute(select(func.count()).where(*mine)).scalar_one()
