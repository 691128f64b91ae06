"""What the person who started the service sees: plain lines; in a terminal with colours, and a spinner while they wait.

Everything is shown by one process, so that lines stay whole. Control characters of outside text never reach the terminal.
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

# The same trouble of one process is not told again within this time; numbers in it, of either base, make no difference.
SAME_SECONDS = 600
_NUMBER = re.compile(r"[0-9a-f]*[0-9][0-9a-f]*")
MOST_REMEMBERED = 500

Line = str | Sequence[str | tuple[str, str]]


class Screen:
    """Lines on stdout, troubles on stderr: as JSON objects where ``as_json``, because programs read them then.

    Escape codes are used in terminals only, colours only where NO_COLOR is unset. Nothing of it runs in a thread, so that the
    spinner turns when it is told to.
    """

    def __init__(self, *, as_json: bool = False) -> None:
        reconfigure = getattr(sys.stdout, "reconfigure", None)
        if reconfigure is not None:
            # A path may hold what this terminal cannot show, and must not end the service.
            reconfigure(errors="backslashreplace")
        self._out = Console(file=sys.stdout, markup=False, highlight=False, emoji=False, soft_wrap=True)
        self._err = Console(file=sys.stderr, markup=False, highlight=False, emoji=False, soft_wrap=True)
        self._as_json = as_json
        self._live: Live | None = None
        self._told: dict[tuple[str, str], float] = {}

    def __enter__(self) -> Screen:
        return self

    def __exit__(self, *_: object) -> None:
        self.working("")

    def say(self, *lines: Line) -> None:
        """Lines for a person, each a text or parts of (text, style)."""
        for line in lines:
            self._out.print(line if isinstance(line, str) else Text.assemble(*line))
        sys.stdout.flush()

    def working(self, on: str) -> None:
        """Shows a spinner with what is being worked ``on``, in a terminal; "" takes it away, and gives the cursor back."""
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

    def turn(self) -> None:
        """Turns the spinner on, where there is one."""
        if self._live is not None:
            self._live.refresh()

    def complain(self, process: str, trouble: str, log: Path, *, reason: str = "") -> None:
        """One line on stderr: what is wrong with which process, and where more of it stands.

        Not again for a while where the same trouble was told, for whatever ``reason``; nor the reason alone.
        """
        if self._known(process, trouble):
            return
        if reason:
            self._known(process, reason)
            trouble = f"{trouble}: {reason}"
        live = self._live
        if live is not None:
            live.stop()
        if self._as_json:
            event = {"event": trouble, "level": "error", "process": process, "log": str(log)}
            sys.stderr.write(json.dumps(event | {"timestamp": f"{dt.datetime.now(dt.UTC):%FT%T.%fZ}"}, ensure_ascii=False) + "\n")
        else:
            self._err.print(Text.assemble((f"{process}: ", "bold red"), trouble, (f"   (log: {_short(log)})", "dim")))
        sys.stderr.flush()
        if live is not None:
            live.start(refresh=True)

    def _known(self, process: str, trouble: str) -> bool:
        now, key = time.monotonic(), (process, _NUMBER.sub("0", trouble))
        known = now - self._told.get(key, -SAME_SECONDS) < SAME_SECONDS
        if not known:
            if len(self._told) >= MOST_REMEMBERED:
                self._told.clear()
            self._told[key] = now
        return known


def _short(path: Path) -> str:
    """The path as seen from here, where it lies below."""
    with suppress(OSError, ValueError):
        return str(path.relative_to(Path.cwd()))
    return str(path)
