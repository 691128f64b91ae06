"""Commands in processes of their own, without the second that each would spend on imports: forked off one that has done them.

Each has its own words, environment, folder, streams and exit code, as one that a shell starts. What the start of an interpreter
is part of (closed streams, signals, what --help imports) is tried with `tests.run.processes`.

    with Commands() as commands:
        commands.run(folder, "topics", "list")
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import pkgutil
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from tests.run.processes import ROOT, environment

# What commands import within their functions, besides our own modules.
ALSO = (
    "alembic.command", "arxiv", "feedparser", "psycopg", "redis", "requests", "rich.table", "rq", "sqlalchemy.dialects.postgresql",
    "sqlalchemy.dialects.sqlite", "aiosmtpd.controller", "mjml", "sqlite3", "encodings.ascii",
)  # fmt: skip


class Commands:
    """The process that the commands are forked off, one after the other."""

    def __enter__(self) -> Commands:
        command = [sys.executable, "-m", "tests.cli.forked"]
        self._server = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.communicate()

    def run(self, folder: Path, *words: str, text: str = "", **changes: str) -> subprocess.CompletedProcess[str]:
        """One command in ``folder``, run to its end; ``text`` is what it reads, ``changes`` are of its environment."""
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        with tempfile.TemporaryDirectory(prefix="nl-command-") as name:
            streams = [str(Path(name, stream)) for stream in ("in", "out", "err")]
            Path(streams[0]).write_text(text, encoding="utf-8")
            request = {"words": words, "folder": str(folder), "environ": environment(folder, **changes), "streams": streams}
            self._server.stdin.write(f"{json.dumps(request)}\n")
            self._server.stdin.flush()
            code = int(self._server.stdout.readline())
            said, complained = (Path(stream).read_text(encoding="utf-8") for stream in streams[1:])
        return subprocess.CompletedProcess(list(words), code, said, complained)


def _import_everything() -> None:
    from sqlalchemy.orm import configure_mappers

    import newsletter

    ours = [found.name for found in pkgutil.walk_packages(newsletter.__path__, "newsletter.")]
    for name in (*ours, *ALSO):
        with suppress(ImportError):
            importlib.import_module(name)
    configure_mappers()
    # Looking through all of this for garbage, each child would make a copy of it first.
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


def _next_request() -> dict[str, object]:
    """Forks for each line that comes in, and says the exit code of each; only the children return, with what they are to do."""
    # The streams themselves stay untouched for the children.
    requests, answers = os.fdopen(os.dup(0)), os.fdopen(os.dup(1), "w")
    for line in iter(requests.readline, ""):
        child = os.fork()
        if child == 0:
            return dict(json.loads(line))
        answers.write(f"{os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}\n")
        answers.flush()
    sys.exit()


def _become(words: list[str], folder: str, environ: Mapping[str, str], streams: list[str]) -> None:
    """Makes this process one that was started so."""
    for number, (path, flags) in enumerate(zip(streams, (os.O_RDONLY, *[os.O_WRONLY | os.O_CREAT] * 2), strict=True)):
        os.dup2(os.open(path, flags, 0o600), number)
    os.environ.clear()
    os.environ.update(environ)
    time.tzset()
    os.chdir(folder)
    sys.argv = ["newsletter", *words]


def _end_of(command: Callable[[], object]) -> int:
    """Does ``command``, and gives what its process is to say at its end."""
    try:
        command()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else bool(end.code)
    except Exception:  # noqa: BLE001 - told as the interpreter would tell it
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    _import_everything()
    _become(**_next_request())  # type: ignore[arg-type]
    from newsletter.cli import main

    code = _end_of(lambda: main(prog_name="newsletter"))
    sys.stdout.flush()
    sys.stderr.flush()
    # Taking down all that was imported would take as long as importing it.
    os._exit(code)
