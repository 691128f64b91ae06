"""How a paper is shown to a reader: as what it reached them, and how much of it they want to see."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Announced(StrEnum):
    """As what a paper reached its reader: new in its own category, new to one of the topic's, or in a new version."""

    NEW = "new"
    CROSS_LISTED = "cross-listed"
    UPDATED = "updated"


class Layout(StrEnum):
    """How much of a digest a reader wants: its table of contents only, cards, or cards with the original abstract too."""

    BRIEF = "brief"
    STANDARD = "standard"
    BILINGUAL = "bilingual"


@dataclass(frozen=True, slots=True)
class Because:
    """Why a paper stands higher than it would: ``count`` papers that the reader liked have its word ``word``."""

    word: str
    count: int


@dataclass(frozen=True, slots=True)
class Pick:
    """An entry of the collection as a digest shows it.

    ``dated`` is a date or venue as written, ``picked_by`` a name; either, and ``note`` (plain lines), may be "". ``url`` leads to
    what it is about, "" where there is nothing; ``page`` is its page here.
    """

    title: str
    url: str
    page: str
    dated: str = ""
    picked_by: str = ""
    note: str = ""
