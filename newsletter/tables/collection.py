"""The tables of the collection: its nodes, each change of them, comments, and its editors."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from newsletter.tables.about import PUBLIC, WITH_PERSON, Person, Reach, about, of_subscriber
from newsletter.tables.base import Base, Big, Id, Json, Short, Time, Words


class CollectionNodeRow(Base):
    """A section, an entry or a text between entries. ``place`` orders the children of one parent, removed ones too.

    ``number`` rises with each entry that editors add, is 0 or less for imported ones; ``origin`` is what an import tells a node
    of its file by; the highest ``version`` is the number of changes.
    """

    __tablename__ = "collection_nodes"
    id: Mapped[Id]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("collection_nodes.id"))
    place: Mapped[int]
    kind: Mapped[Short]
    level: Mapped[int]
    title: Mapped[Words]
    url: Mapped[Words]
    dated: Mapped[Words]
    heading: Mapped[Words]
    pieces: Mapped[Json]
    paper_ref: Mapped[Short] = mapped_column(index=True)
    picked_by: Mapped[Words]
    added_at: Mapped[Time]
    number: Mapped[Big] = mapped_column(index=True)
    version: Mapped[int]
    origin: Mapped[Short] = mapped_column(index=True)
    removed_at: Mapped[Time | None]
    __table_args__ = (
        Index("ix_collection_nodes_parent_id_place", "parent_id", "place"),
        about(Person(Reach.NAME, "picked_by"), kept=PUBLIC),
    )


class CollectionChangeRow(Base):
    """One change of a node with who and when; ``undoes`` names the change that it takes back."""

    __tablename__ = "collection_changes"
    __table_args__ = about(Person(Reach.NAME, "who"), kept=PUBLIC)
    id: Mapped[Id]
    node_id: Mapped[int] = mapped_column(ForeignKey("collection_nodes.id", ondelete="CASCADE"), index=True)
    version: Mapped[int]
    what: Mapped[Short]
    before: Mapped[Json]
    after: Mapped[Json]
    who: Mapped[Words]
    at: Mapped[Time]
    undoes: Mapped[int | None] = mapped_column(ForeignKey("collection_changes.id", ondelete="SET NULL"))


class CollectionCommentRow(Base):
    """What an editor said about a node."""

    __tablename__ = "collection_comments"
    __table_args__ = about(Person(Reach.NAME, "who"), kept=PUBLIC)
    id: Mapped[Id]
    node_id: Mapped[int] = mapped_column(ForeignKey("collection_nodes.id", ondelete="CASCADE"), index=True)
    text: Mapped[Words]
    who: Mapped[Words]
    at: Mapped[Time]


class EditorRow(Base):
    """Somebody who may edit; ``version`` moves on when access is taken away, which ends all sessions."""

    __tablename__ = "editors"
    __table_args__ = about(of_subscriber(), kept=WITH_PERSON)
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[Short] = mapped_column(unique=True)
    version: Mapped[int]
    invited_at: Mapped[Time]
    invited_by: Mapped[Short]
    revoked_at: Mapped[Time | None]
