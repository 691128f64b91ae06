"""worker.py against a real Redis: it drains, waits where Redis is away, and ends between two messages."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Iterator, Sequence
from contextlib import chdir, suppress
from pathlib import Path

import pytest
from rq.job import Callback, Job, JobStatus
from rq.queue import Queue
from rq.serializers import DefaultSerializer

from newsletter.bootstrap import Services
from newsletter.db import Database, connect
from newsletter.mail.store import ledger
from newsletter.operating import heartbeats
from newsletter.operating.child_processes import ProcessSpec, stop
from newsletter.operating.forked_processes import ForkServer, program, start_server
from newsletter.operating.log_files import LogFile
from newsletter.operating.migrate import migrate
from newsletter.operating.redis_client import connect_redis
from newsletter.queues import Queues, queue_of
from newsletter.values.mail import MailKind
from tests.factories import a_letter_row, a_subscriber
from tests.run.processes import ROOT, environment
from tests.services import SECRET, services_over
from tests.smtp_sink import Sink
from tests.waiting import PATIENCE, wait_until


class Alone:
    """Starts ``python worker.py`` as a service manager does, each with its own imports."""

    def start(self, spec: ProcessSpec, log: int) -> subprocess.Popen[bytes]:
        _, _, _, _, *queues = spec.command
        command = [sys.executable, str(ROOT / "worker.py"), *queues]
        # Where no .env lies.
        folder = Path(spec.environment["DATA_DIR"]).parent
        return subprocess.Popen(command, env=spec.environment, cwd=folder, stdout=log, stderr=log)


Starts = ForkServer | Alone


class Worker:
    """A worker process with its log, started by ``starter``."""

    def __init__(self, starter: Starts, folder: Path, *queues: str, **changes: str) -> None:
        self.log = folder / f"worker-{time.monotonic_ns()}.log"
        keys = {"SECRET_KEY": SECRET, "SUPPRESSION_KEY": SECRET, "MAIL_FROM": "papers@example.org"}
        spec = program("worker", "worker:main", *queues, environment=environment(folder, **keys, **changes))
        with self.log.open("ab") as out:
            self.process = starter.start(spec, out.fileno())

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self.tell(signal.SIGKILL)
        self.process.wait()

    @property
    def output(self) -> str:
        return self.log.read_text()

    def tell(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.process.pid, number)

    def end(self) -> int:
        self.tell(signal.SIGTERM)
        return self.process.wait(PATIENCE)


@pytest.fixture(scope="module")
def starter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Starts]:
    """What workers are forked off, where that can be: importing what it needs takes each a second and a half of a processor."""
    folder = tmp_path_factory.mktemp("starter")
    with chdir(folder):
        server = start_server(environment(folder), LogFile(folder, "starter"))
    if server is None:
        yield Alone()
        return
    wait_until(server.is_ready)
    yield server
    stop([server.child], seconds=PATIENCE)
    server.close()


@pytest.fixture
def services(sqlite_url: str, tmp_path: Path, redis_url: str) -> Iterator[Services]:
    made = services_over(sqlite_url, tmp_path, REDIS_URL=redis_url)
    yield made
    made.database.close()


def beats(database: Database) -> Sequence[heartbeats.Beat]:
    with database.reading() as session:
        return heartbeats.beats(session)


def plan_letters(services: Services, count: int) -> None:
    with services.database.transaction() as session:
        for _ in range(count):
            a_letter_row(session, a_subscriber(session, "3d", state="unsubscribed"), MailKind.GOODBYE)


def states(services: Services) -> dict[str, int]:
    with services.database.reading() as session:
        return ledger.counts_by_state(session)


def where(services: Services, sink: Sink) -> dict[str, str]:
    return {
        "DATABASE_URL": services.settings.database_url.get_secret_value(),
        "REDIS_URL": services.settings.redis_url.get_secret_value(),
        "SMTP_URL": sink.url,
    }


def test_a_woken_worker_sends_what_is_due_and_shows_its_name(services: Services, tmp_path: Path) -> None:
    plan_letters(services, 5)
    with Sink() as sink, Worker(Alone(), tmp_path, "mail", **where(services, sink)) as worker:
        Queues(services.settings.redis_url.get_secret_value()).wake_senders()
        sink.wait_for(5)
        wait_until(lambda: states(services) == {"sent": 5})
        assert states(services) == {"sent": 5}
        assert b"worker.py" in Path(f"/proc/{worker.process.pid}/cmdline").read_bytes()
        assert worker.end() == 0
        assert worker.output.count("worker started") == 1


def test_a_worker_that_is_asked_to_end_finishes_its_messages_and_gives_the_rest_back(
    starter: Starts, services: Services, tmp_path: Path
) -> None:
    dots, asked = threading.Event(), threading.Event()

    def holding(step: str, _: str) -> None:
        """The first messages are answered once the worker is asked to end."""
        if step == "dot":
            dots.set()
            asked.wait(PATIENCE)

    plan_letters(services, 60)
    with Sink(holding) as sink, Worker(starter, tmp_path, "mail", **where(services, sink)) as worker:
        Queues(services.settings.redis_url.get_secret_value()).wake_senders()
        assert dots.wait(PATIENCE)
        worker.tell(signal.SIGTERM)
        asked.set()
        assert worker.process.wait(PATIENCE) == 0
        found = states(services)
        assert set(found) == {"sent", "queued"}
        assert found["sent"] == len(sink.taken)


def test_a_worker_waits_for_redis_says_so_and_goes_on_when_it_is_there(
    starter: Starts, services: Services, tmp_path: Path
) -> None:
    plan_letters(services, 1)
    link = Path(services.settings.redis_url.get_secret_value().removeprefix("unix://")).parent / "late.sock"
    with Sink() as sink, Worker(starter, tmp_path, "mail", **where(services, sink) | {"REDIS_URL": f"unix://{link}"}) as worker:
        wait_until(lambda: "Redis is away" in worker.output)
        assert "Redis is away" in worker.output
        link.symlink_to(services.settings.redis_url.get_secret_value().removeprefix("unix://"))
        Queues(services.settings.redis_url.get_secret_value()).wake_senders()
        sink.wait_for(1)
        assert worker.end() == 0


def test_a_worker_ends_at_once_while_it_waits_for_redis(starter: Starts, sqlite_url: str, tmp_path: Path) -> None:
    with Worker(starter, tmp_path, "mail", DATABASE_URL=sqlite_url, REDIS_URL="unix:///nowhere/redis.sock") as worker:
        wait_until(lambda: "Redis is away" in worker.output)
        assert worker.end() == 0


def test_a_worker_waits_for_the_migration_and_tells_the_database_that_it_is_at_work(
    starter: Starts, tmp_path: Path, redis_url: str
) -> None:
    url = f"sqlite:///{tmp_path}/late.db"
    with Worker(starter, tmp_path, "mail", DATABASE_URL=url, REDIS_URL=redis_url) as worker:
        wait_until(lambda: "newsletter migrate" in worker.output)
        database = connect(url)
        migrate(database)
        wait_until(lambda: beats(database))
        assert beats(database)[0].name.endswith(f":{worker.process.pid}")
        assert worker.end() == 0
        assert worker.output.count("newsletter migrate") == 1
        database.close()


@pytest.mark.parametrize(("queues", "said"), [(("letters",), "letters"), ((), "REDIS_URL")])
def test_a_worker_that_cannot_work_says_why_in_one_line(
    starter: Starts, tmp_path: Path, queues: tuple[str, ...], said: str
) -> None:
    with Worker(starter, tmp_path, *queues) as worker:
        assert worker.process.wait(PATIENCE) == 2
        assert worker.output.count("\n") == 1
        assert said in worker.output


# What stands in Redis under the name of a job: a function of somebody else's, or one of ours with something beside it.
FOREIGN = {
    "a command": {"func": "os.system", "args": ("touch {mark}",)},
    "a function in the words of a module": {"func": "newsletter.jobs.dt.datetime.now"},
    "an import of a job's module": {"func": "newsletter.jobs._services"},
    "a method": {"func": "newsletter.mail.inbox.inbox_folder", "args": ("{mark}",)},
    "a job with arguments": {"func": "newsletter.jobs.drain_job", "args": ("{mark}",)},
    "nothing": {"func": ""},
}


class Touching:
    """What makes the file ``mark`` where it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, ...]:
        return os.system, (f"touch {self.mark}",)


