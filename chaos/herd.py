"""The service's own processes, each in a group of its own: started anew when they die, as `newsletter run` does."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from chaos.place import Place, wait_until
from newsletter.operating.child_processes import Alone, Process, stop
from newsletter.operating.forked_processes import program, start_server
from newsletter.operating.log_files import LogFile

# MODULE:FUNCTION and arguments.
Program = Sequence[str]
WORKER: Program = ("worker:main", "mail")
SCHEDULER: Program = ("newsletter.scheduler:main",)
GUNICORN = "gunicorn.app.wsgiapp:run"
RESTART_SECONDS, START_SECONDS = 0.2, 120

# What a process is started with beside the place's environment: asked at each start, by its name.
Arms = Callable[[str], Mapping[str, str]]


class Herd:
    """`with Herd(place, {"worker 1": WORKER, ...}) as herd:` keeps them running; ``deaths`` counts SIGKILLs by name."""

    def __init__(self, place: Place, programs: Mapping[str, Program], *, arms: Arms = lambda _: {}) -> None:
        self._place, self._programs, self._arms = place, programs, arms
        self._processes: dict[str, Process] = {}
        self._ended = threading.Event()
        self.deaths: dict[str, int] = dict.fromkeys(programs, 0)
        self.died: Callable[[str], None] = lambda _: None
        self.log: Path = place.folder / "processes.log"

    def __enter__(self) -> Herd:
        self._server = start_server(self._place.environ, LogFile(self._place.folder, "starter"))
        self._starter = self._server or Alone()
        wait_until(self._starter.is_ready, seconds=START_SECONDS)
        for name in self._programs:
            self._start(name)
        self._keeper = threading.Thread(target=self._keep, daemon=True)
        self._keeper.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._keeper.join()
        for name in self._processes:
            self.tell(name, signal.SIGKILL)
        for process in self._processes.values():
            process.wait()
        if self._server is not None:
            stop([self._server.child], seconds=RESTART_SECONDS)
            self._server.close()

    def tell(self, name: str, number: signal.Signals) -> None:
        """Sends a signal to a process and all that it started."""
        with suppress(ProcessLookupError):
            os.killpg(self._processes[name].pid, number)

    def pid(self, name: str) -> int:
        """The process id now."""
        return self._processes[name].pid

    def _start(self, name: str) -> None:
        spec = program(name, *self._programs[name], environment={**self._place.environ, **self._arms(name)})
        with self.log.open("ab") as log:
            self._processes[name] = self._starter.start(spec, log.fileno())

    def _keep(self) -> None:
        while not self._ended.wait(RESTART_SECONDS):
            for name, process in list(self._processes.items()):
                if process.poll() is None:
                    continue
                if process.returncode == -signal.SIGKILL:
                    self.deaths[name] += 1
                    self.died(name)
                self._start(name)
