"""A collection as a document: its nodes in the order of the page, and what was not understood. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from newsletter.collection.values import Draft


@dataclass(frozen=True, slots=True)
class Item:
    """A node of the document; ``parent`` is the index of its section among the items, None at the top. ``line`` counts from 1."""

    draft: Draft
    parent: int | None = None
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Remark:
    """What stands on a line and was not understood, in words for people; it is kept as it is."""

    line: int
    what: str


@dataclass(frozen=True, slots=True)
class Document:
    """Items in the order of the page, each section before what it holds.

    ``is_published`` says that this service wrote the page, with more on it than the collection holds.
    """

    items: tuple[Item, ...]
    remarks: tuple[Remark, ...] = field(default=(), compare=False)
    is_published: bool = field(default=False, compare=False)
