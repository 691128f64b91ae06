"""When papers are expected: the next fetch, a fetch under way, and whether a first digest should wait for it.

A running fetch says so in the database again and again: every process knows of it, and soon stops waiting for a killed one.
"""

from __future__ import annotations

import datetime as dt
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.orm import Session

from newsletter.errors import TemporaryError
from newsletter.operating import state
from newsletter.papers.calendar import last_announcement
from newsletter.papers.store import fetches
from newsletter.papers.store import papers as papers_store
from newsletter.subscribers.store import readers as readers_store
from newsletter.topics.categories import asked_of_arxiv, category_topics
from newsletter.values.papers import ARXIV

if TYPE_CHECKING:
    from newsletter.bootstrap import Services

log = structlog.get_logger(__name__)

FETCH_AGAIN = dt.timedelta(minutes=30)
FETCH_ROUTINE = dt.timedelta(hours=1)
# Where no fetch has ended well yet, people look at an empty page: the next try comes so soon, later ones at growing intervals.
FETCH_SOON = dt.timedelta(seconds=20)
# A source that answers but asks us to wait is tried again for so long, then samples are loaded in place of its papers.
SAMPLES_AFTER = dt.timedelta(minutes=1)
# A first digest also waits for the next try of a first fetch where that comes within this time.
SOON = dt.timedelta(minutes=1)
# A first digest waits so long for papers at most: with a tick of the scheduler and its way it arrives within four minutes.
LONGEST_WAIT = dt.timedelta(minutes=3, seconds=40)
# A fetch that has not said for so long that it is running was killed; it says so three times in that time.
LEASE = dt.timedelta(seconds=30)
BEATS_IN_LEASE = 3


def next_fetch(session: Session, *, now: dt.datetime) -> dt.datetime:
    """When papers are to be fetched next: at once at the very first, and where a reader's category was never asked for; else an
    hour after the last fetch, half an hour where that did not bring the newest announcement.

    Where none has ended well yet it is tried again after 20 seconds, and then after half the time that it has failed for.
    """
    last = papers_store.last_fetch(session)
    if last is None or (ARXIV in last.source.split("+") and _a_category_waits(session)):
        return now
    newest = papers_store.newest_day(session) if papers_store.has_papers(session, sample=False, listed=False) else None
    pause = FETCH_AGAIN if newest is None or newest < last_announcement(now) else FETCH_ROUTINE
    if failing_since := fetches.first_failures_since(session):
        pause = min(pause, max(FETCH_SOON, (last.ended_at - failing_since) / 2))
    return last.ended_at + pause


def _a_category_waits(session: Session) -> bool:
    """Whether a reader chose a category of arXiv that was not asked for yet."""
    asked = state.FIRST_OF_CATEGORY.read(session)
    if asked is None:
        return False
    new = [slug for slug in category_topics() if asked_of_arxiv([slug]) - asked.keys()]
    return bool(readers_store.topics_chosen(session, among=new))


def fetch_is_due(services: Services, *, now: dt.datetime) -> bool:
    """True once it is time for the next fetch."""
    with services.database.reading() as session:
        return next_fetch(session, now=now) <= now


def tries_are_quick(session: Session, *, now: dt.datetime) -> bool:
    """True at the very first fetch, and where none has ended well, in the minute after it: no samples are needed yet."""
    since = fetches.first_failures_since(session)
    return now - since < SAMPLES_AFTER if since else papers_store.last_fetch(session) is None


def papers_expected(session: Session, *, now: dt.datetime) -> bool:
    """True while a fetch is under way or about to begin: also between the first tries, until samples are loaded."""
    if fetches.is_running(session, now=now):
        return True
    due = next_fetch(session, now=now)
    if due <= now:
        return True
    trying = fetches.first_failures_since(session) is not None and not papers_store.has_papers(session, sample=True)
    return trying and due - now <= SOON


@contextmanager
def under_way(services: Services, *, now: dt.datetime) -> Iterator[None]:
    """Tells all processes that a fetch is under way during the block, which begins ``now``; a killed one for 30 seconds more.

    Raises TemporaryError where the database does not answer at the beginning.
    """
    run, started = uuid.uuid4().hex, time.monotonic()
    ended = threading.Event()

    def beat() -> None:
        at = now + dt.timedelta(seconds=time.monotonic() - started)
        with services.database.transaction() as session:
            fetches.keep_running(session, run, until=at + LEASE, now=at)

    def keep() -> None:
        while not ended.wait(LEASE.total_seconds() / BEATS_IN_LEASE):
            try:
                beat()
            except TemporaryError as error:
                log.warning("fetch under way not noted", problem=str(error))
            except Exception:
                log.exception("fetch under way not noted")

    beat()
    heart = threading.Thread(target=keep, name="fetch-heartbeat", daemon=True)
    heart.start()
    try:
        yield
    finally:
        ended.set()
        heart.join()
        try:
            with services.database.transaction() as session:
                fetches.end_running(session, run)
        except TemporaryError as error:
            log.warning("end of the fetch not noted, it runs out", problem=str(error))
