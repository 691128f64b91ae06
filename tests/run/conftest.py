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

from tests.conftest import a_copy
from tests.run.processes import ROOT, get
from tests.smtp_sink import Sink
from tests.waiting import PATIENCE, wait_until

SERVICES = ("migrate", "web", "sender", "worker", "scheduler")
# With those of a profile.
OURS = (*SERVICES, "bounces")
COMPOSE = ROOT / "docker-compose.yml"


@dataclass
class Composed:
    """``base_url`` of the pages, the ``sink`` that mail goes to, what an operator sets, and the processes by service."""

    base_url: str
    sink: Sink
    database_url: str
    operator: dict[str, str]
    on_loopback: dict[str, str]
    logs: Path
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

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
def composed(postgres_server: str, redis_url: str, tmp_path: Path, outside: dict[str, str]) -> Iterator[Composed]:
    """All services of our own from docker-compose.yml over empty volumes of PostgreSQL and Redis, ready; ended afterwards."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with Sink() as sink, a_copy(postgres_server, "template0") as empty:
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
        on_loopback = {"DATABASE_URL": empty, "REDIS_URL": redis_url, "DATA_DIR": str(tmp_path / "data")}
        service = Composed(base_url, sink, empty, operator, on_loopback, tmp_path)
        try:
            start(service)
            yield service
        finally:
            end(service)


def start(service: Composed) -> None:
    """Each service by its own command, the migration to its end before the others, until the pages say that all is ready."""
    services = compose_file()["services"]
    for name in SERVICES:
        described = services[name]
        environment = {key: substituted(str(value), service.operator) for key, value in described["environment"].items()}
        environment |= service.on_loopback
        address = service.base_url.removeprefix("http://")
        command = [word.replace("0.0.0.0:8000", address) for word in described["command"]]
        command[0] = {"python": sys.executable}.get(command[0], str(Path(sys.executable).parent / command[0]))
        with (service.logs / f"{name}.log").open("ab") as log:
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


def end(service: Composed) -> None:
    """Asks all that run to end, and waits until they have."""
    for process in service.processes.values():
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
    for process in service.processes.values():
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
