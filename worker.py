"""A worker process: ``python worker.py [QUEUE ...]`` (default: mail, then papers). Does the jobs of ``newsletter.jobs``.

It does not fork: mail connections and rendered fragments live on from job to job. Asked to end (SIGTERM, Ctrl-C), it finishes
the message in hand and gives the rest back. Without Redis it waits and says so.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq import SimpleWorker
from rq.exceptions import DeserializationError, StopRequested
from rq.job import Job
from rq.queue import Queue
from rq.serializers import JSONSerializer

from newsletter import jobs
from newsletter import queues as waking
from newsletter.errors import InputError, SettingsError
from newsletter.operating import runtime
from newsletter.operating.process import fail_in_one_line, start_logging
from newsletter.operating.redis_client import connect_redis
from newsletter.settings import load
from newsletter.text.masking import without_people

log = structlog.get_logger("worker")

# How long Redis remembers a worker that was killed, in seconds; the wait for a job is a little shorter.
WORKER_TTL = 45
HEARTBEAT_SECONDS = 15
LONGEST_PAUSE = 15


class WakeUp(Job):
    """One of the jobs of ``newsletter.jobs``. RQ would import and call whatever function, and callbacks, Redis names."""

    @property
    def func(self) -> Callable[[], None]:
        """The job. Raises InputError where Redis asks for anything else."""
        found = self._asked
        if found is None:
            raise InputError("this is no job of ours")
        return found

    @property
    def refused(self) -> bool:
        """True where Redis asks for something else, or for one of ours with something beside it."""
        try:
            return self._asked is None or bool(self.args or self.kwargs or self.instance)
        except (DeserializationError, TypeError, ValueError, UnicodeError):
            return True

    @property
    def _asked(self) -> Callable[[], None] | None:
        name = self.func_name
        return jobs.job_named(name) if isinstance(name, str) else None

    success_callback = failure_callback = stopped_callback = None


class DrainingWorker(SimpleWorker):
    """RQ's worker without a fork, made to be seen alive during long jobs and to end between two messages."""

    job_class = WakeUp
    in_hand = False

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Does ``job`` here, while a thread tells Redis that this worker lives. What is no job of ours is thrown away."""
        if not isinstance(job, WakeUp) or job.refused:
            log.error("a job that is none of ours was refused: look who can write to Redis", job=job.id[:100])
            job.delete()
            return
        ended = threading.Event()
        beat = threading.Thread(target=self._beat, args=(job, ended), daemon=True)
        self.in_hand = True
        try:
            beat.start()
            super().execute_job(job, queue)
        finally:
            self.in_hand = False
            ended.set()
            beat.join()

    def handle_job_failure(self, job: Job, queue: Queue, started_job_registry: Any = None, exc_string: str = "") -> None:
        """Redis keeps the traceback of a job that failed: without addresses and tokens, as any log."""
        super().handle_job_failure(job, queue, started_job_registry, without_people(exc_string))

    def heartbeat(self, timeout: int | None = None, pipeline: Any = None) -> None:
        """Tells Redis that this worker lives, and the database, where doctor and alarms look."""
        super().heartbeat(timeout, pipeline=pipeline)
        jobs.look_after()

    def _beat(self, job: Job, ended: threading.Event) -> None:
        while not ended.wait(HEARTBEAT_SECONDS):
            try:
                self.maintain_heartbeats(job)
            except RedisError as error:
                log.warning("heartbeat not told", problem=str(error))

    def request_stop(self, signum: int, frame: FrameType | None) -> None:  # noqa: ARG002 - RQ's signature
        """Ends the loop: at once where it waits, after the message in hand where it works. A second signal changes nothing."""
        jobs.stopping.set()
        self._stop_requested = True
        if not self.in_hand:
            raise StopRequested


def main() -> None:
    """The process: works until asked to end, for the queues that are named behind it."""
    queues = sys.argv[1:] or list(waking.QUEUES)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave)
    with fail_in_one_line():
        unknown = set(queues) - set(waking.QUEUES)
        if unknown:
            raise SettingsError(f"worker.py knows the queues {' and '.join(waking.QUEUES)}, not {', '.join(sorted(unknown))}")
        settings = runtime.resolved(load())
        start_logging(settings)
        if not settings.redis_url:
            raise SettingsError("REDIS_URL is not set and no `newsletter run` is on this DATA_DIR: set REDIS_URL or start it")
        _work(settings.redis_url.get_secret_value(), queues)


def bury_the_dead(client: Redis) -> None:
    """Forgets the workers of this machine that were killed, and what they had in hand: else nobody asks for that for minutes."""
    for one in DrainingWorker.all(connection=client, serializer=JSONSerializer):
        is_here = one.hostname == socket.gethostname()
        # This process has told Redis of no worker yet: whatever bears its number is one of before.
        if is_here and one.pid and (one.pid == os.getpid() or not runtime.is_alive(one.pid)):
            waking.forget_running(client, one.get_current_job_id() or "")
            one.register_death()  # type: ignore[no-untyped-call]


def _leave(*_: object) -> None:
    raise SystemExit(0)


def _work(redis_url: str, queues: list[str]) -> None:
    pause = 1.0
    if not jobs.ready():
        return
    log.info("worker started", queues=queues)
    while not jobs.stopping.is_set():
        client = connect_redis(redis_url)
        try:
            client.ping()
            pause = 1.0
            bury_the_dead(client)
            worker = DrainingWorker(queues, connection=client, serializer=JSONSerializer, worker_ttl=WORKER_TTL)
            worker.log_job_description = False
            worker.work(logging_level="WARNING")
        except RedisError as error:
            log.warning("Redis is away, trying again", seconds=pause, problem=str(error))
            jobs.pulse().beat(f"Redis is away: {error}")
        finally:
            client.close()
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, _leave)
        # Also where RQ gave up on an error of its own: a worker that is not asked to end goes on.
        jobs.stopping.wait(pause)
        pause = min(pause * 2, LONGEST_PAUSE)


if __name__ == "__main__":
    main()
