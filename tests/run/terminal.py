"""A pseudo-terminal with a command in it, as a person has one: its keys, and all that it was told to show."""

from __future__ import annotations

import os
import pty
import subprocess
import threading
from pathlib import Path

from tests.run.processes import NEWSLETTER, environment

CTRL_C = b"\x03"
HIDE_CURSOR, SHOW_CURSOR = "\x1b[?25l", "\x1b[?25h"


class Terminal:
    """`newsletter run` on a free port, in a terminal of its own."""

    def __init__(self, folder: Path, *words: str, **changes: str) -> None:
        self._ours, theirs = pty.openpty()
        self._shown = bytearray()
        self.process = subprocess.Popen(
            [*NEWSLETTER, "run", "--port", "0", *words],
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
            self.process.wait(30)
        self._reader.join(10)
        os.close(self._ours)

    @property
    def shown(self) -> str:
        return self._shown.decode("utf-8", "replace")

    def press(self, key: bytes) -> None:
        """One key of the person before it."""
        os.write(self._ours, key)

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self._ours, 4096)
            except OSError:  # nobody has the other side open any more
                return
            if not data:
                return
            self._shown += data
