"""What a reader does with a paper of a mail: says more or less like this, keeps it for later, holds it for wrong under a topic.

What more and less do to their digests is told in ``ranking``; a vote against a topic is for the operator, who may mark the paper.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from newsletter.ranking.opinions import Say
from newsletter.ranking.store import opinions as opinions_store
from newsletter.ranking.store import reading as reading_store

if TYPE_CHECKING:
    from newsletter.bootstrap import Services


def give(services: Services, subscriber_id: int, paper_id: int, say: Say | None, *, now: dt.datetime) -> None:
    """Keeps what the reader says of the paper, in the place of what they said before; None takes it back."""
    with services.database.transaction() as session:
        opinions_store.keep(session, subscriber_id, paper_id, say, now=now)


def read_later(services: Services, subscriber_id: int, paper_id: int, *, wanted: bool, now: dt.datetime) -> None:
    """Puts the paper on the reader's list of papers to read later, or takes it from there."""
    with services.database.transaction() as session:
        if wanted:
            reading_store.keep_for_later(session, subscriber_id, paper_id, now=now)
        else:
            reading_store.drop_from_later(session, subscriber_id, paper_id)


def vote_off_topic(services: Services, subscriber_id: int, paper_id: int, topic: str, *, wanted: bool, now: dt.datetime) -> None:
    """Keeps the reader's vote that the paper is not about ``topic`` (a slug), or takes it back."""
    with services.database.transaction() as session:
        if wanted:
            reading_store.vote_off(session, subscriber_id, paper_id, topic, now=now)
        else:
            reading_store.take_vote_back(session, subscriber_id, paper_id, topic)
