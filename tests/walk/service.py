"""The whole service as its own processes, against fakes of the outside that speak the real protocols."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.waiting import PATIENCE

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def settings_for(folder: Path, **environ: str) -> dict[str, str]:
    """An environment with nothing in it but paths, a folder and what is given."""
    plain = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    # The tree that the tests stand in, also where the command is installed from another one.
    plain["PYTHONPATH"] = str(ROOT)
    plain |= {"DATA_DIR": str(folder / "var"), "MAIL_FROM": "Paper Morning <papers@example.org>", "WORKERS": "1"}
    return plain | environ


def command(
    *arguments: str, environ: Mapping[str, str], folder: Path, seconds: float = 3 * PATIENCE
) -> subprocess.CompletedProcess[str]:
    """Runs `newsletter ARGUMENTS` to its end."""
    argv = [str(Path(sys.executable).with_name("newsletter")), *arguments]
    return subprocess.run(argv, env=dict(environ), cwd=folder, capture_output=True, text=True, timeout=seconds, check=False)


@contextmanager
def running(folder: Path, environ: Mapping[str, str]) -> Iterator[str]:
    """`newsletter run` until the end of the block; gives the address of its pages, and fails where a process is left."""
    port = free_port()
    base_url = f"http://127.0.0.1:{port}"
    argv = [str(Path(sys.executable).with_name("newsletter")), "run", "--port", str(port)]
    log = folder / "run.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            argv, env=dict(environ) | {"BASE_URL": base_url}, cwd=folder, stdout=output, stderr=output, start_new_session=True
        )
    try:
        wait_until_ready(base_url, process, log)
        yield base_url
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    assert process.returncode == 0, log.read_text(errors="replace")[-3000:]


def wait_until_ready(base_url: str, process: subprocess.Popen[bytes], log: Path, *, seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text(errors="replace")[-3000:]
        try:
            with urllib.request.urlopen(base_url + "/readyz", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise AssertionError(f"not ready after {seconds} s:\n{log.read_text(errors='replace')[-3000:]}")
