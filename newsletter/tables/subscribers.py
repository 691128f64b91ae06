"""Tables of subscribers: who they are, what they chose and said, their consents, links and suppressions."""

from __future__ import annotations

import secrets

from sqlalchemy import ForeignKey, Index, String, column, false
from sqlalchemy.orm import Mapped, mapped_column

from newsletter.tables.about import WITH_PERSON, Expiry, Person, Reach, Rule, about, of_subscriber
from newsletter.tables.base import Base, Big, Day, Id, Json, Short, Time, Words
from newsletter.tables.domain_of import domain_of

# Who only moves to another address has confirmed before.
UNCONFIRMED = Expiry(Rule.UNCONFIRMED, "created_at", {"state": ("pending",), "confirmed_at": ()})
# An operator lifts a bounce that was none; who complained is known, so that no list brings them back.
READS_OR_BOUNCED = "as long as they read, or are known as bounced or complained"
LEFT = Expiry(Rule.LEFT, "left_at", {"state": ("unsubscribed",)})


def new_link_key() -> int:
    """A random number of 64 bits with its sign, which is given to one subscriber and never again."""
    return secrets.randbits(64) - (1 << 63)


class SubscriberRow(Base):
    """A person. `address_key` is the keyed hash of the address that suppressions are kept under.

    A `choosy` one wants only papers much like what they like.

    `link_key` is what links in mails name them by. Ids are given again: after an import into another database, in SQLite also
    after an erasure. `old_link_id` is the id that links named before there were keys; nobody who came later has one.
    `probe_at` is when somebody whose mailbox took no mail for days is written to again; it stays, so that the next bounce is the
    last.
    """

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
    link_key: Mapped[Big] = mapped_column(default=new_link_key, server_default="0")
    old_link_id: Mapped[Big | None]
    updates: Mapped[bool] = mapped_column(default=False, server_default=false())
    layout: Mapped[Short] = mapped_column(default="standard", server_default="standard")
    choosy: Mapped[bool] = mapped_column(default=False, server_default=false())
    weekly: Mapped[bool] = mapped_column(default=False, server_default=false())
    reading_mail: Mapped[bool] = mapped_column(default=False, server_default=false())
    cursor: Mapped[Big | None]
    mailed_at: Mapped[Time | None]
    created_at: Mapped[Time]
    confirmed_at: Mapped[Time | None]
    left_at: Mapped[Time | None]
    probe_at: Mapped[Time | None]
    # Cursors move every day: a new version of a row that fits on its page costs PostgreSQL no entry in any index.
    __table_args__ = (
        Index("ix_subscribers_link_key", "link_key", unique=True),
        Index("ix_subscribers_old_link_id", "old_link_id", unique=True),
        # With the address too, without which PostgreSQL would look at each row: it knows an expression by its columns only.
        Index("ix_subscribers_domain", domain_of(column("email_key")), "email_key", "id"),
        {
            "postgresql_with": {"fillfactor": 50},
            **about(of_subscriber("id", "address_key"), kept=READS_OR_BOUNCED, expires=(UNCONFIRMED, LEFT)),
        },
    )


class SubscriptionRow(Base):
    __tablename__ = "subscriptions"
    __table_args__ = about(of_subscriber(), kept=WITH_PERSON)
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True)
    topic: Mapped[Short] = mapped_column(primary_key=True, index=True)


class QueryRow(Base):
    """A query that subscribers wrote, kept once however many did; its matches stand in `matches` under ``q:ID``.

    It is `matched` once the papers that were there before it have been matched with it.
    """

    __tablename__ = "queries"
    __table_args__ = about(kept="as long as somebody has it saved")
    id: Mapped[Id]
    key: Mapped[Short] = mapped_column(unique=True)
    text: Mapped[Words]
    matched: Mapped[bool] = mapped_column(default=False)
    made_at: Mapped[Time]


class SavedQueryRow(Base):
    """What a subscriber asks for, follows or keeps out by a query, in the order they wrote it."""

    __tablename__ = "own_queries"
    __table_args__ = about(of_subscriber(), kept=WITH_PERSON)
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[Short] = mapped_column(primary_key=True)
    query_id: Mapped[int] = mapped_column(ForeignKey("queries.id"), primary_key=True, index=True)
    place: Mapped[int]


class ConsentRow(Base):
    """What a person agreed to or took back, when, by which words and where: the evidence.

    `network` is where the request came from (/64 of IPv6), "" where nobody noted it or it was kept long enough.
    """

    __tablename__ = "consents"
    __table_args__ = about(of_subscriber(), kept=WITH_PERSON, expires=(Expiry(Rule.NETWORKS, "at", empties="network"),))
    id: Mapped[Id]
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscribers.id", ondelete="CASCADE"), index=True)
    at: Mapped[Time]
    action: Mapped[Short]
    words: Mapped[Words]
    origin: Mapped[Short]
    network: Mapped[Short] = mapped_column(default="", server_default="")


class OneTimeLinkRow(Base):
    """A mailed link that works once: only the hash is kept, bound to a purpose, a time and the mail it stands in."""

    __tablename__ = "one_time_links"
    __table_args__ = about(
        of_subscriber("subscriber_id", "hash"), expires=(Expiry(Rule.LINKS, "used_at"), Expiry(Rule.LINKS, "expires_at"))
    )
    hash: Mapped[Short] = mapped_column(primary_key=True)
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscribers.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[Short]
    expires_at: Mapped[Time]
    used_at: Mapped[Time | None]
    delivery_id: Mapped[Big | None]


