"""Work on what strangers sent, in a process of its own: with limits on processor time and memory, and no longer than is waited.

The process gets bytes and words and gives bytes back. It has no environment, so no secret, and what it gives is nobody's code:
whoever takes over such a process through a hole in a decoder has a wrong title, not the service. Nothing here knows what is read.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from newsletter.errors import InputError, TemporaryError

ROOT = Path(__file__).resolve().parents[2]
# Of one process of ours at a time; more of them would be a way around the limits.
AT_ONCE = 2
# What a worker says of what it cannot read; anything else that is no 0 is an end by a limit.
REFUSED = 3
TOO_MUCH = "it takes too much time or memory to read: fill in the form by hand"
BUSY = "too many others are being looked up: try again in a moment"
_free = threading.BoundedSemaphore(AT_ONCE)


def work(module: str, content: bytes, words: Sequence[str], *, cpu_seconds: int, memory: int, seconds: float) -> bytes:
    """What ``module`` (see `serve`) makes of ``content`` within ``cpu_seconds``, ``memory`` bytes and ``seconds`` in all.

    Raises InputError where it refuses the content or meets a limit, TemporaryError where others are at work all the while.
    """
    command = [sys.executable, "-m", module, str(cpu_seconds), str(memory), *words]
    if not _free.acquire(timeout=seconds):
        raise TemporaryError(BUSY)
    try:
        done = subprocess.run(command, input=content, capture_output=True, check=False, timeout=seconds, cwd=ROOT, env={})
    except subprocess.TimeoutExpired:
        raise InputError(TOO_MUCH) from None
    finally:
        _free.release()
    if done.returncode == REFUSED:
        raise InputError(done.stdout.decode("utf-8", "replace"))
    if done.returncode:
        raise InputError(TOO_MUCH)
    return done.stdout


def serve(read: Callable[..., bytes]) -> None:
    """The whole of such a process: takes its limits, then gives ``read(content, *words)`` on standard output."""
    cpu_seconds, memory, *words = sys.argv[1:]
    limits = {
        resource.RLIMIT_CPU: int(cpu_seconds),
        resource.RLIMIT_AS: int(memory),
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
    }
    for name, most in limits.items():
        with suppress(ValueError, OSError):  # not every system knows each
            resource.setrlimit(name, (most, most))
    try:
        sys.stdout.buffer.write(read(sys.stdin.buffer.read(), *words))
    except InputError as error:
        sys.stdout.write(str(error))
        sys.exit(REFUSED)
    except MemoryError:
        sys.exit(1)
