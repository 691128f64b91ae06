"""Starting the service's own processes as a person or a service manager does, and looking at what is left of them."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from tests.waiting import PATIENCE, wait_until

ROOT = Path(__file__).resolve().parents[2]
NEWSLETTER = [sys.executable, "-c", "from newsletter.cli import main; main()"]


def environment(folder: Path, **changes: str) -> dict[str, str]:
    """An environment that reaches nothing outside and holds no setting of the machine."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {
        **kept,
        "DATA_DIR": str(folder / "var"),
        "TRANSLATORS": "none",
        "ARXIV_API_URL": "http://127.0.0.1:9/api/query",
        "ARXIV_DELAY_SECONDS": "0",
        # Each costs a start two seconds of a processor: where two are told apart a test asks for two.
        "WORKERS": "1",
        "PYTHONUNBUFFERED": "1",
        **changes,
    }


def newsletter(folder: Path, *words: str, text: str = "", **changes: str) -> subprocess.CompletedProcess[str]:
    """One command, run to its end."""
    return subprocess.run(
        [*NEWSLETTER, *words],
        check=False,
        env=environment(folder, **changes),
        cwd=folder,
        input=text,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


class Run:
    """A running `newsletter run` on a free port."""

    def __init__(self, folder: Path, *words: str, command: Sequence[str] = NEWSLETTER, **changes: str) -> None:
        self.folder = folder
        self.log = folder / f"run-{time.monotonic_ns()}.log"
        with self.log.open("w") as out:
            self.process = subprocess.Popen(
                [*command, "run", "--port", "0", *words],
                env=environment(folder, **changes),
                cwd=folder,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def __enter__(self) -> Run:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.end(signal.SIGTERM)
        for pid in self.left():
            os.kill(pid, signal.SIGKILL)

    @property
    def output(self) -> str:
        return self.log.read_text()

    def ready(self) -> str:
        """Waits until the addresses are told and gives that of the pages."""
        wait_until(lambda: "Sign up:" in self.output or self.process.poll() is not None)
        found = re.search(r"Sign up:\s+(\S+)/\n", self.output)
        assert found, self.output
        return found.group(1)

    @property
    def data_dir(self) -> Path:
        """Where the first line says that the data lives."""
        found = re.match(r"Data:\s+(\S+)", self.output)
        assert found, self.output
        return Path(found.group(1))

    def logged(self, process: str) -> str:
        """The log of one of its processes; empty where there is none."""
        path = self.data_dir / "log" / f"{process}.log"
        return path.read_text() if path.exists() else ""

    def end(self, number: signal.Signals) -> int:
        """Sends a signal and waits for the end."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)

    def left(self) -> list[int]:
        """Processes with this run's DATA_DIR in their environment, other than the supervisor."""
        return processes_of(self.folder / "var", but=self.process.pid)


def processes_of(data_dir: Path, *, but: int = 0) -> list[int]:
    """Living processes that were started with this DATA_DIR, or work inside of it (Redis overwrites its environment)."""
    found = []
    mark = f"DATA_DIR={data_dir}\0".encode()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
            inside = (folder / "cwd").resolve().is_relative_to(data_dir)
            known = inside or mark in (folder / "environ").read_bytes() + b"\0"
        except OSError:
            continue
        if known and state != "Z" and int(folder.name) not in (but, os.getpid()):
            found.append(int(folder.name))
    return found


def commands_of(pids: list[int]) -> list[str]:
    """The command lines of processes."""
    return [Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode() for pid in pids]


def get(url: str) -> tuple[int, str]:
    """Status and body of a page."""
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
