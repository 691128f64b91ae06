"""Reads what selection needs, and no more: numbers, days and scores of matched papers, without a word of their texts."""

from __future__ import annotations

from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter.digests.selection import Candidate
from newsletter.models import MatchRow, PaperRow


def candidates(session: Session, *, after: int, upto: int) -> list[Candidate]:
    """The matched papers with a number in (``after``, ``upto``], by number; withdrawn ones are never mailed."""
    statement = (
        select(PaperRow.id, PaperRow.number, PaperRow.announced_on, MatchRow.topic, MatchRow.score)
        .join(MatchRow, MatchRow.paper_id == PaperRow.id)
        .where(PaperRow.number > after, PaperRow.number <= upto, PaperRow.withdrawn.is_(False))
        .order_by(PaperRow.number)
    )
    rows = session.execute(statement)
    return [
        Candidate(paper_id, number, day, {topic: score for *_, topic, score in group})
        for (paper_id, number, day), group in groupby(rows, key=lambda row: row[:3])
    ]
