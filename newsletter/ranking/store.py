"""The SQL of what readers like: one row for a reader and a paper they said something of (the last counts), one for an example."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from newsletter.db import dialect_insert
from newsletter.ranking.examples import Example
from newsletter.ranking.opinions import Opinion, Say
from newsletter.tables.papers import PaperRow
from newsletter.tables.subscribers import ExampleRow, FeedbackRow
from newsletter.values.batches import batches

_VALUE = {Say.MORE: 1, Say.LESS: -1}
_SAY = {value: say for say, value in _VALUE.items()}


def keep(session: Session, subscriber_id: int, paper_id: int, say: Say | None, *, now: dt.datetime) -> None:
    """Keeps what the reader says of the paper in the place of what they said before; None takes that back."""
    key = {"subscriber_id": subscriber_id, "paper_id": paper_id}
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


def newest_paper_ids(session: Session, *, upto: int, most: int) -> list[int]:
    """The ids of the ``most`` papers stored last, up to this number, the newest first."""
    statement = select(PaperRow.id).where(PaperRow.number <= upto).order_by(PaperRow.number.desc()).limit(most)
    return list(session.scalars(statement))


def texts(session: Session, paper_ids: Iterable[int]) -> Iterator[tuple[int, str, str]]:
    """(paper id, title, abstract) of these papers as their authors wrote them, some hundred at a time."""
    for ids in batches(sorted(set(paper_ids))):
        columns = select(PaperRow.id, PaperRow.title, PaperRow.abstract)
        yield from ((row.id, row.title, row.abstract) for row in session.execute(columns.where(PaperRow.id.in_(ids))))


def add_examples(session: Session, subscriber_id: int, given: Iterable[Example], *, now: dt.datetime) -> None:
    session.add_all(ExampleRow(subscriber_id=subscriber_id, title=one.title, abstract=one.abstract, at=now) for one in given)


def examples(session: Session, subscriber_id: int) -> list[tuple[int, Example]]:
    """The reader's examples by id, in the order they were given."""
    statement = select(ExampleRow).where(ExampleRow.subscriber_id == subscriber_id).order_by(ExampleRow.id)
    return [(row.id, Example(row.title, row.abstract)) for row in session.scalars(statement)]


def forget_examples(session: Session, subscriber_id: int, *, only: int | None = None) -> int:
    """Forgets all of the reader's examples, or ``only`` the one of this id; gives how many."""
    mine = [ExampleRow.subscriber_id == subscriber_id, *([ExampleRow.id == only] if only is not None else [])]
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
