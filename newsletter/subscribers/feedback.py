"""What a reader says of a paper: more or less like this. What it does to their digests is told in ``ranking``."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from newsletter.ranking import store
from newsletter.ranking.opinions import Say

if TYPE_CHECKING:
    from newsletter.bootstrap import Services


def give(services: Services, subscriber_id: int, paper_id: int, say: Say | None, *, now: dt.datetime) -> None:
    """Keeps what the reader says of the paper, in the place of what they said before; None takes it back."""
    with services.database.transaction() as session:
        store.keep(session, subscriber_id, paper_id, say, now=now)
