"""A mark that changes whenever papers come, go, move to another day or are written anew: for what pages keep in memory.

It is read by one small statement. What hangs on papers (matches, links, translations, terms of the index) does not change it.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter.db import COUNTERS, take_numbers
from newsletter.values.standing import Standing

CHANGED = "papers changed"
Mark = tuple[tuple[str, int], ...]


def note_change(session: Session) -> None:
    """Says that this transaction changes papers: to be called by whatever writes or deletes rows of them."""
    # In this order everywhere, so that no two wait for each other.
    take_numbers(session, Standing.NEW, 0)
    take_numbers(session, CHANGED, 1)


def last_change(session: Session) -> Mark:
    """The mark as this session sees it; () where no paper was ever stored."""
    # The numbers of papers are a part of it: a backup of an older version holds no count of changes.
    names = [CHANGED, *Standing]
    found = session.execute(select(COUNTERS.c.name, COUNTERS.c.value).where(COUNTERS.c.name.in_(names)).order_by(COUNTERS.c.name))
    return tuple((name, value) for name, value in found)
