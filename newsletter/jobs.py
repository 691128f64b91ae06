"""The jobs that RQ workers run. Redis holds wake-ups only: whatever is lost there, the scheduler's next tick makes good.

Each job may run twice, also at the same time. A job is given no list of work; it looks into the database for what is due. The
Services are built once per process, in the worker itself (database connections may not cross a fork).
"""

from __future__ import annotations

import datetime as dt
import functools
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

import structlog

from newsletter.errors import NewsletterError, severity
from newsletter.http.retrying import HASTY_ATTEMPTS
from newsletter.operating.heartbeats import Part, Pulse, Stage, stage

if TYPE_CHECKING:
    from newsletter.bootstrap import Services

__all__ = [
    "drain_job", "fetch_attempts", "fetch_job", "job_named", "look_after", "publish_job", "pulse", "ready", "stopping",
    "translate_job",
]  # fmt: skip

log = structlog.get_logger(__name__)

FETCH_ATTEMPTS = 5

# Set when the process is asked to end: the running job finishes its messages under way and stops.
stopping = threading.Event()


@functools.cache
def _services() -> Services:
    from newsletter import bootstrap, settings

    return bootstrap.build(settings.load())


def job_named(path: str) -> Callable[[], None] | None:
    """The job that ``path`` names (``newsletter.jobs.drain_job``); None for whatever else may stand in Redis."""
    module, _, name = path.rpartition(".")
    known = module == __name__ and name.endswith("_job")
    found: Callable[[], None] | None = globals().get(name) if known else None
    return found


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@functools.cache
def pulse() -> Pulse:
    """The heartbeat of this worker."""
    return Pulse(_services().database, Part.WORKER, clock=_now)


def look_after() -> None:
    """What a worker does now and then, idle or not: tells that it lives, and looks whether all is well."""
    from newsletter.daily.watch import look_now_and_then

    pulse().beat()
    try:
        look_now_and_then(_services(), now=_now())
    except Exception as error:  # noqa: BLE001 - watching must not end what is watched
        log.warning("not watched", problem=str(error))


def ready() -> bool:
    """Waits for a migrated database; False where the process is asked to end before it is there."""
    from newsletter.daily.own_files import take_in_files
    from newsletter.operating.start_checks import wait_until_migrated

    if not wait_until_migrated(_services().database, stopping):
        return False
    for line in take_in_files(_services(), now=_now()):
        log.warning(line)
    return True


def drain_job() -> None:
    """Sends what is due until nothing is, or the process is asked to end."""
    from newsletter.daily.send import drain

    try:
        with stage(_services().database, Stage.SEND, clock=_now):
            drain(_services(), now=_now, stop=stopping.is_set)
    except NewsletterError as error:
        log.log(severity(error), "draining ended early", problem=str(error))


def fetch_job() -> None:
    """Fetches new papers, and has the first digests that waited for them sent; the next tick plans the others."""
    from newsletter.daily.fetch import fetch
    from newsletter.daily.welcome import choose_welcomes

    services = _services()
    try:
        with stage(services.database, Stage.FETCH, clock=_now):
            fetch(services, now=_now(), attempts=fetch_attempts(services), routine=True)
    except NewsletterError as error:
        log.log(severity(error), "fetch failed", problem=str(error))
    try:
        choose_welcomes(services, now=_now())
    except NewsletterError as error:
        log.log(severity(error), "first digests not planned", problem=str(error))
    _rank(services)
    services.queues.wake_translate()
    services.queues.wake_senders()


def _rank(services: Services) -> None:
    """Puts what came into the order of each reader's taste before anybody plans; what is left undone, planning does itself."""
    from newsletter.daily.rank import rank_readers

    try:
        rank_readers(services, now=_now())
    except NewsletterError as error:
        log.log(severity(error), "readers not ranked", problem=str(error))
    except Exception:
        # Mails go out without it: nobody may wait for a wake-up because of an order of papers.
        log.exception("readers not ranked")


def fetch_attempts(services: Services) -> int:
    """How often a request to arXiv is made: less often while no real paper is stored,
    because somebody may be looking at an empty page."""
    from newsletter.papers.store import papers as papers_store

    with services.database.reading() as session:
        return FETCH_ATTEMPTS if papers_store.has_papers(session, sample=False, listed=False) else HASTY_ATTEMPTS


def translate_job() -> None:
    """Makes the translations that are missing, and wakes the senders for the digests that waited for them."""
    from newsletter.daily.translate import translate
    from newsletter.operating import state

    services, now = _services(), _now()
    try:
        with services.database.transaction() as session:
            state.TRANSLATION_BEGAN_AT.write(session, now, now=now)
        with stage(services.database, Stage.TRANSLATE, clock=_now):
            translate(services, now=now)
    except NewsletterError as error:
        log.log(severity(error), "translating ended early", problem=str(error))
    with services.database.transaction() as session:
        state.TRANSLATION_ENDED_AT.write(session, now, now=now)


def publish_job() -> None:
    """Publishes pages into PUBLISH_DIR; what fails is tried again after the next fetch."""
    from newsletter.archive.formats import registry

    try:
        with stage(_services().database, Stage.PUBLISH, clock=_now):
            done = registry.publish_by_itself(_services(), now=_now())
        if done is not None:
            log.info("published", pages=len(done.pages.pages), unchanged=done.pages.unchanged, git=done.git)
    except NewsletterError as error:
        log.log(severity(error), "publishing failed", problem=str(error))
