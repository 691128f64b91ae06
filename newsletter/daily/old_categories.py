"""Papers that were stored before categories were topics, put under theirs: some at each fetch, the newest first.

It may end anywhere and goes on from there; where all are done it costs one look into the database. It asks nobody, and what it
adds is new to no reader.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import structlog

from newsletter.db import take_numbers
from newsletter.operating import state
from newsletter.papers.store import papers as papers_store
from newsletter.topics.categories import category_matches

if TYPE_CHECKING:
    from newsletter.bootstrap import Services

log = structlog.get_logger(__name__)

# So many papers are put under their categories in one transaction, some two seconds, and so many times at one fetch.
SLICE, SLICES = 2000, 5


def add_old_categories(services: Services, *, now: dt.datetime, slices: int = SLICES, size: int = SLICE) -> int:
    """Puts the next papers under those of their categories that they are not under yet; gives how many papers it looked at."""
    done = 0
    for _ in range(slices):
        found = _add_some(services, size, now=now)
        if not found:
            break
        done += found
    if done:
        log.info("old papers put under their categories", papers=done)
    return done


def _add_some(services: Services, size: int, *, now: dt.datetime) -> int:
    with services.database.reading() as session:
        if state.CATEGORIES_DOWN_TO.read(session) == 0:
            return 0
    own = services.catalogue.by_slug
    with services.database.transaction() as session:
        take_numbers(session, "paper", 0)  # the lock: nobody puts the same papers under anything meanwhile
        papers = papers_store.papers_before(session, state.CATEGORIES_DOWN_TO.read(session), most=size)
        papers_store.add_matches(session, {paper.id: category_matches(paper, but=own) for paper in papers})
        state.CATEGORIES_DOWN_TO.write(session, papers[-1].number if len(papers) == size else 0, now=now)
    return len(papers)
