"""A pseudo-terminal with a command in it, as a person has one: its keys, and all that it was told to show."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from tests.run.processes import NEWSLETTER, environment
from tests.waiting import PATIENCE

RUN = (*NEWSLETTER, "run", "--port", "0")
CTRL_C = b"\x03"
HIDE_CURSOR, SHOW_CURSOR = "\x1b[?25l", "\x1b[?25h"


class Terminal:
    """A command, if not told otherwise `newsletter run` on a free port, in a terminal of its own."""

    def __init__(self, folder: Path, *words: str, command: Sequence[str] = RUN, **changes: str) -> None:
        self._ours, theirs = pty.openpty()
        self._shown = bytearray()
        self._closed = threading.Event()
        self.process = subprocess.Popen(
            [*command, *words],
            env={**environment(folder), "TERM": "xterm-256color", "COLUMNS": "200", **changes},
            cwd=folder,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            # The terminal's keys are for whoever it controls.
            preexec_fn=lambda: os.close(os.open(os.ttyname(0), os.O_RDWR)),  # noqa: PLW1509 - nothing else runs here yet
        )
        os.close(theirs)
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(PATIENCE)
        self.close()

    @property
    def shown(self) -> str:
        return self._shown.decode("utf-8", "replace")

    def press(self, key: bytes) -> None:
        """One key of the person before it."""
        os.write(self._ours, key)

    def close(self) -> None:
        """The person closes the window: what runs in it is told (SIGHUP), and can show nothing any more."""
        if not self._closed.is_set():
            self._closed.set()
            self._reader.join()
            os.close(self._ours)

    def _read(self) -> None:
        with suppress(OSError):  # nobody has the other side open any more
            while not self._closed.is_set():
                if select.select([self._ours], [], [], 0.1)[0]:
                    self._shown += os.read(self._ours, 4096)
