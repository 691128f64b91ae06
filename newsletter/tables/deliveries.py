"""The ledger: one row for each mail to a person; and what sending workers hold now."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, column, literal_column
from sqlalchemy.orm import Mapped, mapped_column

from newsletter.tables.about import IN_USE, Expiry, Person, Reach, Rule, about, of_subscriber
from newsletter.tables.base import Base, Big, Id, Json, Short, Time, Words

NO_DIGEST = column("kind") != literal_column("'digest'")
REFUSED = (column("state") != literal_column("'sent'")) & (column("reply") != literal_column("''"))
# What is still to be sent stays, however old.
SETTLED = Expiry(Rule.LEDGER, "planned_at", {"state": ("sent", "failed", "skipped", "unknown")})


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
        # A date is counted by state, turned page by page, and narrowed to some readers, without a look at its rows.
        Index("ix_deliveries_kind_period_state_id_subscriber_id", "kind", "period", "state", "id", "subscriber_id"),
        # For what an operator asks. Few rows are in them, so that planning and sending a morning pays for neither.
        Index("ix_deliveries_planned_at", "planned_at", sqlite_where=NO_DIGEST, postgresql_where=NO_DIGEST),
        Index("ix_deliveries_reply", "reply", sqlite_where=REFUSED, postgresql_where=REFUSED),
        # A bounce that names no delivery is looked up by what it returns of the mail.
        Index("ix_deliveries_message_id", "message_id"),
        about(of_subscriber("subscriber_id", "lease"), kept="until it is settled, then for a while", expires=(SETTLED,)),
    )


class BounceRow(Base):
    """What came back of a mail, or was refused at once: counted once however often it is told (`source_key`).

    `delivery_id` and `subscriber_id` are empty where it could not be matched; `raw` keeps the beginning of such a message.
    `followed` says what came of it, `state_before` the subscriber's state that it ended.
    """

    __tablename__ = "bounces"
    __table_args__ = about(
        of_subscriber(),
        Person(Reach.MENTION, "words"),
        Person(Reach.MENTION, "raw"),
        expires=(Expiry(Rule.LEDGER, "at"),),
    )
    id: Mapped[Id]
    source_key: Mapped[str] = mapped_column(String(80), unique=True)
    at: Mapped[Time] = mapped_column(index=True)
    kind: Mapped[Short]
    origin: Mapped[Short]
    delivery_id: Mapped[Big | None] = mapped_column(ForeignKey("deliveries.id", ondelete="CASCADE"), index=True)
    subscriber_id: Mapped[Big | None] = mapped_column(ForeignKey("subscribers.id", ondelete="CASCADE"), index=True)
    domain: Mapped[str] = mapped_column(String(255))
    status: Mapped[Short]
    words: Mapped[Words]
    followed: Mapped[Words]
    state_before: Mapped[Short]
    raw: Mapped[Words | None]


class RefusingDomainRow(Base):
    """A domain whose mail servers refused us, and accepted nothing since; nothing is sent to it before `held_until`."""

    __tablename__ = "refusing_domains"
    __table_args__ = about(Person(Reach.MENTION, "reply"), expires=(Expiry(Rule.RECORDS, "changed_at"),))
    domain: Mapped[str] = mapped_column(String(255), primary_key=True)
    refusals: Mapped[int]
    holds: Mapped[int]
    held_until: Mapped[Time | None]
    reply: Mapped[Words]
    changed_at: Mapped[Time]


class ConnectionShareRow(Base):
    """How many connections to mail servers a worker holds now, under its lease; counted against the limit of all together."""

    __tablename__ = "connection_shares"
    __table_args__ = about(kept=IN_USE)
    lease: Mapped[Short] = mapped_column(primary_key=True)
    connections: Mapped[int]
    until: Mapped[Time]
