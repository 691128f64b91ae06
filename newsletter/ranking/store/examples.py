"""The SQL of the papers and texts that readers gave as examples."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from newsletter.ranking.example import Example
from newsletter.ranking.store.learned import forget_learned
from newsletter.tables.subscribers import (
    ExampleRow,
)
from newsletter.values.batches import batches


def add_examples(session: Session, subscriber_id: int, given: Iterable[Example], *, now: dt.datetime) -> None:
    forget_learned(session, subscriber_id)
    session.add_all(ExampleRow(subscriber_id=subscriber_id, title=one.title, abstract=one.abstract, at=now) for one in given)


def examples(session: Session, subscriber_id: int) -> list[tuple[int, Example]]:
    """The reader's examples by id, in the order they were given."""
    statement = select(ExampleRow).where(ExampleRow.subscriber_id == subscriber_id).order_by(ExampleRow.id)
    return [(row.id, Example(row.title, row.abstract)) for row in session.scalars(statement)]


def forget_examples(session: Session, subscriber_id: int, *, only: int | None = None) -> int:
    """Forgets all of the reader's examples, or ``only`` the one of this id; gives how many."""
    mine = [ExampleRow.subscriber_id == subscriber_id, *([ExampleRow.id == only] if only is not None else [])]
    forget_learned(session, subscriber_id)
    ids = list(session.scalars(select(ExampleRow.id).where(*mine)))
    session.execute(delete(ExampleRow).where(*mine))
    return len(ids)


def examples_of_readers(session: Session, subscriber_ids: Collection[int]) -> dict[int, list[tuple[int, Example]]]:
    """The examples, by id, of each of these readers; who gave none is left out."""
    asked = set(subscriber_ids) & set(session.scalars(select(ExampleRow.subscriber_id).distinct()))
    found: dict[int, list[tuple[int, Example]]] = defaultdict(list)
    for ids in batches(sorted(asked)):
        statement = select(ExampleRow).where(ExampleRow.subscriber_id.in_(ids)).order_by(ExampleRow.id)
        for row in session.scalars(statement):
            found[row.subscriber_id].append((row.id, Example(row.title, row.abstract)))
    return dict(found)
