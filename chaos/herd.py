"""The service's own processes, each in a group of its own: started anew when they die, as a service manager does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from chaos.place import ROOT, Place

WORKER = [sys.executable, str(ROOT / "worker.py"), "mail"]
SCHEDULER = [sys.executable, "-m", "newsletter.scheduler"]
RESTART_SECONDS = 0.2

# What a process is started with beside the place's environment: asked at each start, by its name.
Arms = Callable[[str], Mapping[str, str]]


class Herd:
    """`with Herd(place, {"worker 1": WORKER, ...}) as herd:` keeps them running; ``deaths`` counts SIGKILLs by name."""

    def __init__(self, place: Place, commands: Mapping[str, list[str]], *, arms: Arms = lambda _: {}) -> None:
        self._place, self._commands, self._arms = place, commands, arms
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._ended = threading.Event()
        self.deaths: dict[str, int] = dict.fromkeys(commands, 0)
        self.died: Callable[[str], None] = lambda _: None
        self.log: Path = place.folder / "processes.log"

    def __enter__(self) -> Herd:
        for name in self._commands:
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

    def tell(self, name: str, number: signal.Signals) -> None:
        """Sends a signal to a process and all that it started."""
        with suppress(ProcessLookupError):
            os.killpg(self._processes[name].pid, number)

    def pid(self, name: str) -> int:
        """The process id now."""
        return self._processes[name].pid

    def _start(self, name: str) -> None:
        with self.log.open("ab") as log:
            self._processes[name] = subprocess.Popen(
                self._commands[name],
                env={**self._place.environ, **self._arms(name)},
                cwd=ROOT,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    def _keep(self) -> None:
        while not self._ended.wait(RESTART_SECONDS):
            for name, process in list(self._processes.items()):
                if process.poll() is None:
                    continue
                if process.returncode == -signal.SIGKILL:
                    self.deaths[name] += 1
                    self.died(name)
                self._start(name)
