"""Asks the workers for jobs: wake-ups over Redis. They may be lost, because the scheduler's next tick looks into the database.

A wake-up carries no data: what is to be done stands in the database.
"""

from __future__ import annotations

import functools
import time
import uuid
from typing import TYPE_CHECKING, Any

import structlog

from newsletter.operating.redis_client import connect_redis

if TYPE_CHECKING:
    from redis import Redis
    from rq import Queue

log = structlog.get_logger(__name__)

MAIL, PAPERS = "mail", "papers"
QUEUES = (MAIL, PAPERS)
# RQ raises its time-out at any line, also after the end of a mail is sent and before the server's answer is read. Each stage of a
# job has limits of its own instead.
NO_TIMEOUT = -1
# A failed job is kept so that an operator can look at it; the next tick asks for another in any case.
KEPT_SECONDS = 3600
# A visitor's request waits so long at most while Redis does not answer.
ANSWER_SECONDS = 3


class Queues:
    """Asks workers to look into the database. Without a Redis nobody is asked, and ``newsletter daily`` does the work."""

    def __init__(self, redis_url: str | None) -> None:
        self._redis_url = redis_url

    def wake_senders(self, *, workers: int = 1) -> None:
        """Has up to ``workers`` sending jobs wait in the queue; running ones do not count, because they may be about to end."""
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
            for _ in range(workers - _jobs_waiting(queue, job)):
                queue.enqueue_call(
                    f"newsletter.jobs.{job}",
                    # A new id each time: a fixed one could stay taken for good where a worker died right after it took the job.
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


def _jobs_waiting(queue: Queue, job: str) -> int:
    """How many jobs named ``job`` wait; in the queue of papers, where one at a time is enough, running ones count too."""
    ids = list(queue.job_ids)
    if queue.name == PAPERS:
        # A killed worker is no more heard of: RQ tidies that up every ten minutes, and nothing would be fetched meanwhile.
        ids += [job_id for job_id, until in _running(queue) if until > time.time()]
    return sum(job_id.startswith(f"{job}-") for job_id in ids)


def _running(queue: Queue) -> list[tuple[str, float]]:
    """The ids of jobs that were begun and not ended, each with the time until which its worker is to be heard of again."""
    registry = queue.started_job_registry
    found = registry.connection.zrange(registry.key, 0, -1, withscores=True)
    return [(registry.parse_job_id(_text(member)), score) for member, score in found]


def forget_running(client: Redis, job_id: str) -> None:
    """Nobody has the job ``job_id`` in hand any more: the next tick may ask for another of its kind at once."""
    for registry in (queue_of(client, name).started_job_registry for name in QUEUES):
        members: Any = client.zrange(registry.key, 0, -1)
        for member in members:
            if registry.parse_job_id(_text(member)) == job_id:
                client.zrem(registry.key, member)


def _text(member: bytes | str) -> str:
    return member.decode() if isinstance(member, bytes) else member
