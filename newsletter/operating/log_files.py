"""The log files of the processes that `newsletter run` starts: one for each, of limited size, searched for errors.

A process writes straight into its file, not into a pipe, so that it neither waits for a reader nor dies with one. What counts as
an error is decided by `log_errors`; nothing here shows anything.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

from newsletter.errors import SettingsError
from newsletter.operating.log_errors import errors, events

FOLDER = "log"
# Bytes; a file that has grown larger is moved to FILE.1, over the one before: each process keeps twice this at most.
MOST_BYTES = 5_000_000
# Bytes searched at one look; of more only the newest are searched.
MOST_READ = 1_000_000
# Lines of one event that is still being written; a longer one is searched as it is.
MOST_UNFINISHED = 1000
# Seconds that a process may take to end after it said why.
DYING_SECONDS = 10


class LogFile:
    """The file of the process ``name`` in DATA_DIR/log. Raises SettingsError where it cannot be written."""

    def __init__(self, data_dir: Path, name: str) -> None:
        self.path = data_dir / FOLDER / f"{name.replace(' ', '-')}.log"
        self._file = self._open()
        self._seen = os.fstat(self._file).st_size
        self._rest = b""
        self._unfinished: list[str] = []
        self._told: list[str] = []
        self._told_at = 0.0

    @property
    def descriptor(self) -> int:
        """The file descriptor for the process to write to; it appends."""
        return self._file

    def close(self) -> None:
        """Closes the file for this process; the one that logs goes on writing."""
        os.close(self._file)

    def renew(self) -> None:
        """Makes the file again where somebody deleted it; where that fails, the deleted one is still written to."""
        self._told = []
        with suppress(SettingsError):
            if not self.path.exists():
                fresh = self._open()
                os.dup2(fresh, self._file, inheritable=False)
                os.close(fresh)
                self._seen = 0

    def errors(self, *, ended: bool = False) -> list[str]:
        """The errors written since the last look, a line each; keeps the file small.

        The last event waits for a look that finds nothing after it, because its lines may still be coming. Where the process has
        ``ended`` it does not wait, and unformatted last lines count as an error; where nothing came since the errors that were
        given last, these are given again, for a process may take a while to end after it said why.
        """
        lines = self._new_lines()
        found = events([*self._unfinished, *lines])
        if not ended and lines and len(found[-1]) < MOST_UNFINISHED:
            self._unfinished = found.pop()
        else:
            self._unfinished = []
        told, now = errors(found, ended=ended), time.monotonic()
        if told or lines:
            self._told, self._told_at = told, now
        elif ended and now - self._told_at < DYING_SECONDS:
            return self._told
        return told

    def keep_small(self) -> None:
        """Moves what is in a file that has become too large to FILE.1. A line written at that moment may be lost."""
        size = os.fstat(self._file).st_size
        if size <= MOST_BYTES:
            return
        # Where there is no room for the copy, the log is emptied without one: it must not fill the disk.
        with suppress(OSError), os.fdopen(_open_private(f"{self.path}.1", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), "wb") as aside:
            while part := os.pread(self._file, MOST_READ, aside.tell()):
                aside.write(part)
        os.ftruncate(self._file, 0)
        self._seen = 0

    def _open(self) -> int:
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            return _open_private(str(self.path), os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC)
        except OSError as error:
            raise SettingsError(
                f"the log {self.path} cannot be written ({error.strerror}): change its owner, or set DATA_DIR to another folder"
            ) from None

    def _new_lines(self) -> list[str]:
        size = os.fstat(self._file).st_size
        # Shorter than before: somebody emptied it.
        start = self._seen if size >= self._seen else 0
        skipped = size - start > MOST_READ
        if skipped:
            start, self._rest, self._unfinished = size - MOST_READ, b"", []
        data = os.pread(self._file, MOST_READ, start)
        self._seen = start + len(data)
        *lines, self._rest = (self._rest + data).split(b"\n")
        lines = lines[1:] if skipped else lines
        if len(self._rest) > MOST_READ:
            lines, self._rest = [*lines, self._rest], b""
        self.keep_small()
        return [line.decode("utf-8", "replace") for line in lines]


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
