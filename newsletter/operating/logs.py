"""The log files of the processes that `newsletter run` starts: one for each, of a limited size, looked through for errors.

A process writes straight into its file, so that it never waits for whoever reads it, nor dies with them. What is an error in what
was written is decided by `errors`; nothing here shows anything.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from newsletter.errors import SettingsError
from newsletter.operating.errors_logged import errors, groups

FOLDER = "log"
# A file that has grown so large becomes FILE.1, in the place of the one before: twice this for each process.
MOST_BYTES = 5_000_000
# Looked through at once; of more than that the oldest is left to those who read the file.
MOST_READ = 1_000_000
MOST_HELD = 1000


class Log:
    """The file of the process ``name`` in DATA_DIR/log. Raises SettingsError where it cannot be written."""

    def __init__(self, data_dir: Path, name: str) -> None:
        self.path = data_dir / FOLDER / f"{name.replace(' ', '-')}.log"
        self._file = self._open()
        self._seen = os.fstat(self._file).st_size
        self._rest = b""
        self._held: list[str] = []

    @property
    def descriptor(self) -> int:
        """What to write to; it appends."""
        return self._file

    def close(self) -> None:
        """What is written later is not seen here."""
        os.close(self._file)

    def renew(self) -> None:
        """Opens the file anew where somebody took it away; where that fails, the old one is written on."""
        with suppress(SettingsError):
            if not self.path.exists():
                fresh = self._open()
                os.dup2(fresh, self._file, inheritable=False)
                os.close(fresh)
                self._seen = 0

    def errors(self, *, ended: bool = False) -> list[str]:
        """The errors written since the last look, a line each; keeps the file small.

        What was written last is held back for a look at which nothing comes after it, because its lines may still be coming:
        unless the process has ``ended``, and then whatever it said at last counts as one.
        """
        lines = self._new_lines()
        found = groups([*self._held, *lines])
        if not ended and lines and len(found[-1]) < MOST_HELD:
            self._held = found.pop()
        else:
            self._held = []
        return errors(found, last_words=ended)

    def keep_small(self) -> None:
        """Puts a file that has become too large aside. A line that is written in that very moment may be lost."""
        size = os.fstat(self._file).st_size
        if size <= MOST_BYTES:
            return
        # Where there is no room for the copy, the log goes: it must not fill the disk.
        with suppress(OSError), os.fdopen(_privately(f"{self.path}.1", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), "wb") as aside:
            while part := os.pread(self._file, MOST_READ, aside.tell()):
                aside.write(part)
        os.ftruncate(self._file, 0)
        self._seen = 0

    def _open(self) -> int:
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            return _privately(str(self.path), os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC)
        except OSError as error:
            raise SettingsError(
                f"the log {self.path} cannot be written ({error.strerror}): change its owner, or set DATA_DIR to another folder"
            ) from None

    def _new_lines(self) -> list[str]:
        size = os.fstat(self._file).st_size
        # Shorter than it was: somebody emptied it.
        start = self._seen if size >= self._seen else 0
        skipped = size - start > MOST_READ
        if skipped:
            start, self._rest, self._held = size - MOST_READ, b"", []
        data = os.pread(self._file, MOST_READ, start)
        self._seen = start + len(data)
        *lines, self._rest = (self._rest + data).split(b"\n")
        lines = lines[1:] if skipped else lines
        if len(self._rest) > MOST_READ:
            lines, self._rest = [*lines, self._rest], b""
        self.keep_small()
        return [line.decode("utf-8", "replace") for line in lines]


def _privately(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
