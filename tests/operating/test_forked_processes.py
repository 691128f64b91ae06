"""Programs forked off one process that has imported what they share: what each has of its own, and what becomes of it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from newsletter.errors import TemporaryError
from newsletter.operating.child_processes import Alone, Child, Process, ProcessSpec, Starter, stop
from newsletter.operating.forked_processes import ForkServer, can_fork, program
from newsletter.operating.log_files import LogFile
from tests.waiting import PATIENCE, wait_until

OWN = "tests.operating.forked_program"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ForkServer]:
    started = ForkServer(
        {**os.environ, "COLOUR": "red", "SHAPE": "round"}, LogFile(tmp_path_factory.mktemp("forks"), "starter"), modules=["json"]
    )
    wait_until(started.is_ready)
    assert started.is_ready()
    yield started
    stop([started.child], seconds=PATIENCE)
    started.close()


@pytest.fixture(params=["forked", "alone"])
def starter(request: pytest.FixtureRequest, server: ForkServer) -> Starter:
    return server if request.param == "forked" else Alone()


def is_at_work(pid: int) -> bool:
    """True while it runs; one that has ended may wait for its parent to ask how."""
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


def ended(process: Process, *, log: Path) -> dict[str, object]:
    """What the program said of itself before it ended well."""
    assert process.wait(PATIENCE) == 0
    said: dict[str, object] = json.loads(log.read_text().splitlines()[-1])
    return said


def test_a_program_has_its_own_arguments_environment_session_log_and_descriptors(starter: Starter, tmp_path: Path) -> None:
    log = LogFile(tmp_path, "own")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        kept = listening.fileno()
        environment = {**os.environ, "COLOUR": "blue", "SHAPE": "round"}
        spec = program("own", f"{OWN}:tell", str(kept), "a b", environment=environment, keep_fds=(kept,))
        process = starter.start(spec, log.descriptor)
        said = ended(process, log=log.path)
        port = listening.getsockname()[1]
    assert said == {
        "arguments": [str(kept), "a b"],
        "COLOUR": "blue",
        "SHAPE": "round",
        "session": process.pid,
        "pid": process.pid,
        "port": port,
        "stdin": "",
        "open": said["open"],
        "SIGCHLD": True,
        "threads": 1,
    }
    assert set(said["open"]) <= {0, 1, 2, kept}, "nothing else of the server's is left open"  # type: ignore[call-overload]


@pytest.mark.parametrize(("what", "code"), [("leave", 3), ("fail", 1), ("complain", 1), ("die", -signal.SIGKILL)])
def test_an_end_is_told_as_of_any_process_and_its_last_words_are_in_the_log(
    starter: Starter, tmp_path: Path, what: str, code: int
) -> None:
    log = LogFile(tmp_path, "own")
    process = starter.start(program("own", f"{OWN}:{what}", environment=os.environ), log.descriptor)
    assert process.wait(PATIENCE) == code
    assert process.poll() == process.returncode == code
    assert {"leave": "", "fail": "ValueError: no kite", "complain": "no kite", "die": ""}[what] in log.path.read_text()


def test_one_that_goes_on_is_waited_for_as_long_as_was_said(starter: Starter, tmp_path: Path) -> None:
    process = starter.start(program("own", f"{OWN}:wait", environment=os.environ), LogFile(tmp_path, "own").descriptor)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.01)
    assert process.poll() is None
    os.killpg(process.pid, signal.SIGTERM)
    assert process.wait(PATIENCE) == -signal.SIGTERM


@pytest.mark.skipif(not can_fork(), reason="programs are started alone here")
def test_where_the_server_is_killed_what_it_forked_ends_and_both_are_started_again(tmp_path: Path) -> None:
    server = ForkServer(os.environ, LogFile(tmp_path, "starter"), modules=["json"])
    wait_until(server.is_ready)
    child = Child(program("own", f"{OWN}:wait", environment=os.environ), LogFile(tmp_path, "own"), server)
    wait_until(lambda: "waiting" in child.log_file.path.read_text())
    name = Path(f"/proc/{child.pid}/cmdline").read_bytes().rstrip(b"\0").decode()
    first, killed = child.pid, server.child.pid
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: not server.child.running)
    told = [found for _ in range(2) for found in (child.check(), server.child.check()) if found]
    wait_until(lambda: [child.check(), server.child.check()] and child.running and child.pid != first)
    assert sorted(crash.how for crash in told) == ["SIGKILL", "SIGTERM"]
    assert name == "newsletter: own"
    assert child.running
    wait_until(lambda: not is_at_work(first))
    assert not is_at_work(first)
    assert server.child.pid != killed
    stop([child, server.child], seconds=PATIENCE)
    assert child.wait(PATIENCE)
    server.close()


def test_a_program_that_there_is_not_ends_in_its_log(server: ForkServer, tmp_path: Path) -> None:
    log = LogFile(tmp_path, "own")
    assert server.start(program("own", "newsletter.no_such:main", environment=os.environ), log.descriptor).wait(PATIENCE) == 1
    assert "No module named 'newsletter.no_such'" in log.path.read_text()
    assert server.is_ready(), sys.version


class Full:
    """A starter without room for a process, but at first."""

    def __init__(self) -> None:
        self.asked = 0

    def is_ready(self) -> bool:
        return True

    def start(self, spec: ProcessSpec, log: int) -> Process:
        self.asked += 1
        if self.asked > 1:
            raise TemporaryError("own could not be started: Cannot allocate memory")
        return Alone().start(spec, log)


def test_a_machine_without_room_for_a_process_is_asked_again_later_and_ends_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    starter = Full()
    child = Child(program("own", f"{OWN}:die", environment=os.environ), LogFile(tmp_path, "own"), starter)
    wait_until(lambda: child.check() is not None)
    wait_until(lambda: [child.check()] and starter.asked > 1)
    assert child.check() is None
    assert starter.asked == 2
    assert "Cannot allocate memory" in capsys.readouterr().out
