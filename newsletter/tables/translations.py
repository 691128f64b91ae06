"""Tables of accepted translations, and of what engines were asked."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from newsletter.tables.about import PUBLIC, about
from newsletter.tables.base import Base, Id, Short, Time, Words


class TranslationRow(Base):
    """An accepted translation: once here, no engine is asked for it again."""

    __tablename__ = "translations"
    id: Mapped[Id]
    paper_id: Mapped[int] = mapped_column(ForeignKey("papers.id", ondelete="CASCADE"))
    version: Mapped[int]
    field: Mapped[Short]
    language: Mapped[Short]
    source_hash: Mapped[Short]
    glossary_version: Mapped[Short] = mapped_column(default="")
    engine: Mapped[Short]
    text: Mapped[Words]
    made_at: Mapped[Time]
    __table_args__ = (UniqueConstraint("paper_id", "language", "field", "source_hash"), about(kept=PUBLIC))


class RefusedTranslationRow(Base):
    """The last answer to a text that was refused: by the gate, or by a person, and then it is not asked for again."""

    __tablename__ = "refused_translations"
    id: Mapped[Id]
    paper_id: Mapped[int] = mapped_column(ForeignKey("papers.id", ondelete="CASCADE"))
    field: Mapped[Short]
    language: Mapped[Short]
    source_hash: Mapped[Short]
    engine: Mapped[Short]
    reasons: Mapped[Words]
    text: Mapped[Words]
    made_at: Mapped[Time]
    __table_args__ = (UniqueConstraint("paper_id", "language", "field"), about(kept=PUBLIC))


class EngineCountRow(Base):
    """What an engine was asked and answered on a day; ``what`` is a kind of count, such as ``calls`` or ``rejected numbers``.

    Their sums are the counters of `/metrics`, which must never fall: Prometheus takes that for a new beginning.
    """

    __tablename__ = "engine_counts"
    __table_args__ = about(kept="for good: some ten rows a day, of nobody")
    day: Mapped[dt.date] = mapped_column(primary_key=True)
    engine: Mapped[Short] = mapped_column(primary_key=True)
    what: Mapped[Short] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger)
