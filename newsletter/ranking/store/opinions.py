"""The SQL of what readers said of papers, more or less like this: the last word of each of a paper counts."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from newsletter.db import dialect_insert
from newsletter.ranking.opinions import Opinion, Say
from newsletter.ranking.store.learned import forget_learned
from newsletter.tables.papers import PaperRow
from newsletter.tables.subscribers import (
    FeedbackRow,
)
from newsletter.values.batches import batches

_VALUE = {Say.MORE: 1, Say.LESS: -1}


_SAY = {value: say for say, value in _VALUE.items()}


def keep(session: Session, subscriber_id: int, paper_id: int, say: Say | None, *, now: dt.datetime) -> None:
    """Keeps what the reader says of the paper in the place of what they said before; None takes that back."""
    key = {"subscriber_id": subscriber_id, "paper_id": paper_id}
    forget_learned(session, subscriber_id)
    if say is None:
        session.execute(delete(FeedbackRow).filter_by(**key))
        return
    said = {"value": _VALUE[say], "at": now}
    statement = dialect_insert(session, FeedbackRow).values({**key, **said})
    # Two clicks on a button can arrive at the same time: then the second one updates the row of the first.
    session.execute(statement.on_conflict_do_update(index_elements=list(key), set_=said))


def said_of(session: Session, subscriber_id: int, paper_id: int) -> Say | None:
    """What the reader said of the paper; None where they said nothing."""
    mine = (FeedbackRow.subscriber_id == subscriber_id, FeedbackRow.paper_id == paper_id)
    value = session.scalar(select(FeedbackRow.value).where(*mine))
    return None if value is None else _SAY[value]


def opinions(session: Session, subscriber_id: int, *, most: int | None = None, skip: int = 0) -> list[Opinion]:
    """What the reader said, the newest first: all of it, or ``most`` of it after the newest ``skip``."""
    statement = (
        select(PaperRow.id, PaperRow.ref, PaperRow.title, FeedbackRow.value, FeedbackRow.at)
        .join(PaperRow, PaperRow.id == FeedbackRow.paper_id)
        .where(FeedbackRow.subscriber_id == subscriber_id)
        .order_by(FeedbackRow.at.desc(), FeedbackRow.paper_id.desc())
        .limit(most)
        .offset(skip)
    )
    return [Opinion(paper_id, ref, title, _SAY[value], at) for paper_id, ref, title, value, at in session.execute(statement)]


def count(session: Session, subscriber_id: int) -> int:
    """Of how many papers the reader said something."""
    mine = FeedbackRow.subscriber_id == subscriber_id
    return session.scalar(select(func.count()).select_from(FeedbackRow).where(mine)) or 0


def opinions_of_readers(session: Session, subscriber_ids: Collection[int], *, most: int) -> dict[int, list[tuple[int, Say]]]:
    """The newest ``most`` (paper id, what was said) of each of these readers, the newest first; who said nothing is left out."""
    # Few readers give feedback: those who do are looked up first, so that a hundred thousand others cost one query.
    asked = set(subscriber_ids) & set(session.scalars(select(FeedbackRow.subscriber_id).distinct()))
    found: dict[int, list[tuple[int, Say]]] = defaultdict(list)
    for ids in batches(sorted(asked)):
        columns = select(FeedbackRow.subscriber_id, FeedbackRow.paper_id, FeedbackRow.value)
        ordered = columns.where(FeedbackRow.subscriber_id.in_(ids)).order_by(FeedbackRow.at.desc(), FeedbackRow.paper_id.desc())
        for subscriber_id, paper_id, value in session.execute(ordered):
            if len(found[subscriber_id]) < most:
                found[subscriber_id].append((paper_id, _SAY[value]))
    return dict(found)


def forget_opinions(session: Session, subscriber_id: int) -> int:
    """Forgets all that the reader said of papers; gives of how many."""
    forget_learned(session, subscriber_id)
    gone = session.execute(delete(FeedbackRow).where(FeedbackRow.subscriber_id == subscriber_id).returning(FeedbackRow.paper_id))
    return len(gone.all())


def liked_since(session: Session, since: dt.datetime, *, least: int) -> dict[int, int]:
    """The papers that at least ``least`` readers want more of, said since then, and how many do."""
    count = func.count()
    said = select(FeedbackRow.paper_id, count).where(FeedbackRow.value == _VALUE[Say.MORE], FeedbackRow.at >= since)
    return dict(session.execute(said.group_by(FeedbackRow.paper_id).having(count >= least)).all())
