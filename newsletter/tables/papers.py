"""Tables of papers: the papers, their links, matches and marks, fetches, and the terms of the search index.

The index proper (FTS5's virtual table, PostgreSQL's vector column and GIN) stands in its migrations only.
"""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from newsletter.tables.about import IN_USE, ONE_EACH, PUBLIC, Expiry, Rule, about
from newsletter.tables.base import Base, Big, Day, Id, Json, Short, Time, Words


class PaperRow(Base):
    """One paper by base id; `number` is its place in the order of storing, taken under a lock.

    `replaced_number` is the place of its newest replacement in the same order; NULL for one that never was replaced here.
    `vector` is what the language model made of the text, 384 bytes; NULL where none was installed.
    """

    __tablename__ = "papers"
    id: Mapped[Id]
    ref: Mapped[Short] = mapped_column(unique=True)
    number: Mapped[Big] = mapped_column(unique=True)
    replaced_number: Mapped[Big | None] = mapped_column(index=True)
    version: Mapped[int]
    source: Mapped[Short] = mapped_column(index=True)
    title: Mapped[Words]
    abstract: Mapped[Words]
    authors: Mapped[Json]
    categories: Mapped[Json]
    comment: Mapped[Words] = mapped_column(default="")
    doi: Mapped[Words] = mapped_column(default="")
    journal_ref: Mapped[Words] = mapped_column(default="")
    licence: Mapped[Short] = mapped_column(default="", server_default="")
    submitted_at: Mapped[Time]
    updated_at: Mapped[Time]
    announced_on: Mapped[Day]
    announced_estimated: Mapped[bool] = mapped_column(default=True)
    withdrawn: Mapped[bool] = mapped_column(default=False)
    vector: Mapped[bytes | None] = mapped_column(LargeBinary)
    stored_at: Mapped[Time]
    __table_args__ = (Index("ix_papers_announced_on_number", "announced_on", "number"), about(kept=PUBLIC))


class PaperLinkRow(Base):
    __tablename__ = "paper_links"
    __table_args__ = about(kept=PUBLIC)
    paper_id: Mapped[int] = mapped_column(ForeignKey("papers.id", ondelete="CASCADE"), primary_key=True)
    url: Mapped[str] = mapped_column(String(500), primary_key=True)
    kind: Mapped[Short]
    source: Mapped[Short]


class AuthorNameRow(Base):
    """An author of a paper by the key of the name; `initials` is the family name with the first initial.

    A paper without any author has one row with the empty key.
    """

    __tablename__ = "author_names"
    paper_id: Mapped[int] = mapped_column(ForeignKey("papers.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(String(160), primary_key=True)
    initials: Mapped[str] = mapped_column(String(160), index=True)
    name: Mapped[Words]
    __table_args__ = (Index("ix_author_names_key_paper_id", "key", "paper_id"), about(kept=PUBLIC))


class LinkLookupRow(Base):
    """When an outside service was last asked for the links of a paper."""

    __tablename__ = "link_lookups"
    __table_args__ = about(kept=PUBLIC)
    paper_id: Mapped[int] = mapped_column(ForeignKey("papers.id", ondelete="CASCADE"), primary_key=True)
    looked_at: Mapped[Time] = mapped_column(index=True)


class MatchRow(Base):
    """A stored paper belongs to a topic of the catalogue, or a saved query ``q:ID`` holds for it."""

    __tablename__ = "matches"
    paper_id: Mapped[int] = mapped_column(ForeignKey("papers.id", ondelete="CASCADE"), primary_key=True)
    topic: Mapped[Short] = mapped_column(primary_key=True)
    score: Mapped[float]
    reason: Mapped[Words]
    __table_args__ = (
        Index("ix_matches_topic_paper_id", "topic", "paper_id"),
        about(kept="as long as the paper and the topic or query"),
    )


class TopicMarkRow(Base):
    """What an operator says of a paper and a topic: it belongs there (`is_right`), or it does not."""

    __tablename__ = "topic_marks"
    __table_args__ = about(kept="until an operator takes it back: topics are learned from it")
    paper_id: Mapped[int] = mapped_column(ForeignKey("papers.id", ondelete="CASCADE"), primary_key=True)
    topic: Mapped[Short] = mapped_column(primary_key=True)
    is_right: Mapped[bool]
    who: Mapped[Short]
    at: Mapped[Time]


class MailedPaperRow(Base):
    """In how many readers' digests of a day a paper stood, and at which place in the middle one of them.

    A day on which few readers got it has no row, so that nothing is told of any of them.
    """

    __tablename__ = "mailed_papers"
    __table_args__ = about(kept="as long as the paper: it counts readers, five or more, and names none")
    paper_id: Mapped[int] = mapped_column(ForeignKey("papers.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[Day] = mapped_column(primary_key=True)
    readers: Mapped[int]
    place: Mapped[int]


class FetchRow(Base):
    """One run of the fetch, for the operator and for what to fetch next."""

    __tablename__ = "fetches"
    __table_args__ = about(expires=(Expiry(Rule.RECORDS, "started_at"),))
    id: Mapped[Id]
    source: Mapped[Short]
    started_at: Mapped[Time] = mapped_column(index=True)
    ended_at: Mapped[Time]
    since: Mapped[Day]
    until: Mapped[Day]
    found: Mapped[int]
    new: Mapped[int]
    updated: Mapped[int]
    error: Mapped[Words] = mapped_column(default="")
    note: Mapped[Words] = mapped_column(default="")


class FeedBatchRow(Base):
    """The last announcement that a category's feed brought: what it shows again is not new."""

    __tablename__ = "feed_batches"
    __table_args__ = about(kept=ONE_EACH)
    category: Mapped[Short] = mapped_column(primary_key=True)
    day: Mapped[Day]
    etag: Mapped[str] = mapped_column(String(200))
    keys: Mapped[Json]


class SearchTextRow(Base):
    """A paper's title and abstract in one language, as terms of the index."""

    __tablename__ = "search_texts"
    id: Mapped[Id]
    paper_id: Mapped[int] = mapped_column(ForeignKey("papers.id", ondelete="CASCADE"))
    language: Mapped[Short]
    words: Mapped[Words]
    __table_args__ = (UniqueConstraint("paper_id", "language"), about(kept=PUBLIC))


class RunningFetchRow(Base):
    """A fetch that is under way, until when it counts for that unless it says that it still lives."""

    __tablename__ = "running_fetches"
    __table_args__ = about(kept=IN_USE)
    run: Mapped[Short] = mapped_column(primary_key=True)
    until: Mapped[Time]
