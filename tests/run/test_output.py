"""What `newsletter run` shows: addresses and errors. What only readers of logs need is in files under DATA_DIR/log."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from newsletter.operating import runtime
from tests.cli.forked import Commands
from tests.run.processes import ROOT, Run, commands_of, processes_of, wait_until
from tests.run.terminal import CTRL_C, HIDE_CURSOR, SHOW_CURSOR, Terminal
from tests.waiting import PATIENCE

COLOUR = re.compile(r"\x1b\[(?:\d+;)*3\d")
COLOURS = re.compile(r"\x1b\[[\d;]*m")
LOGS = ["inbox", "redis", "run", "scheduler", "starter", "web", "worker-1", "worker-2"]


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of an arXiv that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=50) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/api/query"


def killed(run: Run, part: str) -> int:
    """Kills the one process of ``run`` with ``part`` in its command, and gives its number."""
    (victim,) = [pid for pid in run.left() if part in commands_of([pid])[0]]
    os.kill(victim, signal.SIGKILL)
    return victim


def test_without_a_terminal_there_are_plain_lines_and_a_process_that_dies_is_told_in_one_with_its_log(tmp_path: Path) -> None:
    with Run(tmp_path, FORCE_COLOR="", TERM="xterm-256color", WORKERS="2") as run:
        address = run.ready()
        wait_until(lambda: "bundled sample day" in run.output)
        wait_until(lambda: all("worker started" in run.logged(name) for name in ("worker-1", "worker-2")))
        assert "scheduler started" in run.logged("scheduler")
        victims = [killed(run, "newsletter: worker 1"), killed(run, "-server unixsocket:")]
        wait_until(lambda: run.logged("worker-1").count("worker started") == 2)
        assert run.logged("worker-1").count("worker started") == 2
        wait_until(lambda: runtime.redis_url(tmp_path / "var") and not set(victims) & set(run.left()))
        wait_until(
            lambda: len([c for c in commands_of(run.left()) if "newsletter: worker" in c or "-server unixsocket:" in c]) == 3
        )
        assert not set(victims) & set(run.left())
        assert run.end(signal.SIGTERM) == 0
    # On a slow machine a worker has looked by now, and tells that arXiv is away.
    shown = [line.split("   (")[0] for line in run.output.splitlines() if "alarm kind=fetch" not in line]
    ended = "ended (SIGKILL), and is started again"
    assert sorted(line for line in shown if "ended" in line) == [f"redis: {ended}", f"worker 1: {ended}"]
    assert "worker 1: ended (SIGKILL), and is started again   (log: var/log/worker-1.log)" in run.output.splitlines()
    assert [line for line in shown if "ended" not in line] == [
        f"Data:     {tmp_path / 'var'}",
        "",
        f"Ready.    Sign up:  {address}/",
        f"          Inbox:    {address}/inbox",
        f"          Admin:    {address}/admin",
        next(line for line in shown if line.startswith("          Set up:   http://")),
        next(line for line in shown if line.startswith("          Extra topic model: one mistake in twenty fewer")),
        "          Ctrl-C ends everything.",
        "arXiv cannot be reached: showing a bundled sample day (marked as such); arXiv is asked again soon",
    ]
    assert sorted(path.stem for path in (tmp_path / "var" / "log").iterdir()) == LOGS


def test_in_a_terminal_a_spinner_turns_while_it_fetches_and_ctrl_c_gives_the_cursor_back(tmp_path: Path, silent: str) -> None:
    with Terminal(tmp_path, ARXIV_API_URL=silent) as terminal:
        wait_until(lambda: terminal.shown.count("Fetching the first papers") > 3)
        assert terminal.shown.count("Fetching the first papers") > 3, terminal.shown
        assert COLOUR.search(terminal.shown)
        assert terminal.shown.rindex(HIDE_CURSOR) > terminal.shown.rindex(SHOW_CURSOR)
        terminal.press(CTRL_C)
        assert terminal.process.wait(PATIENCE) == 0
    assert terminal.shown.rindex(SHOW_CURSOR) > terminal.shown.rindex(HIDE_CURSOR)
    assert "Traceback" not in terminal.shown


SCREEN = """
from pathlib import Path
from newsletter.operating.screen import Screen

with Screen() as screen:
    screen.show(("Ready.", "bold green"))
    screen.spinner("Fetching")
    screen.turn_spinner()
    screen.show_error("worker", "ended", Path("worker.log"))
