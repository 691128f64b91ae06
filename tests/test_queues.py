"""Wake-ups reach a real Redis once, and a dead Redis harms nobody."""

import json
import os
import socket
import subprocess
import sys
import time
import zlib

import pytest
from redis.exceptions import RedisError
from rq.serializers import JSONSerializer

from newsletter.operating.redis_client import connect_redis
from newsletter.queues import MAIL, PAPERS, Queues, queue_of
from worker import DrainingWorker, bury_the_dead


def ids_in(redis_url: str, queue: str) -> list[str]:
    client = connect_redis(redis_url)
    try:
        return list(queue_of(client, queue).job_ids)
    finally:
        client.close()


def test_senders_are_woken_through_the_mail_queue_and_only_once(redis_url: str) -> None:
    for _ in range(3):
        Queues(redis_url).wake_senders()
    assert len(ids_in(redis_url, MAIL)) == 1
    assert ids_in(redis_url, PAPERS) == []


def test_as_many_hands_wait_as_are_asked_for(redis_url: str) -> None:
    queues = Queues(redis_url)
    queues.wake_senders()
    queues.wake_senders(workers=3)
    assert len(ids_in(redis_url, MAIL)) == 3


def test_work_on_papers_waits_once_of_each_kind(redis_url: str) -> None:
    queues = Queues(redis_url)
    for _ in range(2):
        queues.wake_fetch()
        queues.wake_translate()
    assert sorted(job_id.partition("-")[0] for job_id in ids_in(redis_url, PAPERS)) == ["fetch_job", "translate_job"]


def test_jobs_travel_as_json(redis_url: str) -> None:
    Queues(redis_url).wake_fetch()
    client = connect_redis(redis_url)
    job = queue_of(client, PAPERS).jobs[0]
    called = json.loads(zlib.decompress(client.hget(job.key, "data")))
    assert called[0] == "newsletter.jobs.fetch_job"
    client.close()


def test_nobody_is_harmed_where_redis_is_away() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    away = (f"redis://127.0.0.1:{port}/0", "unix:///nowhere/redis.sock")
    for url in away:
        with pytest.raises(RedisError):
            connect_redis(url).ping()
    for url in (*away, "", None):
        queues = Queues(url)
        queues.wake_senders()
        queues.wake_fetch()
        queues.wake_translate()


def test_what_a_killed_worker_had_in_hand_is_asked_for_again(redis_url: str) -> None:
    queues, client = Queues(redis_url), connect_redis(redis_url)
    queues.wake_fetch()
    queue = queue_of(client, PAPERS)
    (job,) = queue.jobs
    running = f"{job.id}:of-a-worker"

    def asked_again(heard_until: float) -> bool:
        queue.empty()
        client.zadd(queue.started_job_registry.key, {running: heard_until})
        queues.wake_fetch()
        return bool(ids_in(redis_url, PAPERS))

    assert not asked_again(time.time() + 90)
    assert asked_again(time.time() - 1)
    # One that was killed a moment ago, and starts anew on this machine.
    worker = DrainingWorker([PAPERS], connection=client, serializer=JSONSerializer)
    worker.register_birth()
    worker.set_current_job_id(job.id)
    client.hset(worker.key, "pid", os.getppid())
    bury_the_dead(client)
    assert not asked_again(time.time() + 90), "this worker is alive"
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    client.hset(worker.key, "pid", gone.pid)
    bury_the_dead(client)
    queues.wake_fetch()
    assert ids_in(redis_url, PAPERS)
    client.close()
