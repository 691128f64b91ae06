"""The SQL of the papers that readers want to read later, and of their votes against topics."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from newsletter.db import dialect_insert
from newsletter.tables.papers import PaperRow
from newsletter.tables.subscribers import (
    OffTopicRow,
    ReadingRow,
)


def keep_for_later(session: Session, subscriber_id: int, paper_id: int, *, now: dt.datetime) -> None:
    """Puts the paper on the reader's list, where it is not on it yet."""
    row = {"subscriber_id": subscriber_id, "paper_id": paper_id, "at": now}
    session.execute(dialect_insert(session, ReadingRow).values(row).on_conflict_do_nothing())


def drop_from_later(session: Session, subscriber_id: int, paper_id: int) -> None:
    session.execute(delete(ReadingRow).where(ReadingRow.subscriber_id == subscriber_id, ReadingRow.paper_id == paper_id))


def for_later(session: Session, subscriber_id: int, *, most: int | None = None) -> list[int]:
    """The ids of the papers on the reader's list, the newest first."""
    order = (ReadingRow.at.desc(), ReadingRow.paper_id.desc())
    mine = select(ReadingRow.paper_id).where(ReadingRow.subscriber_id == subscriber_id)
    return list(session.scalars(mine.order_by(*order).limit(most)))


def vote_off(session: Session, subscriber_id: int, paper_id: int, topic: str, *, now: dt.datetime) -> None:
    """Keeps the reader's vote that the paper is not about ``topic``; once."""
    row = {"subscriber_id": subscriber_id, "paper_id": paper_id, "topic": topic, "at": now}
    session.execute(dialect_insert(session, OffTopicRow).values(row).on_conflict_do_nothing())


def take_vote_back(session: Session, subscriber_id: int, paper_id: int, topic: str) -> None:
    mine = (OffTopicRow.subscriber_id == subscriber_id, OffTopicRow.paper_id == paper_id, OffTopicRow.topic == topic)
    session.execute(delete(OffTopicRow).where(*mine))


def votes_of(session: Session, subscriber_id: int, paper_id: int) -> set[str]:
    """The topics (slugs) that the paper is not about, says the reader."""
    mine = (OffTopicRow.subscriber_id == subscriber_id, OffTopicRow.paper_id == paper_id)
    return set(session.scalars(select(OffTopicRow.topic).where(*mine)))


def votes(session: Session, *, most: int) -> list[tuple[str, str, str, int]]:
    """(ref, title, topic, how many readers) of the papers that readers hold for wrong under a topic, the most votes first."""
    count = func.count()
    statement = select(PaperRow.ref, PaperRow.title, OffTopicRow.topic, count).join(PaperRow, PaperRow.id == OffTopicRow.paper_id)
    statement = (
        statement.group_by(PaperRow.ref, PaperRow.title, OffTopicRow.topic).order_by(count.desc(), PaperRow.ref).limit(most)
    )
    return [(ref, title, topic, number) for ref, title, topic, number in session.execute(statement)]
