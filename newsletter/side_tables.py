"""Tables beside the record, which stands in ``models``: the search index, counts, feedback, undo, what workers hold now.

The index proper (FTS5's virtual table, PostgreSQL's vector column and GIN) stands in its migrations only.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from newsletter.models import Base, Id, Json, Short, Time, Words


class EngineCountRow(Base):
    """What an engine was asked and answered on a day; ``what`` is a kind of count, such as ``calls`` or ``rejected numbers``."""

    __tablename__ = "engine_counts"
    day: Mapped[dt.date] = mapped_column(primary_key=True)
    engine: Mapped[Short] = mapped_column(primary_key=True)
    what: Mapped[Short] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger)


class SearchTextRow(Base):
    """A paper's title and abstract in one language, as terms of the index."""

    __tablename__ = "search_texts"
    id: Mapped[Id]
    paper_id: Mapped[int] = mapped_column(ForeignKey("papers.id", ondelete="CASCADE"))
    language: Mapped[Short]
    words: Mapped[Words]
    __table_args__ = (UniqueConstraint("paper_id", "language"),)


class ConnectionShareRow(Base):
    """How many connections to mail servers a worker holds now, under its lease; counted against the limit of all together."""

    __tablename__ = "connection_shares"
    lease: Mapped[Short] = mapped_column(primary_key=True)
    connections: Mapped[int]
    until: Mapped[Time]


class RunningFetchRow(Base):
    """A fetch that is under way, until when it counts for that unless it says that it still lives."""

    __tablename__ = "running_fetches"
    run: Mapped[Short] = mapped_column(primary_key=True)
    until: Mapped[Time]


class FeedbackRow(Base):
    """What a reader said last of a paper: 1 for more like this, -1 for less."""

    __tablename__ = "feedback"
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True)
    paper_id: Mapped[int] = mapped_column(ForeignKey("papers.id", ondelete="CASCADE"), primary_key=True, index=True)
    value: Mapped[int]
    at: Mapped[Time]


class ReplacedChoicesRow(Base):
    """What a subscriber's last change of choices replaced."""

    __tablename__ = "replaced_choices"
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True)
    choices: Mapped[Json]
    at: Mapped[Time]
