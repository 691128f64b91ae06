"""The SQL of what operators say of papers and topics: marks, one a paper and topic."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from newsletter.db import dialect_insert
from newsletter.tables.papers import PaperRow, TopicMarkRow
from newsletter.values.batches import batches
from newsletter.values.topics import TopicMark


def keep(session: Session, paper_id: int, topic: str, *, is_right: bool, who: str, now: dt.datetime) -> None:
    """Keeps what was said last of the paper and the topic."""
    said = {"is_right": is_right, "who": who[:64], "at": now}
    statement = dialect_insert(session, TopicMarkRow).values(paper_id=paper_id, topic=topic, **said)
    session.execute(statement.on_conflict_do_update(index_elements=["paper_id", "topic"], set_=said))


def take_back(session: Session, paper_id: int, topic: str) -> bool:
    """Forgets what was said of the paper and the topic; gives whether anything was."""
    mine = (TopicMarkRow.paper_id == paper_id, TopicMarkRow.topic == topic)
    return bool(session.execute(delete(TopicMarkRow).where(*mine).returning(TopicMarkRow.topic)).all())


def marks(session: Session) -> list[TopicMark]:
    """All marks, the newest first."""
    statement = select(TopicMarkRow, PaperRow.ref, PaperRow.title).join(PaperRow, PaperRow.id == TopicMarkRow.paper_id)
    ordered = statement.order_by(TopicMarkRow.at.desc(), PaperRow.ref, TopicMarkRow.topic)
    return [TopicMark(ref, row.topic, row.is_right, row.who, row.at, title) for row, ref, title in session.execute(ordered)]


def marks_of(session: Session, refs: Collection[str]) -> dict[str, dict[str, bool]]:
    """Whether each of these papers (by ref) is right under each topic that it is marked for; without marks it has no entry."""
    found: dict[str, dict[str, bool]] = defaultdict(dict)
    statement = select(PaperRow.ref, TopicMarkRow.topic, TopicMarkRow.is_right).join(
        TopicMarkRow, TopicMarkRow.paper_id == PaperRow.id
    )
    for some in batches(sorted(refs)):
        for ref, topic, is_right in session.execute(statement.where(PaperRow.ref.in_(some))):
            found[ref][topic] = is_right
    return dict(found)
