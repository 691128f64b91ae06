"""Postfix's own load generator and sink: from PATH, else unpacked from Debian's package into a folder of the benchmark's own.

Nothing is installed on the machine. http://www.postfix.org/smtp-source.1.html and smtp-sink.1.html say what they do.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

UNPACKED = Path("var/bench/postfix")
CONNECTIONS = "1000"


class Missing(Exception):
    """Neither PATH nor apt gives the tools."""


@dataclass(frozen=True, slots=True)
class Tools:
    """Where the two programs are, and the environment in which they find their libraries."""

    source: str
    sink: str
    environ: Mapping[str, str]


def tools() -> Tools:
    """The two programs. Raises Missing where there is no way to them."""
    found = [shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin") for name in ("smtp-source", "smtp-sink")]
    if all(found):
        return Tools(str(found[0]), str(found[1]), dict(os.environ))
    root = UNPACKED / "root"
    if not (root / "usr/sbin/smtp-sink").exists():
        _unpack(root)
    environ = dict(os.environ) | {"LD_LIBRARY_PATH": str((root / "usr/lib/postfix").resolve())}
    return Tools(str(root / "usr/sbin/smtp-source"), str(root / "usr/sbin/smtp-sink"), environ)


def _unpack(root: Path) -> None:
    UNPACKED.mkdir(parents=True, exist_ok=True)
    try:
        _quietly(["apt-get", "download", "postfix"], cwd=UNPACKED)
        package = max(UNPACKED.glob("postfix_*.deb"))
        _quietly(["dpkg", "-x", package.name, root.name], cwd=UNPACKED)
    except (OSError, subprocess.CalledProcessError, ValueError) as error:
        raise Missing(f"smtp-source and smtp-sink are neither on PATH nor to be had with apt-get ({error})") from error


def _quietly(command: Sequence[str], *, cwd: Path) -> None:
    subprocess.run(command, cwd=cwd, check=True, capture_output=True, timeout=120)


@contextmanager
def sinking(found: Tools) -> Iterator[int]:
    """A sink on a free port of loopback; every run is to have one of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    command = [found.sink, *(["-u", "nobody"] if os.geteuid() == 0 else []), f"127.0.0.1:{port}", CONNECTIONS]
    process = subprocess.Popen(command, env=dict(found.environ))
    try:
        _wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait()


def sent_a_second(found: Tools, port: int, *, messages: int, size: int) -> float:
    """How many messages of ``size`` bytes a second `smtp-source -d -s 2` sends to ``port``."""
    started = time.perf_counter()
    command = [found.source, "-d", "-s", "2", "-l", str(size), "-m", str(messages), f"127.0.0.1:{port}"]
    subprocess.run(command, env=dict(found.environ), check=True, capture_output=True)
    return messages / (time.perf_counter() - started)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise Missing("smtp-sink does not listen")
