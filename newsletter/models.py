"""The tables. Rows stay in the ``store.py`` files and the use-cases; everything else gets values.

JSON columns hold lists or small objects; times are aware UTC; constraints have names, so that a migration can find them again.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from sqlalchemy import JSON, BigInteger, Date, ForeignKey, Index, Integer, MetaData, String, Text, UniqueConstraint, false
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from newsletter.db import UtcDateTime

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

Id = Annotated[int, mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)]
Big = Annotated[int, mapped_column(BigInteger)]
Short = Annotated[str, mapped_column(String(64))]
Words = Annotated[str, mapped_column(Text)]
Time = Annotated[dt.datetime, mapped_column(UtcDateTime)]
Day = Annotated[dt.date, mapped_column(Date)]
Json = Annotated[Any, mapped_column(JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql"))]


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)


class CounterRow(Base):
    """Numbers given out under a lock (`db.take_numbers`)."""

    __tablename__ = "counters"
    name: Mapped[Short] = mapped_column(primary_key=True)
    value: Mapped[Big]


class SwitchRow(Base):
    """Small facts that all machines of an installation share: sending paused, catalogue matched against, last alarm."""

    __tablename__ = "switches"
    name: Mapped[Short] = mapped_column(primary_key=True)
    value: Mapped[Json]
    changed_at: Mapped[Time]


class RequestSlotRow(Base):
    """When the next request to an outside service may leave, over all processes and machines."""

    __tablename__ = "request_slots"
    service: Mapped[Short] = mapped_column(primary_key=True)
    next_at: Mapped[Time]


class PaperRow(Base):
    """One paper by base id; `number` is its place in the order of storing, taken under a lock.

    `replaced_number` is the place of its newest replacement in the same order; NULL for one that never was replaced here.
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
    stored_at: Mapped[Time]
    __table_args__ = (Index("ix_papers_announced_on_number", "announced_on", "number"),)


class PaperLinkRow(Base):
    __tablename__ = "paper_links"
    paper_id: Mapped[int] = mapped_column(ForeignKey("papers.id", ondelete="CASCADE"), primary_key=True)
    url: Mapped[str] = mapped_column(String(500), primary_key=True)
    kind: Mapped[Short]
    source: Mapped[Short]


class LinkLookupRow(Base):
    """When an outside service was last asked for the links of a paper."""

    __tablename__ = "link_lookups"
    paper_id: Mapped[int] = mapped_column(ForeignKey("papers.id", ondelete="CASCADE"), primary_key=True)
    looked_at: Mapped[Time] = mapped_column(index=True)


class MatchRow(Base):
    """A stored paper belongs to a topic of the catalogue, or an own query ``q:ID`` holds for it."""

    __tablename__ = "matches"
    paper_id: Mapped[int] = mapped_column(ForeignKey("papers.id", ondelete="CASCADE"), primary_key=True)
    topic: Mapped[Short] = mapped_column(primary_key=True)
    score: Mapped[float]
    reason: Mapped[Words]
    __table_args__ = (Index("ix_matches_topic_paper_id", "topic", "paper_id"),)


class FetchRow(Base):
    """One run of the fetch, for the operator and for what to fetch next."""

    __tablename__ = "fetches"
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
    category: Mapped[Short] = mapped_column(primary_key=True)
    day: Mapped[Day]
    etag: Mapped[str] = mapped_column(String(200))
    keys: Mapped[Json]


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
    __table_args__ = (UniqueConstraint("paper_id", "language", "field", "source_hash"),)


# ---------------------------------------------------------------- subscribers


class SubscriberRow(Base):
    """A person. `address_key` is the keyed hash of the address that suppressions are kept under."""

    __tablename__ = "subscribers"
    id: Mapped[Id]
    email: Mapped[str] = mapped_column(String(320))
    email_key: Mapped[str] = mapped_column(String(320), unique=True)
    address_key: Mapped[Short] = mapped_column(index=True)
    state: Mapped[Short] = mapped_column(index=True)
    language: Mapped[Short]
    timezone: Mapped[Short]
    hour: Mapped[int]
    weekdays: Mapped[Json]
    max_papers: Mapped[int]
    paused_until: Mapped[Day | None]
    token_version: Mapped[int] = mapped_column(default=0)
    updates: Mapped[bool] = mapped_column(default=False, server_default=false())
    layout: Mapped[Short] = mapped_column(default="standard", server_default="standard")
    cursor: Mapped[Big | None]
    mailed_at: Mapped[Time | None]
    created_at: Mapped[Time]
    confirmed_at: Mapped[Time | None]
    left_at: Mapped[Time | None]
    # Cursors move every day: a new version of a row that fits on its page costs PostgreSQL no entry in any index.
    __table_args__ = ({"postgresql_with": {"fillfactor": 50}},)


