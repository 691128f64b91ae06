"""Who asks for errands: wake-ups over Redis, which may be lost, because the next tick looks into the database anyway."""

from __future__ import annotations

import functools
import uuid
from typing import TYPE_CHECKING

import structlog

from newsletter.operating.redis_client import connect_redis

if TYPE_CHECKING:
    from redis import Redis
    from rq import Queue

log = structlog.get_logger(__name__)

MAIL, PAPERS = "mail", "papers"
QUEUES = (MAIL, PAPERS)
# No alarm clock: RQ raises its time-out anywhere, also between a final dot and its 250. Each stage has its own limits.
NO_TIMEOUT = -1
# A failed errand is kept for a look at it; the next tick asks anew in any case.
KEPT_SECONDS = 3600
# A visitor waits behind this while Redis is stuck.
ANSWER_SECONDS = 3


class Queues:
    """Asks workers to look into the database. Without a Redis nothing is asked, and the sweep or ``daily`` does the work."""

    def __init__(self, redis_url: str | None) -> None:
        self._redis_url = redis_url

    def wake_senders(self, *, workers: int = 1) -> None:
        """Has up to ``workers`` errands for sending wait in the queue; those under way do not count, they may be at their end."""
        self._ask(MAIL, "drain_job", workers=workers)

    def wake_fetch(self) -> None:
        """Has papers fetched, unless that waits or runs already."""
        self._ask(PAPERS, "fetch_job")

    def wake_translate(self) -> None:
        """Has missing translations made, unless that waits or runs already."""
        self._ask(PAPERS, "translate_job")

    def wake_publish(self) -> None:
        """Has pages published, unless that waits or runs already."""
        self._ask(PAPERS, "publish_job")

    @functools.cached_property
    def _client(self) -> Redis:
        return connect_redis(self._redis_url or "", answer_seconds=ANSWER_SECONDS)

    def _ask(self, queue_name: str, job: str, *, workers: int = 1) -> None:
        """Queues ``job`` as often as ``workers`` is short of what waits. Never raises for want of Redis: it is logged."""
        if not self._redis_url:
            return
        from redis.exceptions import RedisError

        try:
            queue = queue_of(self._client, queue_name)
            for _ in range(workers - _at_hand(queue, job)):
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
