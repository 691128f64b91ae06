"""The places that papers get in the order of storing: which are new to readers, and which are under every cursor.

Papers that came by a published list stand apart: neither "the newest announcement" nor "all since a day" means them.
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy.orm import Session

from newsletter.db import take_numbers

# Papers of published lists have numbers from here downwards.
LISTED = -(10**12)


class Standing(StrEnum):
    """How a paper that is stored stands to readers: new, older than the installation, or known by a published list only."""

    NEW = "paper"
    OLDER = "older paper"
    LISTED = "listed paper"


def first_number(session: Session, count: int, standing: Standing) -> int:
    """Takes ``count`` numbers, ascending, and gives the first of them."""
    if standing is Standing.NEW:
        return take_numbers(session, standing, count)
    taken = take_numbers(session, standing, count)
    return (LISTED if standing is Standing.LISTED else 0) + 1 - taken - count
