"""The composed service: each service of docker-compose.yml as a process with its own command and environment, on loopback."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.run.processes import ROOT, get
from tests.smtp_sink import Sink
from tests.waiting import PATIENCE, wait_until

SERVICES = ("migrate", "web", "sender", "worker", "scheduler")
# With those of a profile.
OURS = (*SERVICES, "bounces")
COMPOSE = ROOT / "docker-compose.yml"


@dataclass
class Composed:
    """``base_url`` of the pages, the ``sink`` that mail goes to, and the processes by service."""

    base_url: str
    sink: Sink
    database_url: str
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    logs: Path = Path()

    def log_of(self, service: str) -> str:
        return (self.logs / f"{service}.log").read_text()


def compose_file() -> dict[str, Any]:
    """docker-compose.yml with its anchors resolved and its merges done."""
    loaded: dict[str, Any] = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))
    return loaded


def substituted(text: str, environ: dict[str, str]) -> str:
    """What compose makes of ${NAME}, ${NAME:-default} and ${NAME:?message}; a required one that is missing is an error."""

    def fill(match: re.Match[str]) -> str:
        name, kind, rest = match.group(1), match.group(2), match.group(3)
        value = environ.get(name, "")
        if not value and kind == ":?":
            raise KeyError(f"{name}: {rest}")
        return value or (rest if kind == ":-" else "")

    return re.sub(r"\$\{([A-Z_]+)(?:(:-|:\?)([^}]*))?\}", fill, text)


@pytest.fixture
def outside() -> dict[str, str]:
    """Settings for the services outside; a test that needs them fakes them and overrides this."""
    return {"ARXIV_API_URL": "http://127.0.0.1:9/api/query", "TRANSLATORS": "none"}


@pytest.fixture
def before_start() -> None:
    """What stands in the database before: nothing; a test that needs something puts it there and overrides this."""


@pytest.fixture
def composed(
    postgres_url: str, redis_url: str, tmp_path: Path, outside: dict[str, str], before_start: None
) -> Iterator[Composed]:
    """All services of our own from docker-compose.yml on a real PostgreSQL and a real Redis, ready; ended afterwards."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with Sink() as sink:
        base_url = f"http://127.0.0.1:{port}"
        # What an operator sets; then the hosts of the compose network mapped to loopback.
        operator = {
            "POSTGRES_PASSWORD": "password",
            "REDIS_PASSWORD": "password",
            "SECRET_KEY": "a-secret-key-of-32-characters-xx",
            "SUPPRESSION_KEY": "another-key-of-32-characters-xxx",
            "BASE_URL": base_url,
            "SMTP_URL": sink.url,
            "MAIL_FROM": "Papers <papers@example.org>",
            "ARXIV_DELAY_SECONDS": "0",
            **outside,
        }
        on_loopback = {"DATABASE_URL": postgres_url, "REDIS_URL": redis_url}
        service = Composed(base_url, sink, postgres_url, logs=tmp_path)
        try:
            _start(service, operator, on_loopback, port=port)
            yield service
        finally:
            _end(service)


def _start(service: Composed, operator: dict[str, str], on_loopback: dict[str, str], *, port: int) -> None:
    for name in SERVICES:
        described = compose_file()["services"][name]
        environment = {key: substituted(str(value), operator) for key, value in described["environment"].items()}
        environment |= on_loopback | {"DATA_DIR": str(service.logs / "data")}
        command = [word.replace("0.0.0.0:8000", f"127.0.0.1:{port}") for word in described["command"]]
        command[0] = {"python": sys.executable}.get(command[0], str(Path(sys.executable).parent / command[0]))
        with (service.logs / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                command,
                env={"PATH": os.environ["PATH"], **environment},
                cwd=ROOT,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        service.processes[name] = process
        if name == "migrate":
            assert process.wait(PATIENCE) == 0, service.log_of("migrate")
    wait_until(lambda: _is_ready(service))
    assert _is_ready(service), service.log_of("web")


def _is_ready(service: Composed) -> bool:
    try:
        return get(f"{service.base_url}/readyz")[0] == 200
    except OSError:
        return False


def _end(service: Composed) -> None:
    for process in service.processes.values():
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
    for process in service.processes.values():
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
