"""A process that has imported what the service's programs share, and forks them: each starts at once, in memory shared with it.

``python -m newsletter.operating.fork_server CHANNEL MODULE...`` imports the modules, and forks for each request that comes in on
the socket CHANNEL (see ``forked_processes``). It opens nothing itself, no database and no connection, and has one thread: neither
outlives a fork. ``python -m newsletter.operating.fork_server MODULE:FUNCTION ARGUMENT...`` is the program itself, where there is
nothing to fork from.
"""

from __future__ import annotations

import ctypes
import fcntl
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from newsletter.operating.child_processes import ending_with

ROOT = Path(__file__).resolve().parents[2]
# Bytes of a request, and the file descriptors that come with it.
MOST_BYTES, MOST_FDS = 100_000, 16
# Above all that a program is given.
_ASIDE = 100
# proc_pid_stat(5): where the kernel reads the arguments that `ps` shows, counted behind the name in brackets.
_ARG_START, _ARG_END = 45, 46


@dataclass(frozen=True, slots=True)
class Request:
    """A program to fork: ``name`` for `ps`, MODULE:FUNCTION and its arguments, what is different in its environment.

    With it come file descriptors: the log, which takes what it writes, then those that it has as the numbers ``keep_fds``.
    """

    name: str
    program: str
    arguments: Sequence[str]
    environment: dict[str, str]
    keep_fds: Sequence[int]


def main() -> None:
    """Serves until the other end of the channel is closed; in each child it becomes the program that was asked for."""
    sys.path.insert(0, str(ROOT))
    first, *others = sys.argv[1:]
    if not first.isdecimal():
        sys.argv = [first, *others]
        _function(first)()
        return
    with socket.socket(fileno=int(first)) as channel:
        # Modules stay: looking through them for garbage again and again is a seventh of what importing them takes.
        gc.disable()
        for name in others:
            importlib.import_module(name)
        # What is shared stays so: looking through it for garbage, each child would make a copy of it.
        gc.collect()
        gc.freeze()
        gc.enable()
        asked = _serve(channel)
    if asked is not None:
        sys.argv = [asked.program, *asked.arguments]
        _function(asked.program)()


def _function(program: str) -> Callable[[], object]:
    module, _, function = program.partition(":")
    found: Callable[[], object] = getattr(importlib.import_module(module), function)
    return found


def _serve(channel: socket.socket) -> Request | None:
    """Forks for each request, and tells of each end; returns in the children, and with None when nobody asks any more."""
    woken, wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake)
    _tell(channel, ready=os.getpid())
    while True:
        readable, _, _ = select.select([channel.fileno(), woken], [], [])
        if woken in readable:
            with suppress(BlockingIOError):
                os.read(woken, MOST_BYTES)
            for pid, code in _ended():
                _tell(channel, ended=pid, code=code)
        if channel.fileno() not in readable:
            continue
        message, fds, _, _ = socket.recv_fds(channel, MOST_BYTES, MOST_FDS)
        if not message:
            return None
        server = os.getpid()
        if not (pid := _fork(channel, woken, wake)):
            return _become(Request(**json.loads(message)), fds, server)
        _tell(channel, started=pid)
        for fd in fds:
            os.close(fd)


def _fork(channel: socket.socket, *own: int) -> int:
    """0 in the child, which has a session of its own and none of what is the server's; a negative errno where it cannot be."""
    begun, begins = os.pipe()
    try:
        pid = os.fork()
    except OSError as error:
        pid = -(error.errno or 1)
    if pid:
        # Who is told of the child may end it at once, with all of its group.
        os.close(begins)
        os.read(begun, 1)
        os.close(begun)
        return pid
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    # Before the program's own descriptors come: they may have the same numbers.
    channel.close()
    for fd in (begun, begins, *own):
        os.close(fd)
    return 0


def _tell(channel: socket.socket, **fact: int) -> None:
    with suppress(BrokenPipeError, ConnectionResetError):
        channel.send(json.dumps(fact).encode())


def _ended() -> Iterator[tuple[int, int]]:
    """The children that have ended since the last look, with their codes as Popen gives them."""
    with suppress(ChildProcessError):
        while (found := os.waitpid(-1, os.WNOHANG))[0]:
            yield found[0], os.waitstatus_to_exitcode(found[1])


def _become(request: Request, fds: Sequence[int], server: int) -> Request:
    """Makes this child what Popen would have made it: its end, its descriptors, environment and name."""
    if end_with_server := ending_with(server):
        end_with_server()
    log, *kept = [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, _ASIDE) for fd in fds]
    for fd in fds:
        os.close(fd)
    for fd, number in ((log, 1), (log, 2), *zip(kept, request.keep_fds, strict=True)):
        os.dup2(fd, number)
    for fd in (log, *kept):
        os.close(fd)
    os.environ.update(request.environment)
    _show_as(f"newsletter: {request.name}")
    return request


def _show_as(title: str) -> None:
    """Has `ps` show ``title``, cut to the length of the arguments that this process was started with."""
    with suppress(OSError, ValueError, IndexError):
        fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
        start, length = int(fields[_ARG_START]), int(fields[_ARG_END]) - int(fields[_ARG_START])
        if length > 0:
            ctypes.memset(start, 0, length)
            ctypes.memmove(start, title.encode()[: length - 1], min(len(title.encode()), length - 1))


def request_bytes(request: Request) -> bytes:
    """``request`` as it goes over the channel."""
    return json.dumps(asdict(request)).encode()


if __name__ == "__main__":
    main()
