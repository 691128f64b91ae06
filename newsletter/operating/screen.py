"""The output of `newsletter run` to the person who started it: plain lines; in a terminal with colours and a spinner.

One process shows everything, so that lines stay whole. Control characters of outside text never reach the terminal.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

# Seconds in which the same error of a process is not shown again; numbers in it, also hexadecimal ones, make no difference.
SAME_SECONDS = 600
_NUMBER = re.compile(r"(?<![0-9a-f])[a-f]*[0-9][0-9a-f]*")
MOST_REMEMBERED = 500

Line = str | Sequence[str | tuple[str, str]]


class Screen:
    """Lines on stdout, errors on stderr, these as JSON objects where ``as_json``.

    Escape codes are used in terminals only, colours only where NO_COLOR is unset. It has no thread: the spinner turns when
    `turn_spinner` is called.
    """

    def __init__(self, *, as_json: bool = False) -> None:
        reconfigure = getattr(sys.stdout, "reconfigure", None)
        if reconfigure is not None:
            # A path may hold characters that this terminal cannot encode; that must not end the service.
            reconfigure(errors="backslashreplace")
        self._out = Console(file=sys.stdout, markup=False, highlight=False, emoji=False, soft_wrap=True)
        self._err = Console(file=sys.stderr, markup=False, highlight=False, emoji=False, soft_wrap=True)
        self._as_json = as_json
        self._live: Live | None = None
        self._shown_at: dict[tuple[str, str], float] = {}

    def __enter__(self) -> Screen:
        return self

    def __exit__(self, *_: object) -> None:
        self.spinner("")

    def show(self, *lines: Line) -> None:
        """Shows lines, each a text or parts of (text, style)."""
        with suppress(OSError):  # the terminal is closed
            for line in lines:
                self._out.print(line if isinstance(line, str) else Text.assemble(*line))
            sys.stdout.flush()

    def spinner(self, on: str) -> None:
        """Shows a spinner with what is being worked ``on``, in a terminal; "" removes it."""
        if self._live is not None:
            with suppress(OSError):  # the terminal is closed
                self._live.stop()
            self._live = None
        if on and sys.stdout.isatty() and self._out.is_terminal and not self._out.is_dumb_terminal:
            shape = "dots" if self._out.encoding.startswith("utf") else "line"
            turning = Spinner(shape, Text(on, style="dim", no_wrap=True, overflow="ellipsis"), style="cyan")
            self._live = Live(
                turning, console=self._out, auto_refresh=False, transient=True, redirect_stdout=False, redirect_stderr=False
            )
            self._live.start(refresh=True)

    def turn_spinner(self) -> None:
        """Moves the spinner one step, where there is one."""
        if self._live is not None:
            self._live.refresh()

    def show_error(self, process: str, error: str, log: Path, *, reason: str = "") -> None:
        """One line on stderr: the process, its error with the ``reason``, and the log file that tells more.

        The same error is not shown again for a while, whatever its reason; nor is the reason as an error of its own.
        """
        if self._shown_lately(process, error):
            return
        if reason:
            self._shown_lately(process, reason)
            error = f"{error}: {reason}"
        live = self._live
        if live is not None:
            live.stop()
        if self._as_json:
            event = {"event": error, "level": "error", "process": process, "log": str(log)}
            sys.stderr.write(json.dumps(event | {"timestamp": f"{dt.datetime.now(dt.UTC):%FT%T.%fZ}"}) + "\n")
        else:
            self._err.print(Text.assemble((f"{process}: ", "bold red"), error, (f"   (log: {_short(log)})", "dim")))
        sys.stderr.flush()
        if live is not None:
            live.start(refresh=True)

    def _shown_lately(self, process: str, error: str) -> bool:
        """True where the error was shown within `SAME_SECONDS`; else it counts as shown now."""
        now, key = time.monotonic(), (process, _NUMBER.sub("0", error))
        known = now - self._shown_at.get(key, -SAME_SECONDS) < SAME_SECONDS
        if not known:
            if len(self._shown_at) >= MOST_REMEMBERED:
                self._shown_at.clear()
            self._shown_at[key] = now
        return known


def _short(path: Path) -> str:
    """The path relative to the current folder, where it lies in it."""
    with suppress(OSError, ValueError):
        return str(path.relative_to(Path.cwd()))
    return str(path)
