"""`newsletter run`: the whole service on one machine, as child processes of this one, on embedded parts where none are set.

It checks before it starts, tells the addresses when all is ready, keeps the children running, and leaves none behind.
"""

from __future__ import annotations

import shutil
import socket
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import structlog

from newsletter.errors import TemporaryError
from newsletter.operating import checks, embedded_redis, runtime
from newsletter.operating.children import Child, Spec, stop
from newsletter.operating.migrating import migrate
from newsletter.operating.process import asked_to_end
from newsletter.operating.ready import News, Ready, tell_news, wait_until_ready
from newsletter.settings import Settings

log = structlog.get_logger(__name__)

ROOT = Path(__file__).resolve().parents[2]
# Together within the ten seconds that a person or a service manager waits: first those that use Redis, then Redis.
STOP_SECONDS, STOP_REDIS_SECONDS = 6.0, 2.0
REDIS_START_SECONDS = 10
LOOK_SECONDS = 0.2
WEB_THREADS = 8


@dataclass(frozen=True, slots=True)
class Service:
    """What is running: ``redis`` is None where REDIS_URL names one."""

    settings: Settings
    redis: Child | None
    others: list[Child]


def run(settings: Settings, *, host: str, port: int, environment: Mapping[str, str], news: News) -> int:
    """Runs everything until SIGTERM or Ctrl-C; gives the exit code. Raises SettingsError where a check fails.

    ``news`` gives the line told once after the start. ``environment`` is what the children start from; what this run settles
    (Redis, addresses, DATA_DIR) is laid over it.
    """
    ended = asked_to_end()
    with ExitStack() as stack:
        stack.enter_context(checks.take_lock(settings.data_dir))
        listening = stack.enter_context(checks.bind(host, port))
        address = _web_address(host, listening)
        if settings.base_url == runtime.DEFAULT_BASE_URL:
            settings = replace(settings, base_url=address)
        database = checks.open_database(settings)
        stack.callback(database.close)
        if settings.redis_url:
            checks.reach_redis(settings.redis_url)
        migrate(database)
        service = Service(settings, _start_redis(settings, environment, stack), [])
        stack.callback(lambda: stop(service.others, seconds=STOP_SECONDS))
        if service.redis is not None:
            settings = replace(settings, redis_url=runtime.last_address_of(settings.data_dir, runtime.REDIS))
        runtime.record(settings.data_dir, runtime.WEB, address=settings.base_url)
        stack.callback(runtime.forget, settings.data_dir, runtime.WEB)
        _start_others(service, settings, listening, environment)
        _watch(service, wait_until_ready(Ready(address, settings)), tell_news(database, news), ended=ended)
    return 0


def _start_redis(settings: Settings, environment: Mapping[str, str], stack: ExitStack) -> Child | None:
    if settings.redis_url:
        return None
    data_dir = settings.data_dir
    prepared = embedded_redis.prepare(data_dir)
    stack.callback(runtime.forget, data_dir, runtime.REDIS)
    stack.callback(shutil.rmtree, prepared.folder, ignore_errors=True)

    def start() -> tuple[Child, bool]:
        child = Child(Spec("redis", prepared.command, environment))
        stack.callback(lambda: stop([child], seconds=STOP_REDIS_SECONDS))
        runtime.record(data_dir, runtime.REDIS, address=prepared.url, pid=child.pid)
        return child, embedded_redis.wait_for(prepared.url, seconds=REDIS_START_SECONDS, lives=lambda: child.running)

    child, answers = start()
    if not answers and not child.running:
        aside = embedded_redis.set_aside(data_dir)
        log.error("the embedded Redis could not start on its old files: they are set aside, no mail is lost", folder=str(aside))
        child, answers = start()
    if not answers:
        where = embedded_redis.data_folder(data_dir) / "redis.log"
        raise TemporaryError(f"the embedded Redis did not start: see the end of {where}, or set REDIS_URL to another one")
    return child


def _start_others(service: Service, settings: Settings, listening: socket.socket, environment: Mapping[str, str]) -> None:
    shared = {
        **environment,
        "DATA_DIR": str(settings.data_dir),
        "REDIS_URL": settings.redis_url,
        "BASE_URL": settings.base_url,
        "PYTHONUNBUFFERED": "1",
    }
    python = sys.executable
    if settings.local_inbox:
        service.others.append(Child(Spec("inbox", [python, "-m", "newsletter.mail.inbox"], shared)))
    service.others.append(Child(Spec("web", _web_command(listening.fileno()), shared, keep_fds=(listening.fileno(),))))
    for number in range(1, settings.workers + 1):
        command = [python, str(ROOT / "worker.py"), *queues_of(number, settings.workers)]
        service.others.append(Child(Spec(f"worker {number}", command, shared)))
    service.others.append(Child(Spec("scheduler", [python, "-m", "newsletter.scheduler"], shared)))


def queues_of(number: int, workers: int) -> list[str]:
    """The queues of worker ``number`` (from 1): the first sends only, so that a long fetch never holds up a confirmation."""
    if number == 1:
        return ["mail"] if workers > 1 else ["mail", "papers"]
    return ["papers", "mail"]


def _web_command(listening: int) -> list[str]:
    gunicorn = [sys.executable, "-m", "gunicorn", "--bind", f"fd://{listening}", "--pythonpath", str(ROOT)]
    gunicorn += ["--worker-class", "gthread", "--workers", "1", "--threads", str(WEB_THREADS), "--graceful-timeout", "4"]
    return [*gunicorn, "--log-level", "warning", "--no-control-socket", "wsgi:app"]


def _web_address(host: str, listening: socket.socket) -> str:
    port = listening.getsockname()[1]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104 - shown only
    return f"http://{shown}:{port}"


def _watch(service: Service, *steps: Iterator[None], ended: threading.Event) -> None:
    """Looks after the children until the end is asked for, and goes on with each of ``steps`` meanwhile."""
    while not ended.wait(LOOK_SECONDS):
        for child in service.others:
            child.check()
        _look_after_redis(service)
        for step in steps:
            next(step, None)


def _look_after_redis(service: Service) -> None:
    redis = service.redis
    if redis is None:
        return
    redis.check()
    data_dir = service.settings.data_dir
    if redis.running and runtime.pid_of(data_dir, runtime.REDIS) != redis.pid:
        address = runtime.last_address_of(data_dir, runtime.REDIS)
        runtime.record(data_dir, runtime.REDIS, address=address, pid=redis.pid)
