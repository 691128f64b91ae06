"""`newsletter run`: the whole service on one machine, as child processes, with an embedded Redis and inbox where none are set.

It checks before it starts, shows the addresses when all is ready, keeps the children running, and leaves none behind.
"""

from __future__ import annotations

import os
import shutil
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path

import structlog
from pydantic import SecretStr

from newsletter.errors import TemporaryError
from newsletter.operating import embedded_redis, runtime, start_checks
from newsletter.operating.child_processes import Child, ProcessSpec, stop
from newsletter.operating.forked_processes import ForkServer, program, start_server
from newsletter.operating.log_files import LogFile
from newsletter.operating.migrate import migrate
from newsletter.operating.process import asked_to_end, start_logging
from newsletter.operating.screen import Screen
from newsletter.operating.start_messages import (
    RunProfile,
    StartedService,
    announce_start,
    problem_of_pages,
    where_data_lives,
)
from newsletter.settings import Settings

log = structlog.get_logger(__name__)

ROOT = Path(__file__).resolve().parents[2]
# Together less than the ten seconds that a service manager waits: first the processes that use Redis, then Redis.
STOP_SECONDS, STOP_REDIS_SECONDS, STOP_SERVER_SECONDS = 6.0, 2.0, 1.0
REDIS_START_SECONDS = 10
LOOK_SECONDS = 0.2
# The others wait no longer for pages that do not answer.
APART_SECONDS = 10.0


class StartAnew(Exception):
    """`run` has ended because it was asked to start anew with the settings of then, at the same ``port``."""

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self.port = port


@dataclass(frozen=True, slots=True)
class Service:
    """What is running: ``redis`` is None where REDIS_URL names one; ``own_log`` is the log of this process.

    The ``others`` are forked off ``server``, if there is one.
    """

    settings: Settings
    redis: Child | None
    server: ForkServer | None
    others: list[Child]
    own_log: LogFile

    @property
    def children(self) -> list[Child]:
        # The server last: where it has ended the others have too.
        embedded = [self.redis] if self.redis is not None else []
        return [*self.others, *embedded, *([self.server.child] if self.server is not None else [])]


def run(settings: Settings, *, host: str, port: int, environment: Mapping[str, str], profile: RunProfile) -> int:
    """Runs everything until SIGTERM, Ctrl-C or the end of its terminal; gives the exit code.

    Raises SettingsError where a check fails, StartAnew where it is asked to start anew. ``environment`` is what the children
    start from; what this run decides (Redis, addresses, DATA_DIR) overrides it. Their output goes into DATA_DIR/log, and only
    errors are shown.
    """
    ended = asked_to_end()
    with ExitStack() as stack:
        screen = stack.enter_context(Screen(as_json=settings.log_format == "json"))
        stack.enter_context(start_checks.take_lock(settings.data_dir))
        listening = stack.enter_context(start_checks.bind(host, port))
        address = _web_address(host, listening)
        if settings.base_url == runtime.DEFAULT_BASE_URL:
            settings = settings.model_copy(update={"base_url": address})
        database = start_checks.open_database(settings)
        stack.callback(database.close)
        if settings.redis_url:
            start_checks.reach_redis(settings.redis_url.get_secret_value())
        own = _start_own_log(settings, stack)
        # It imports what the others need while the database is made ready.
        server = _start_server(settings, environment, stack)
        screen.show(where_data_lives(settings, profile.about), *profile.notes)
        screen.spinner("Starting")
        migrate(database)
        screen.show(*profile.prepare(settings))
        login = profile.fill(settings, screen.spinner, ended.is_set) if profile.fill else ""
        if ended.is_set():
            return 0
        screen.spinner("Starting")
        service = Service(settings, _start_redis(settings, environment, stack, screen), server, [], own)
        stack.callback(lambda: stop(service.others, seconds=STOP_SECONDS))
        if service.redis is not None:
            settings = settings.model_copy(
                update={"redis_url": SecretStr(runtime.last_address_of(settings.data_dir, runtime.REDIS))}
            )
        runtime.record(settings.data_dir, runtime.WEB, address=settings.base_url)
        stack.callback(runtime.forget, settings.data_dir, runtime.WEB)
        specs = _processes(settings, listening, environment)
        news = announce_start(StartedService(address, settings, profile, login), database, screen)
        runtime.take_wish_to_restart(settings.data_dir)
        _watch(service, screen, chain(_start_processes(service, specs, address), news), ended=ended)
        screen.spinner("Ending")
        bound = int(listening.getsockname()[1])
    if not ended.is_set():
        raise StartAnew(bound)
    return 0


def _start_own_log(settings: Settings, stack: ExitStack) -> LogFile:
    own = LogFile(settings.data_dir, "run")
    stack.callback(own.close)
    start_logging(settings, file=os.fdopen(os.dup(own.descriptor), "a", encoding="utf-8"))
    return own


def _start_server(settings: Settings, environment: Mapping[str, str], stack: ExitStack) -> ForkServer | None:
    own = {**environment, "DATA_DIR": str(settings.data_dir), "PYTHONUNBUFFERED": "1"}
    server = start_server(own, LogFile(settings.data_dir, "starter"))
    if server is not None:
        stack.callback(server.close)
        stack.callback(lambda: stop([server.child], seconds=STOP_SERVER_SECONDS))
    return server


