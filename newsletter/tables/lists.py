"""The tables of published lists that were taken in: a list is its blocks in order, and rows lead to their papers.

What a block was is kept as pieces of text; what a paper is stands in ``papers``, ``translations`` and ``paper_links`` alone.
"""

from __future__ import annotations

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from newsletter.tables.about import PUBLIC, about
from newsletter.tables.base import Base, Big, Id, Json, Short, Time, Words

# The kind of what an import stored that is a whole paper.
IMPORTED_PAPER = "paper"


class ListRow(Base):
    """A published list. ``upto`` is the highest number of a paper when it came: what is stored later may be added to it."""

    __tablename__ = "lists"
    __table_args__ = about(kept=PUBLIC)
    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(200), unique=True)
    format: Mapped[Short] = mapped_column("family")
    hash: Mapped[Short] = mapped_column(index=True)
    upto: Mapped[Big]
    imported_at: Mapped[Time]


class ListTopicRow(Base):
    """A topic of a list, as its page names it; ``slug`` is that of the catalogue where the name fits one, else ""."""

    __tablename__ = "list_topics"
    __table_args__ = about(kept=PUBLIC)
    list_id: Mapped[int] = mapped_column(ForeignKey("lists.id", ondelete="CASCADE"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[Words]
    slug: Mapped[Short]


class ListBlockRow(Base):
    """A line of a list, or a note; ``topic`` is the place of its topic. A row goes with its paper."""

    __tablename__ = "list_blocks"
    __table_args__ = about(kept=PUBLIC)
    list_id: Mapped[int] = mapped_column(ForeignKey("lists.id", ondelete="CASCADE"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[Short]
    line: Mapped[int]
    topic: Mapped[int | None]
    paper_id: Mapped[int | None] = mapped_column(ForeignKey("papers.id", ondelete="CASCADE"), index=True)
    announce_type: Mapped[Short] = mapped_column(default="")
    pieces: Mapped[Json]


class ListImportRow(Base):
    """A page that was taken in, as it was, under ``name``; ``slugs`` are the catalogue's topics of its headings, and a last one.

    The newest of a name that is not taken back is the one whose list stands. ``page`` is "" for what was taken back, for older
    ones of a name, and where nobody kept it.
    """

    __tablename__ = "list_imports"
    __table_args__ = about(kept=PUBLIC)
    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(200))
    format: Mapped[Short]
    page: Mapped[Words]
    slugs: Mapped[Json]
    upto: Mapped[Big]
    imported_at: Mapped[Time]
    undone_at: Mapped[Time | None]


class ImportedRow(Base):
    """Something that an import stored: a paper, or of one a topic, a translation (LANGUAGE/FIELD), a link, by its ``key``.

    A row of a paper goes when a source brings that paper: it is the import's no more.
    """

    __tablename__ = "imported"
    __table_args__ = about(kept="as long as the paper")
    import_id: Mapped[int] = mapped_column(ForeignKey("list_imports.id", ondelete="CASCADE"), primary_key=True)
    paper_id: Mapped[int] = mapped_column(ForeignKey("papers.id", ondelete="CASCADE"), primary_key=True, index=True)
    kind: Mapped[Short] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(500), primary_key=True)