def test_a_worker_does_no_job_but_ours(starter: Starts, services: Services, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    queue = queue_of(connect_redis(services.settings.redis_url.get_secret_value()), "mail")
    queue.enqueue_call("os.system", args=(f"touch {mark}",), job_id="first", on_success=Callback("os.system"))
    jobs = []
    for kind, asked in FOREIGN.items():
        words = tuple(word.format(mark=mark) for word in asked.get("args", ()))
        jobs.append(queue.enqueue_call(asked["func"], args=words, job_id=kind.replace(" ", "-").replace("'", "")))
    # In other forms than JSON: what RQ itself would take, which runs what it is told while it is read; and no form at all.
    pickled = Queue("mail", connection=queue.connection, serializer=DefaultSerializer)
    jobs.append(pickled.enqueue_call("newsletter.jobs.drain_job", args=(Touching(mark),), job_id="pickled"))
    for number, data in enumerate((b"\x80\x04.", b"[" * 100_000, b"\xff\xfe", b"null", b'["newsletter.jobs.drain_job"]')):
        jobs.append(queue.enqueue_call("newsletter.jobs.drain_job", job_id=f"broken-{number}"))
        queue.connection.hset(jobs[-1].key, "data", zlib.compress(data))
    plan_letters(services, 1)
    with Sink() as sink, Worker(starter, tmp_path, "mail", **where(services, sink)) as worker:
        Queues(services.settings.redis_url.get_secret_value()).wake_senders()
        sink.wait_for(1)
        wait_until(lambda: worker.output.count("none of ours was refused") == len(jobs) + 1)
        assert worker.output.count("none of ours was refused") == len(jobs) + 1
        assert "Traceback" not in worker.output
    assert not mark.exists()
    assert [job.id for job in jobs if Job.exists(job.id, connection=queue.connection)] == []
    queue.connection.close()


def test_what_redis_keeps_of_a_job_that_failed_names_nobody(redis_url: str) -> None:
    from worker import DrainingWorker

    queue = queue_of(connect_redis(redis_url), "mail")
    job = queue.enqueue_call("newsletter.jobs.drain_job", job_id="ours", failure_ttl=60)
    working = DrainingWorker([queue], connection=queue.connection)
    working.prepare_job_execution(job)
    working.handle_job_failure(job, queue, exc_string="ValueError: <ada@example.org> in /erase/0123456789abcdefghijklmno")
    kept = job.latest_result()
    assert kept is not None
    assert kept.exc_string == "ValueError: <…@example.org> in /erase/…"
    queue.connection.close()


def test_no_callback_is_called_whatever_job_names_it(starter: Starts, services: Services, tmp_path: Path) -> None:
    queue = queue_of(connect_redis(services.settings.redis_url.get_secret_value()), "mail")
    job = queue.enqueue_call(
        "newsletter.jobs.drain_job",
        job_id="ours",
        on_success=Callback(no_callback_of_ours),
        on_failure=Callback(no_callback_of_ours),
    )
    with Sink() as sink, Worker(starter, tmp_path, "mail", **where(services, sink)) as worker:
        wait_until(lambda: job.get_status() not in WAITING)
        assert job.get_status() not in WAITING
        assert worker.end() == 0
    assert CALLED not in worker.output
    queue.connection.close()


CALLED = "a callback was called"
WAITING = (JobStatus.QUEUED, JobStatus.STARTED)


def no_callback_of_ours(*_: object) -> None:
    print(CALLED, flush=True)
