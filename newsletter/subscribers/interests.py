"""Interests by example: what a reader knows already, kept as theirs alone. It decides no order: ranking does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from newsletter.i18n import _l
from newsletter.papers.store import papers as papers_store
from newsletter.ranking.example import MOST, Example, ExamplesFault
from newsletter.ranking.examples import read_examples
from newsletter.ranking.store import examples as examples_store
from newsletter.ranking.store import learned as learned_store
from newsletter.ranking.store import opinions as opinions_store
from newsletter.subscribers.store import subscribers as subscribers_store

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from newsletter.bootstrap import Services
    from newsletter.values.papers import Paper

# So many papers that are not there are named.
TOLD = 5


def add_examples(services: Services, subscriber_id: int, content: bytes, *, now: dt.datetime) -> int:
    """Keeps what the file names, all of it or nothing; gives how many were new.

    Raises InputError naming the fault and the mend.
    """
    given = read_examples(content)
    with services.database.transaction() as session:
        whole = _with_texts(session, given)
        known = {example.title for _, example in examples_store.examples(session, subscriber_id)}
        new = list({example.title: example for example in whole if example.title not in known}.values())
        if len(known) + len(new) > MOST:
            words = _l("with these you would have %(count)s examples, and %(most)s are kept: forget some first")
            raise ExamplesFault(words, count=len(known) + len(new), most=MOST)
        examples_store.add_examples(session, subscriber_id, new, now=now)
    return len(new)


def forget_examples(services: Services, subscriber_id: int, *, only: int | None = None) -> int:
    """Forgets all examples of the reader, or ``only`` the one of this number; gives how many."""
    with services.database.transaction() as session:
        return examples_store.forget_examples(session, subscriber_id, only=only)


def forget_all(services: Services, subscriber_id: int) -> None:
    """Forgets all that there is to learn from, and what was learned: examples, what was said of papers, words left out."""
    with services.database.transaction() as session:
        examples_store.forget_examples(session, subscriber_id)
        opinions_store.forget_opinions(session, subscriber_id)
        learned_store.leave_out_words(session, subscriber_id, None)


def leave_out(services: Services, subscriber_id: int, word: str) -> None:
    """Has the ``word`` count for nothing in what is learned of the reader."""
    with services.database.transaction() as session:
        learned_store.leave_out_words(session, subscriber_id, word)


def choose_fewer(services: Services, subscriber_id: int, *, choosy: bool) -> None:
    """Has mails hold only what is much like what the reader likes, or all again."""
    with services.database.transaction() as session:
        subscribers_store.change_subscriber(session, subscriber_id, choosy=choosy)


def _with_texts(session: Session, given: Sequence[Example]) -> list[Example]:
    """The examples, those with the ref of a stored paper with its title and abstract; others have to have a title."""
    stored = papers_store.papers_by_refs(session, [example.ref for example in given if example.ref])
    missing = [example.ref for example in given if example.ref and not example.title and example.ref not in stored]
    if missing:
        named = ", ".join(missing[:TOLD]) + (", …" if len(missing) > TOLD else "")
        words = _l("not among the stored papers: %(refs)s. Give their titles, as BibTeX or in words; nothing was kept")
        raise ExamplesFault(words, refs=named)
    return [_as_stored(example, stored.get(example.ref)) for example in given]


def _as_stored(example: Example, paper: Paper | None) -> Example:
    return replace(example, title=paper.title, abstract=paper.abstract) if paper else example
