"""The errands that RQ carries, and who asks for them. Redis holds wake-ups only: whatever is lost here, the next tick heals.

Each job may run twice or at once with itself. A job takes no list of work; it looks into the database for what is due. The
Services are built once per process, in the process that works (nothing of them may cross a fork).
"""

from __future__ import annotations

import datetime as dt
import functools
import threading
import uuid
from typing import TYPE_CHECKING

import structlog

from newsletter.errors import NewsletterError
from newsletter.operating.connections import connect_redis

if TYPE_CHECKING:
    from redis import Redis
    from rq import Queue

    from newsletter.bootstrap import Services

log = structlog.get_logger(__name__)

MAIL, PAPERS = "mail", "papers"
QUEUES = (MAIL, PAPERS)
# No alarm clock: RQ raises its time-out anywhere, also between a final dot and its 250. Each stage has its own limits.
NO_TIMEOUT = -1
FETCH_ATTEMPTS = 5
# A failed errand is kept for a look at it; the next tick asks anew in any case.
KEPT_SECONDS = 3600
# A visitor waits behind this while Redis is stuck.
ANSWER_SECONDS = 3

# Set when the process is asked to end: the job in hand finishes its message and stops.
stopping = threading.Event()


class Waker:
    """Asks workers to look into the database. Without a Redis nothing is asked, and the sweep or ``daily`` does the work."""

    def __init__(self, redis_url: str | None) -> None:
        self._redis_url = redis_url

    def wake_senders(self, *, hands: int = 1) -> None:
        """Has up to ``hands`` errands for sending wait in the queue; those under way do not count, they may be at their end."""
        self._ask(MAIL, "drain_job", hands=hands)

    def wake_fetch(self) -> None:
        """Has papers fetched, unless that waits or runs already."""
        self._ask(PAPERS, "fetch_job")

    def wake_translate(self) -> None:
        """Has missing translations made, unless that waits or runs already."""
        self._ask(PAPERS, "translate_job")

    @functools.cached_property
    def _client(self) -> Redis:
        return connect_redis(self._redis_url or "", answer_seconds=ANSWER_SECONDS)

    def _ask(self, queue_name: str, job: str, *, hands: int = 1) -> None:
        """Queues ``job`` as often as ``hands`` is short of what waits. Never raises for want of Redis: it is logged."""
        if not self._redis_url:
            return
        from redis.exceptions import RedisError

        try:
            queue = queue_of(self._client, queue_name)
            for _ in range(hands - _at_hand(queue, job)):
                queue.enqueue_call(
                    f"newsletter.jobs.{job}",
                    # A fixed id could stay taken for good where a worker died right after it took the job.
                    job_id=f"{job}-{uuid.uuid4().hex}",
                    timeout=NO_TIMEOUT,
                    result_ttl=0,
                    failure_ttl=KEPT_SECONDS,
                )
        except RedisError as error:
            log.warning("not woken: Redis is away, the next tick asks again", job=job, problem=str(error))


def queue_of(client: Redis, name: str) -> Queue:
    """The queue ``name``; jobs travel as JSON, so that nothing in Redis can be executed."""
    from rq import Queue
    from rq.serializers import JSONSerializer

    return Queue(name, connection=client, serializer=JSONSerializer)


def _at_hand(queue: Queue, job: str) -> int:
    """How many errands of ``job`` wait; for work on papers, where one is enough, also those that run."""
    ids = list(queue.job_ids)
    if queue.name == PAPERS:
        ids += queue.started_job_registry.get_job_ids(cleanup=False)
    return sum(job_id.startswith(f"{job}-") for job_id in ids)


# ---------------------------------------------------------------- the jobs


@functools.cache
def _services() -> Services:
    from newsletter import bootstrap, settings

    return bootstrap.build(settings.load())


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def drain_job() -> None:
    """Sends what is due until nothing is, or the process is asked to end."""
    from newsletter import sending

    try:
        sending.drain(_services(), now=_now, stop=stopping.is_set)
    except NewsletterError as error:
        log.warning("draining ended early", problem=str(error))


def fetch_job() -> None:
    """Fetches new papers; the next tick plans the digests that they allow."""
    from newsletter import daily
    from newsletter.papers import store as papers_store

    services = _services()
    try:
        with services.database.reading() as session:
            empty = not any(papers_store.has_papers(session, sample=kind) for kind in (False, True))
        # Somebody waits before an empty page: the sample day comes after the first failure, and arXiv is asked again soon.
        daily.fetch(services, now=_now(), attempts=1 if empty else FETCH_ATTEMPTS)
    except NewsletterError as error:
        log.warning("fetch failed", problem=str(error))
    services.waker.wake_translate()


def translate_job() -> None:
    """Makes the translations that are missing, and has the digests that waited for them sent."""
    from newsletter import daily
    from newsletter.operating import switches

    services, now = _services(), _now()
    try:
        with services.database.transaction() as session:
            switches.set_value(session, switches.TRANSLATED, now.isoformat(), now=now)
        daily.translate(services, now=now)
    except NewsletterError as error:
        log.warning("translating ended early", problem=str(error))
    services.waker.wake_senders()