"""


@pytest.mark.parametrize(
    ("changes", "coloured", "spins"),
    [({}, True, True), ({"NO_COLOR": "1"}, False, True), ({"TERM": "dumb"}, False, False)],
    ids=["colours", "NO_COLOR", "dumb"],
)
def test_colours_and_a_spinner_are_for_a_terminal_that_has_them_and_wants_them(
    tmp_path: Path, changes: dict[str, str], coloured: bool, spins: bool
) -> None:
    with Terminal(tmp_path, command=[sys.executable, "-c", SCREEN], PYTHONPATH=str(ROOT), **changes) as terminal:
        assert terminal.process.wait(PATIENCE) == 0
        wait_until(lambda: "worker.log" in terminal.shown)
    assert "worker: ended" in COLOURS.sub("", terminal.shown)
    assert bool(COLOUR.search(terminal.shown)) is coloured
    assert (HIDE_CURSOR in terminal.shown) is spins


def test_each_trouble_is_shown_with_its_reason_and_its_log_and_not_without_end(tmp_path: Path, commands: Commands) -> None:
    """A process that dies at each start, one that logs an error, and a file that is not taken in, in one run."""
    (tmp_path / "in.csv").write_text("email,topics,language,timezone,hour,status\na@example.org,3d,en,UTC,7,confirmed\n")
    commands.run(tmp_path, "subscribers", "import", "in.csv", "--consent", "asked")
    with sqlite3.connect(tmp_path / "var" / "newsletter.db") as database:
        database.execute("UPDATE subscribers SET hour = 99")
    (tmp_path / "var" / "catalogue.yaml").write_text("topics: [")
    # Where the inbox would note its port stands a folder: it dies of that at each start.
    (tmp_path / "var" / "run" / "inbox.json").mkdir(parents=True)
    with Run(tmp_path) as run:
        wait_until(lambda: "scheduler: step failed" in run.output)
        wait_until(lambda: run.logged("scheduler").count("step failed") >= 2)
        assert run.logged("scheduler").count("step failed") >= 2
        wait_until(lambda: run.logged("run").count("process ended") >= 4)
        assert run.logged("run").count("process ended") >= 4
    first, again = [line for line in run.output.splitlines() if line.startswith("inbox")]
    assert re.fullmatch(
        r"inbox: ended \(exit code 1\), and is started again: IsADirectoryError: .* \(log: \S+/inbox\.log\)", first
    )
    assert "2 times in a row" in again
    assert "IsADirectoryError" in again
    (line,) = [line for line in run.output.splitlines() if "step failed" in line]
    assert line.startswith("scheduler: ")
    assert line.endswith("(log: var/log/scheduler.log)")
    (own,) = [line for line in run.output.splitlines() if "catalogue.yaml" in line]
    assert "was not taken into the database" in own, "and what ships is used"
    assert "Sign up:" in run.output


def test_in_json_every_line_of_trouble_is_an_object_and_a_folder_that_cannot_be_shown_ends_nothing(tmp_path: Path) -> None:
    strange, elsewhere = tmp_path / "données", f"sqlite:///{tmp_path}/other.db"
    changes = {"LOG_FORMAT": "json", "DATA_DIR": str(strange), "DATABASE_URL": elsewhere, "PYTHONIOENCODING": "ascii"}
    log = strange / "log" / "worker-1.log"
    with Run(tmp_path, **changes) as run:
        run.ready()
        wait_until(lambda: "worker started" in log.read_text())
        (victim,) = [pid for pid in processes_of(strange) if "newsletter: worker" in commands_of([pid])[0]]
        os.kill(victim, signal.SIGKILL)
        wait_until(lambda: "SIGKILL" in run.output)
        written = [json.loads(line) for line in log.read_text().splitlines()]
        assert {line["level"] for line in written if line["event"] != "alarm"} <= {"info", "warning"}
        assert run.end(signal.SIGTERM) == 0
    (trouble,) = [json.loads(line) for line in run.output.splitlines() if "SIGKILL" in line]
    assert (trouble["process"], trouble["level"], trouble["log"]) == ("worker 1", "error", str(log))
    first = run.output.splitlines()[0]
    assert first.startswith(f"Data:     {tmp_path}/donn\\xe9es   (")
    assert first.endswith(f"Database: {elsewhere}")


def test_a_log_that_cannot_be_written_is_refused_in_one_line_and_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / "var" / "log" / "worker-1.log").mkdir(parents=True)
    with Run(tmp_path) as run:
        assert run.process.wait(PATIENCE) == 2
        assert run.left() == []
    complaint = run.output.splitlines()[-1]
    assert re.fullmatch(r"newsletter: the log \S+/worker-1\.log cannot be written \(.*\): .*", complaint)
    assert "Traceback" not in run.output


def test_the_settings_are_refused_before_anything_is_told(commands: Commands, tmp_path: Path) -> None:
    answer = commands.run(tmp_path, "run", "--port", "0", DATABASE_URL="mysql://x")
    assert (answer.returncode, answer.stdout) == (2, "")
