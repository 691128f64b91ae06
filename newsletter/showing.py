"""How a paper is shown to a reader: as what it reached them, and how much of it they want to see."""

from __future__ import annotations

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
