"""Child processes that are kept running: started in groups of their own, started again when they die, ended together.

What they say goes into their log files.

Knows nothing of what the children do.
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

import structlog

from newsletter.operating.logs import Log

log = structlog.get_logger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
# A child that lived so long has recovered: its next death counts as a first one.
SETTLED_SECONDS = 60
PR_SET_PDEATHSIG = 1  # linux/prctl.h


@dataclass(frozen=True, slots=True)
class Spec:
    """What to run: ``keep_fds`` are open descriptors that the child inherits."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    keep_fds: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Death:
    """An end that nobody asked for: the ``times``-th in a row. ``code`` is Popen's; ``pause`` in seconds until the next start."""

    code: int
    times: int
    pause: float

    @property
    def how(self) -> str:
        """In words."""
        return f"exit code {self.code}" if self.code >= 0 else signal.Signals(-self.code).name


class Child:
    """One process that is started anew whenever it ends, after a pause that grows."""

    def __init__(self, spec: Spec, said: Log) -> None:
        self.spec, self.said = spec, said
        self.deaths = 0
        self._restart_at = 0.0
        self._start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def check(self) -> Death | None:
        """Starts the process again where it is down and its pause is over; tells of each end once."""
        if self.running:
            return None
        now = time.monotonic()
        if not self._restart_at:
            self.deaths = 1 if now - self._started_at > SETTLED_SECONDS else self.deaths + 1
            pause = min(FIRST_PAUSE * 2 ** (self.deaths - 1), LONGEST_PAUSE)
            self._restart_at = now + pause
            log.error("process ended, starting it again", process=self.spec.name, code=self._process.returncode, pause=pause)
            return Death(self._process.returncode, self.deaths, pause)
        if now >= self._restart_at:
            self._start()
        return None

    def tell(self, number: signal.Signals) -> None:
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
        self._restart_at = 0.0
        self._started_at = time.monotonic()
        self.said.renew()
        self._process = subprocess.Popen(
            self.spec.command,
            env=dict(self.spec.environment),
            stdin=subprocess.DEVNULL,
            stdout=self.said.descriptor,
            stderr=self.said.descriptor,
            pass_fds=self.spec.keep_fds,
            start_new_session=True,
            preexec_fn=_die_with_parent(),  # noqa: PLW1509 - the supervisor has one thread
        )


def stop(children: Sequence[Child], *, seconds: float) -> None:
    """Asks all of ``children`` to end and kills, with all they started, those that have not after ``seconds``."""
    for child in children:
        child.tell(signal.SIGTERM)
    deadline = time.monotonic() + seconds
    late = [child for child in children if not child.wait(deadline - time.monotonic())]
    for child in late:
        log.warning("process did not end in time and is killed", process=child.spec.name)
    for child in children:
        # Also those that ended: what they started themselves must not outlive them.
        child.tell(signal.SIGKILL)
    for child in late:
        child.wait(5)


def _die_with_parent() -> Callable[[], None] | None:
    """What a child does before it becomes its program: ask the kernel for SIGTERM when this process is gone (Linux only)."""
    if not sys.platform.startswith("linux"):
        return None
    parent, prctl = os.getpid(), ctypes.CDLL(None).prctl

    def ask() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return ask