class SuppressionRow(Base):
    """An address that gets no mail again, kept as a keyed hash so that it outlives the subscriber's erasure."""

    __tablename__ = "suppressions"
    __table_args__ = about(Person(Reach.ADDRESS_KEY, "address_key"), kept="for good: who wants no mail gets none")
    address_key: Mapped[Short] = mapped_column(primary_key=True)
    reason: Mapped[Short]
    at: Mapped[Time]


class LiftedSuppressionRow(Base):
    """A suppression that an operator lifted, with the reason: it is forgotten by no erasure."""

    __tablename__ = "lifted_suppressions"
    __table_args__ = about(Person(Reach.ADDRESS_KEY, "address_key"), kept="for good: somebody may ask who lifted it, and why")
    id: Mapped[Id]
    address_key: Mapped[Short] = mapped_column(index=True)
    reason: Mapped[Short]
    at: Mapped[Time]
    lifted_at: Mapped[Time]
    words: Mapped[Words]


class FormerSubscriberRow(Base):
    """An address that left long ago, as a keyed hash: no import brings it back. Whoever owns it may sign up anew."""

    __tablename__ = "former_subscribers"
    __table_args__ = about(Person(Reach.ADDRESS_KEY, "address_key"), kept="for good: an import never revives who left")
    address_key: Mapped[Short] = mapped_column(primary_key=True)
    left_at: Mapped[Time]


class FeedbackRow(Base):
    """What a reader said last of a paper: 1 for more like this, -1 for less."""

    __tablename__ = "feedback"
    __table_args__ = about(of_subscriber(), kept=WITH_PERSON)
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True)
    paper_id: Mapped[int] = mapped_column(ForeignKey("papers.id", ondelete="CASCADE"), primary_key=True, index=True)
    value: Mapped[int]
    at: Mapped[Time]


class ReadingRow(Base):
    """A paper that a reader wants to read later."""

    __tablename__ = "reading_list"
    __table_args__ = about(of_subscriber(), kept=WITH_PERSON)
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True)
    paper_id: Mapped[int] = mapped_column(ForeignKey("papers.id", ondelete="CASCADE"), primary_key=True, index=True)
    at: Mapped[Time]


class OffTopicRow(Base):
    """A reader's vote that a paper is not about a topic that it is shown under."""

    __tablename__ = "off_topic"
    __table_args__ = about(of_subscriber(), kept=WITH_PERSON)
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True)
    paper_id: Mapped[int] = mapped_column(ForeignKey("papers.id", ondelete="CASCADE"), primary_key=True, index=True)
    topic: Mapped[Short] = mapped_column(primary_key=True)
    at: Mapped[Time]


class ExampleRow(Base):
    """A paper, or a few sentences, that a reader gave as an example of what they look for."""

    __tablename__ = "examples"
    __table_args__ = about(of_subscriber(), kept=WITH_PERSON)
    id: Mapped[Id]
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscribers.id", ondelete="CASCADE"), index=True)
    title: Mapped[Words]
    abstract: Mapped[Words]
    at: Mapped[Time]


class TasteRow(Base):
    """What was learned of a reader from their examples and feedback (`ranking/taste.py`): a model, and its words for people."""

    __tablename__ = "tastes"
    __table_args__ = about(of_subscriber("subscriber_id", "model"), kept=WITH_PERSON)
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True)
    words: Mapped[Json]
    model: Mapped[Words]
    at: Mapped[Time]


class RankingRow(Base):
    """The order in which a reader's taste puts papers up to the number `upto`; `choices` is a hash of topics and queries."""

    __tablename__ = "rankings"
    __table_args__ = about(of_subscriber(), kept=WITH_PERSON)
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True)
    upto: Mapped[Big]
    choices: Mapped[Short]
    ranked: Mapped[Json]


class IgnoredWordRow(Base):
    """A word that a reader does not want to count in what is learned of them."""

    __tablename__ = "ignored_words"
    __table_args__ = about(of_subscriber(), kept=WITH_PERSON)
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True)
    word: Mapped[Short] = mapped_column(primary_key=True)


class ReplacedChoicesRow(Base):
    """What a subscriber's last change of choices replaced."""

    __tablename__ = "replaced_choices"
    __table_args__ = about(of_subscriber(), kept=WITH_PERSON)
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True)
    choices: Mapped[Json]
    at: Mapped[Time]


class ConfirmationMailRow(Base):
    """A confirmation mail by the keyed hash of its mailbox (`addresses.mailbox_key`), which outlives the person.

    What became of it stands in the ledger, under `delivery_id` with this `message_id`: ids are given again.
    """

    __tablename__ = "confirmation_mails"
    __table_args__ = about(kept="a keyed hash of a mailbox, mostly for a month", expires=(Expiry(Rule.RECORDS, "planned_at"),))
    id: Mapped[Id]
    mailbox_key: Mapped[Short] = mapped_column(index=True)
    delivery_id: Mapped[Big]
    message_id: Mapped[str] = mapped_column(String(200))
    planned_at: Mapped[Time] = mapped_column(index=True)


class FormUseRow(Base):
    """How often forms were used from a network, for a domain or by everybody, in the hour that ends at `until`."""

    __tablename__ = "form_uses"
    __table_args__ = about(kept="keyed hashes, until the hour is over and a form is used again")
    key: Mapped[Short] = mapped_column(primary_key=True)
    until: Mapped[Time] = mapped_column(index=True)
    count: Mapped[int]


class FormRequestRow(Base):
    """What was asked by a form that mails, between the answer and its being done: a moment as a rule."""

    __tablename__ = "form_requests"
    __table_args__ = about(Person(Reach.MENTION, "email"), expires=(Expiry(Rule.UNCONFIRMED, "asked_at"),))
    id: Mapped[Id]
    form: Mapped[Short]
    email: Mapped[str] = mapped_column(String(320))
    contents: Mapped[Json]
    asked_at: Mapped[Time]
