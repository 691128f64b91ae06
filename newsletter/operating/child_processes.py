"""Child processes that are kept running: each in a process group of its own, restarted when it ends, all stopped together.

Their output goes into their log files. Nothing here knows what the children do.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

import structlog

from newsletter.errors import TemporaryError
from newsletter.operating.log_files import LogFile

log = structlog.get_logger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
# Seconds; a child that ran so long has recovered: its next crash counts as the first.
SETTLED_SECONDS = 60
PR_SET_PDEATHSIG = 1  # linux/prctl.h


@dataclass(frozen=True, slots=True)
class ProcessSpec:
    """What to run. ``keep_fds`` are open file descriptors that the child inherits."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    keep_fds: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Crash:
    """An end that nobody asked for, the ``times``-th in a row. ``code`` is Popen's returncode; ``pause`` is in seconds."""

    code: int
    times: int
    pause: float

    @property
    def how(self) -> str:
        """How it ended: the exit code, or the name of the signal."""
        return f"exit code {self.code}" if self.code >= 0 else signal.Signals(-self.code).name


class Process(Protocol):
    """What is needed of `subprocess.Popen`."""

    @property
    def pid(self) -> int: ...

    @property
    def returncode(self) -> int | None: ...

    def poll(self) -> int | None: ...

    def wait(self, timeout: float | None = None) -> int: ...


class Starter(Protocol):
    """A way to start processes: in a session of their own, with what they write appended to the file ``log``."""

    def is_ready(self) -> bool: ...

    def start(self, spec: ProcessSpec, log: int) -> Process: ...


class Alone:
    """Starts programs the ordinary way; each ends with this process, at the latest."""

    def is_ready(self) -> bool:
        """Always."""
        return True

    def start(self, spec: ProcessSpec, log: int) -> Process:
        """A new program."""
        return subprocess.Popen(
            spec.command,
            env=dict(spec.environment),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=spec.keep_fds,
            start_new_session=True,
            preexec_fn=ending_with(os.getpid()),  # noqa: PLW1509 - the supervisor has one thread
        )


class Child:
    """One process that is restarted whenever it ends, after a growing pause, as soon as its ``starter`` is ready."""

    def __init__(self, spec: ProcessSpec, log_file: LogFile, starter: Starter | None = None) -> None:
        self.spec, self.log_file = spec, log_file
        self.crashes = 0
        self._starter = starter or Alone()
        self._restart_at = 0.0
        self._start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def check(self) -> Crash | None:
        """Restarts the process where it has ended and its pause is over; gives each crash once."""
        if self.running:
            return None
        now = time.monotonic()
        if not self._restart_at:
            self.crashes = 1 if now - self._started_at > SETTLED_SECONDS else self.crashes + 1
            pause = min(FIRST_PAUSE * 2 ** (self.crashes - 1), LONGEST_PAUSE)
            self._restart_at = now + pause
            code = self._process.returncode or 0
            log.error("process ended, starting it again", process=self.spec.name, code=code, pause=pause)
            return Crash(code, self.crashes, pause)
        if now >= self._restart_at and self._starter.is_ready():
            try:
                self._start()
            except (OSError, TemporaryError) as error:
                # A machine that has no room for it now may have some later.
                self._restart_at = now + LONGEST_PAUSE
                log.error("process could not be started", process=self.spec.name, problem=str(error), pause=LONGEST_PAUSE)
        return None

    def send_signal(self, number: signal.Signals) -> None:
        """Sends a signal to the process and everything it started."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)

    def wait(self, seconds: float) -> bool:
        """True when it has ended within ``seconds``."""
        try:
            self._process.wait(max(0.0, seconds))
        except subprocess.TimeoutExpired:
            return False
        return True

    def _start(self) -> None:
        self.log_file.renew()
        self._process = self._starter.start(self.spec, self.log_file.descriptor)
        self._restart_at = 0.0
        self._started_at = time.monotonic()


def stop(children: Sequence[Child], *, seconds: float) -> None:
    """Asks all of ``children`` to end and kills, with all they started, those that have not after ``seconds``."""
    for child in children:
        child.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + seconds
    late = [child for child in children if not child.wait(deadline - time.monotonic())]
    for child in late:
        log.warning("process did not end in time and is killed", process=child.spec.name)
    for child in children:
        # Also the groups of those that ended: processes that they started must not outlive them.
        child.send_signal(signal.SIGKILL)
    for child in late:
        child.wait(5)


def ending_with(parent: int) -> Callable[[], None] | None:
    """To be called in a child before its program: asks the kernel for SIGTERM when ``parent`` is gone (Linux only)."""
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None).prctl

    def ask() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return ask