def _start_redis(settings: Settings, environment: Mapping[str, str], stack: ExitStack, screen: Screen) -> Child | None:
    if settings.redis_url:
        return None
    data_dir = settings.data_dir
    prepared = embedded_redis.prepare(data_dir)
    stack.callback(runtime.forget, data_dir, runtime.REDIS)
    stack.callback(shutil.rmtree, prepared.folder, ignore_errors=True)

    def start() -> tuple[Child, bool]:
        child = Child(ProcessSpec("redis", prepared.command, environment), LogFile(data_dir, "redis"))
        stack.callback(lambda: stop([child], seconds=STOP_REDIS_SECONDS))
        runtime.record(data_dir, runtime.REDIS, address=prepared.url, pid=child.pid)
        return child, embedded_redis.wait_for(prepared.url, seconds=REDIS_START_SECONDS, is_running=lambda: child.running)

    child, answers = start()
    if not answers and not child.running and prepared.has_old_files:
        aside = embedded_redis.set_aside(data_dir)
        message = f"could not start on its old files: they are set aside in {aside}, no mail is lost"
        log.error("redis set aside", problem=message)
        screen.show_error("redis", message, child.log_file.path)
        child, answers = start()
    if not answers:
        own_log = embedded_redis.data_folder(data_dir) / embedded_redis.LOG
        where = own_log if own_log.exists() else child.log_file.path
        raise TemporaryError(f"the embedded Redis did not start: see the end of {where}, or set REDIS_URL to another one")
    return child


def _processes(settings: Settings, listening: socket.socket, environment: Mapping[str, str]) -> list[ProcessSpec]:
    """All but Redis, in the order of their start."""
    shared = {
        **environment,
        "DATA_DIR": str(settings.data_dir),
        "REDIS_URL": settings.redis_url.get_secret_value(),
        "BASE_URL": settings.base_url,
        "PYTHONUNBUFFERED": "1",
    }
    start = partial(program, environment=shared)
    socket_of_pages = listening.fileno()
    specs = [start("web", "gunicorn.app.wsgiapp:run", *_web_arguments(socket_of_pages), keep_fds=(socket_of_pages,))]
    if settings.local_inbox:
        specs.insert(0, start("inbox", "newsletter.mail.inbox:main"))
    for number in range(1, settings.workers + 1):
        specs.append(start(f"worker {number}", "worker:main", *queues_of(number, settings.workers)))
    if settings.bounce_mailbox or settings.bounce_lmtp:
        specs.append(start("bounces", "newsletter.subscribers.bounce_inlets:main"))
    specs.append(start("scheduler", "newsletter.scheduler:main"))
    return specs


def _start_processes(service: Service, specs: list[ProcessSpec], address: str) -> Iterator[None]:
    """Starts the pages, and the others once these answer; begun at once, all would take the processor from each other.

    A step at each look, like the messages of the start.
    """
    # A log that cannot be written ends the start before anything is begun.
    logs = [LogFile(service.settings.data_dir, spec.name) for spec in specs]
    while service.server is not None and not service.server.is_ready():
        yield
    deadline = time.monotonic() + APART_SECONDS
    for spec, log_file in zip(specs, logs, strict=True):
        service.others.append(Child(spec, log_file, service.server))
        while spec.name == "web" and time.monotonic() < deadline and problem_of_pages(address):
            yield


def queues_of(number: int, workers: int) -> list[str]:
    """The queues of worker ``number`` (from 1): the first sends only, so that a long fetch never delays a confirmation."""
    if number == 1:
        return ["mail"] if workers > 1 else ["mail", "papers"]
    return ["papers", "mail"]


def _web_arguments(listening: int) -> list[str]:
    gunicorn = ["--bind", f"fd://{listening}", "--pythonpath", str(ROOT), "--config", str(ROOT / "gunicorn.conf.py")]
    return [*gunicorn, "--workers", "1", "--graceful-timeout", "4", "--log-level", "warning", "wsgi:app"]


def _web_address(host: str, listening: socket.socket) -> str:
    port = listening.getsockname()[1]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104 - shown only
    return f"http://{shown}:{port}"


def _watch(service: Service, screen: Screen, steps: Iterator[None], *, ended: threading.Event) -> None:
    """Keeps the children running until ``ended`` is set, or a restart is asked for; takes one of ``steps`` at each look."""
    while not ended.wait(LOOK_SECONDS) and not runtime.take_wish_to_restart(service.settings.data_dir):
        for child in service.children:
            _look_after(child, screen)
        _keep_record_of_redis(service)
        service.own_log.keep_small()
        screen.turn_spinner()
        next(steps, None)


def _look_after(child: Child, screen: Screen) -> None:
    """Restarts the child where it crashed, and shows the errors that it logged; of a crash one line, with the first of them."""
    crash = child.check()
    errors = child.log_file.errors(ended=crash is not None)
    if crash is None:
        for error in errors:
            screen.show_error(child.spec.name, error, child.log_file.path)
        return
    message = f"ended ({crash.how}), and is started again"
    if crash.times > 1:
        message = f"ended {crash.times} times in a row ({crash.how}), and is tried again and again"
    screen.show_error(child.spec.name, message, child.log_file.path, reason=errors[0] if errors else "")


def _keep_record_of_redis(service: Service) -> None:
    redis, data_dir = service.redis, service.settings.data_dir
    if redis is not None and redis.running and runtime.pid_of(data_dir, runtime.REDIS) != redis.pid:
        address = runtime.last_address_of(data_dir, runtime.REDIS)
        runtime.record(data_dir, runtime.REDIS, address=address, pid=redis.pid)
