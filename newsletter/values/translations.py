"""Which texts of a paper are translated, and one accepted translation."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Field(StrEnum):
    """The texts of a paper that are translated."""

    TITLE = "title"
    ABSTRACT = "abstract"
    TLDR = "tldr"


@dataclass(frozen=True, slots=True)
class Translation:
    """One accepted translation. ``engine`` names what made it (``libre``, ``google``, ``sample`` ...)."""

    paper_id: int
    field: Field
    language: str
    text: str
    engine: str
