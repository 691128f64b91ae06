"""Interests by example: what a reader knows already, kept as theirs alone. It decides no order: ranking does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from newsletter.errors import InputError
from newsletter.papers.store import papers as papers_store
from newsletter.ranking import store as ranking_store
from newsletter.ranking.examples import MOST, Example, read_examples

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from newsletter.bootstrap import Services


def add_examples(services: Services, subscriber_id: int, content: bytes, *, now: dt.datetime) -> int:
    """Keeps what the file names, all of it or nothing; gives how many were new.

    Raises InputError naming the fault and the mend.
    """
    given = read_examples(content)
    with services.database.transaction() as session:
        whole = _with_texts(session, given)
        known = {example.title for _, example in ranking_store.examples(session, subscriber_id)}
        new = [example for example in whole if example.title not in known]
        if len(known) + len(new) > MOST:
            raise InputError(
                f"with these you would have {len(known) + len(new)} examples, and {MOST} are kept: forget some first"
            )
        ranking_store.add_examples(session, subscriber_id, new, now=now)
    return len(new)


def forget_examples(services: Services, subscriber_id: int, *, only: int | None = None) -> int:
    """Forgets all examples of the reader, or ``only`` the one of this number; gives how many."""
    with services.database.transaction() as session:
        return ranking_store.forget_examples(session, subscriber_id, only=only)


def _with_texts(session: Session, given: Sequence[Example]) -> list[Example]:
    """The examples with title and abstract; those named by a ref alone have them from the stored papers."""
    stored = papers_store.papers_by_refs(session, [example.ref for example in given if example.ref])
    missing = [example.ref for example in given if example.ref and example.ref not in stored]
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise InputError(
            f"{missing[0]}{more} not among the stored papers: give their titles, as BibTeX or in words; nothing was kept"
        )
    return [
        replace(example, title=stored[example.ref].title, abstract=stored[example.ref].abstract) if example.ref else example
        for example in given
    ]
