"""Programs that are forked off one process that has imported what they share (``fork_server``), as the supervisor sees them."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence

from newsletter.errors import TemporaryError
from newsletter.operating.child_processes import Child, ProcessSpec
from newsletter.operating.fork_server import MOST_BYTES, Request, request_bytes
from newsletter.operating.log_files import LogFile

MODULE = "newsletter.operating.fork_server"
# What web, workers, scheduler and inbox import; most of it is common to all.
PRELOADED = (
    "worker",
    "gunicorn.app.wsgiapp",
    "gunicorn.arbiter",
    "newsletter.jobs",
    "newsletter.mail.inbox",
    "newsletter.scheduler",
    "newsletter.web",
    "newsletter.web.server",
)
# A machine that is out of memory may take long to fork.
ANSWER_SECONDS = 60


def program(
    name: str, function: str, *arguments: str, environment: Mapping[str, str], keep_fds: tuple[int, ...] = ()
) -> ProcessSpec:
    """What runs MODULE:FUNCTION in a process of its own, forked or alone."""
    return ProcessSpec(name, [sys.executable, "-m", MODULE, function, *arguments], environment, keep_fds)


def can_fork() -> bool:
    """True where a program may go on after a fork without another: macOS' own libraries do not allow it."""
    return sys.platform.startswith("linux")


class ForkServer:
    """The process that the others are forked off, once it has imported ``modules``; ``child`` is looked after like any."""

    def __init__(self, environment: Mapping[str, str], log_file: LogFile, *, modules: Sequence[str] = PRELOADED) -> None:
        self._channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._environment = environment
        self._ready_pid = 0
        self._started: list[int] = []
        self._codes: dict[int, int] = {}
        command = [sys.executable, "-m", MODULE, str(theirs.fileno()), *modules]
        # Both ends stay open here: a server that is started again takes the same one.
        self._theirs = theirs
        self.child = Child(ProcessSpec("starter", command, environment, keep_fds=(theirs.fileno(),)), log_file)

    def close(self) -> None:
        """Closes the channel; a server that still runs ends."""
        self._channel.close()
        self._theirs.close()

    def is_ready(self) -> bool:
        """True once everything is imported."""
        self._read()
        return self._ready_pid == self.child.pid and self.child.running

    def start(self, spec: ProcessSpec, log: int) -> Forked:
        """Forks ``spec``, whose command is that of `program`. Raises TemporaryError where no answer comes."""
        function, *arguments = spec.command[3:]
        changes = {name: value for name, value in spec.environment.items() if self._environment.get(name) != value}
        request = Request(spec.name, function, arguments, changes, spec.keep_fds)
        self._started.clear()
        socket.send_fds(self._channel, [request_bytes(request)], [log, *spec.keep_fds])
        deadline = time.monotonic() + ANSWER_SECONDS
        while not self._started:
            self._read(deadline - time.monotonic())
            if time.monotonic() > deadline or not self.child.running:
                # What it forked after all, or a later one read, nobody would know of.
                self.child.send_signal(signal.SIGKILL)
                self._theirs.recv(MOST_BYTES, socket.MSG_DONTWAIT) if select.select([self._theirs], [], [], 0)[0] else None
                raise TemporaryError(f"{spec.name} could not be started: see the end of {self.child.log_file.path}")
        if (pid := self._started.pop()) < 0:
            raise TemporaryError(f"{spec.name} could not be started: {os.strerror(-pid)}")
        return Forked(self, pid, self.child.pid)

    def code_of(self, pid: int, server: int, *, seconds: float = 0.0) -> int | None:
        """How ``pid``, forked off ``server``, ended; None while it runs. Waits ``seconds`` at most for something to be told."""
        self._read(seconds)
        if pid in self._codes:
            return self._codes.pop(pid)
        # Whatever it forked ends with it.
        return None if server == self.child.pid and self.child.running else -signal.SIGTERM

    def _read(self, seconds: float = 0.0) -> None:
        while select.select([self._channel], [], [], max(0.0, seconds))[0]:
            fact = json.loads(self._channel.recv(MOST_BYTES))
            self._ready_pid = fact.get("ready", self._ready_pid)
            if "started" in fact:
                self._started.append(fact["started"])
            if "ended" in fact:
                self._codes[fact["ended"]] = fact["code"]
            seconds = 0.0


class Forked:
    """One process that a fork server started; as `subprocess.Popen`."""

    def __init__(self, server: ForkServer, pid: int, server_pid: int) -> None:
        self._server, self.pid, self._server_pid = server, pid, server_pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """The code of its end, negative for a signal; None while it runs."""
        return self._look(0.0)

    def wait(self, timeout: float | None = None) -> int:
        """Its code, once it has ended. Raises subprocess.TimeoutExpired after ``timeout`` seconds."""
        deadline = time.monotonic() + (timeout if timeout is not None else float("inf"))
        while (code := self._look(min(1.0, max(0.0, deadline - time.monotonic())))) is None:
            if time.monotonic() >= deadline:
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0.0)
        return code

    def _look(self, seconds: float) -> int | None:
        if self.returncode is None:
            self.returncode = self._server.code_of(self.pid, self._server_pid, seconds=seconds)
        return self.returncode


def start_server(environment: Mapping[str, str], log_file: LogFile) -> ForkServer | None:
    """The fork server; None where programs are started each alone."""
    return ForkServer(environment, log_file) if can_fork() else None
