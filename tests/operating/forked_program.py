"""What test_forked_processes starts: programs that tell what they have, and end in some way."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import threading
import time
from pathlib import Path


def tell() -> None:
    """Writes as JSON what this process has of its own; the first argument is the descriptor of a socket that listens."""
    with socket.socket(fileno=int(sys.argv[1])) as listening:
        port = listening.getsockname()[1]
        opened = [int(path.name) for path in Path("/proc/self/fd").iterdir() if path.exists()]
    said = {
        "arguments": sys.argv[1:],
        **{name: os.environ[name] for name in ("COLOUR", "SHAPE")},
        "session": os.getsid(0),
        "pid": os.getpid(),
        "port": port,
        "stdin": sys.stdin.read(),
        "open": opened,
        "SIGCHLD": signal.getsignal(signal.SIGCHLD) is signal.SIG_DFL,
        "threads": threading.active_count(),
    }
    print(json.dumps(said))


def leave() -> None:
    sys.exit(3)


def fail() -> None:
    raise ValueError("no kite")


def complain() -> None:
    sys.exit("no kite")


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def wait() -> None:
    print("waiting", flush=True)
    time.sleep(600)
