"""How much a reader has said of papers, in numbers."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from newsletter.tables.subscribers import ExampleRow, FeedbackRow, OffTopicRow, ReadingRow


@dataclass(frozen=True, slots=True)
class Feedback:
    """How many papers a reader wants more or less like, keeps for ``later``, holds for off topic, gave as examples."""

    more: int = 0
    less: int = 0
    later: int = 0
    off_topic: int = 0
    examples: int = 0


def feedback(session: Session, subscriber_id: int) -> Feedback:
    """The counts of one reader, zeros for nobody."""
    return Feedback(
        more=_count(session, FeedbackRow.subscriber_id, subscriber_id, FeedbackRow.value > 0),
        less=_count(session, FeedbackRow.subscriber_id, subscriber_id, FeedbackRow.value < 0),
        later=_count(session, ReadingRow.subscriber_id, subscriber_id),
        off_topic=_count(session, OffTopicRow.subscriber_id, subscriber_id),
        examples=_count(session, ExampleRow.subscriber_id, subscriber_id),
    )


def _count(session: Session, column: InstrumentedAttribute[int], who: int, *conditions: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).where(column == who, *conditions)) or 0