class SubscriptionRow(Base):
    __tablename__ = "subscriptions"
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True)
    topic: Mapped[Short] = mapped_column(primary_key=True, index=True)


class QueryRow(Base):
    """A query that subscribers wrote, kept once however many did; its matches stand in `matches` under ``q:ID``.

    It is `matched` once the papers that were there before it have been matched with it.
    """

    __tablename__ = "queries"
    id: Mapped[Id]
    key: Mapped[Short] = mapped_column(unique=True)
    text: Mapped[Words]
    matched: Mapped[bool] = mapped_column(default=False)
    made_at: Mapped[Time]


class OwnQueryRow(Base):
    """What a subscriber asks for, follows or keeps out by a query, in the order they wrote it."""

    __tablename__ = "own_queries"
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[Short] = mapped_column(primary_key=True)
    query_id: Mapped[int] = mapped_column(ForeignKey("queries.id"), primary_key=True, index=True)
    place: Mapped[int]


class ConsentRow(Base):
    """What a person agreed to or took back, when, by which words and where: the evidence."""

    __tablename__ = "consents"
    id: Mapped[Id]
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscribers.id", ondelete="CASCADE"), index=True)
    at: Mapped[Time]
    action: Mapped[Short]
    words: Mapped[Words]
    origin: Mapped[Short]


class OneTimeLinkRow(Base):
    """A mailed link that works once: only the hash is kept, bound to a purpose and a time."""

    __tablename__ = "one_time_links"
    hash: Mapped[Short] = mapped_column(primary_key=True)
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscribers.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[Short]
    expires_at: Mapped[Time]
    used_at: Mapped[Time | None]


class SuppressionRow(Base):
    """An address that gets no mail again, kept as a keyed hash so that it outlives the subscriber's erasure."""

    __tablename__ = "suppressions"
    address_key: Mapped[Short] = mapped_column(primary_key=True)
    reason: Mapped[Short]
    at: Mapped[Time]


class AdminRow(Base):
    __tablename__ = "admins"
    id: Mapped[Id]
    name: Mapped[Short] = mapped_column(unique=True)
    password_hash: Mapped[Words]
    created_at: Mapped[Time]


class DeliveryRow(Base):
    """The ledger: one row for each mail to a person, unique by (subscriber, kind, period), there before any job.

    `period` is the local date of a digest (ISO), else what makes a second mail of the kind a different one. `contents` is
    frozen at planning: for a digest {"papers": [[paper id, topic], ...], "more": n, "welcome": bool}. `covers_to` is where the
    subscriber's cursor goes once the row is sent or unknown. `priority`: 0 people wait for it, 1 welcome, 2 daily. No try after
    `retry_until` (empty: a day after the planning); `envelope_from` is kept from the first try on. With `waits_until` its papers
    are not chosen yet, because a fetch is under way: it does not leave before they are, which is at that time at the latest.
    """

    __tablename__ = "deliveries"
    id: Mapped[Id]
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscribers.id", ondelete="CASCADE"))
    kind: Mapped[Short]
    period: Mapped[Short]
    state: Mapped[Short]
    reason: Mapped[Words] = mapped_column(default="")
    priority: Mapped[int]
    due_at: Mapped[Time]
    attempts: Mapped[int] = mapped_column(default=0)
    stage: Mapped[Short] = mapped_column(default="")
    lease: Mapped[Short] = mapped_column(default="")
    lease_until: Mapped[Time | None]
    message_id: Mapped[str] = mapped_column(String(200))
    reply: Mapped[Words] = mapped_column(default="")
    contents: Mapped[Json]
    covers_to: Mapped[Big | None]
    planned_at: Mapped[Time]
    settled_at: Mapped[Time | None]
    retry_until: Mapped[Time | None]
    envelope_from: Mapped[str | None] = mapped_column(String(320))
    waits_until: Mapped[Time | None]
    __table_args__ = (
        UniqueConstraint("subscriber_id", "kind", "period"),
        Index("ix_deliveries_state_priority_due_at", "state", "priority", "due_at"),
        Index("ix_deliveries_kind_period", "kind", "period"),
    )
