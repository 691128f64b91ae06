"""`newsletter run` in a real process: it starts everything, keeps it running, and leaves nothing behind."""

from __future__ import annotations

import os
import re
import shutil
import signal
import smtplib
import socket
import stat
from email.message import EmailMessage
from pathlib import Path

import pytest
from redis import Redis

from newsletter.mail.inbox import messages
from newsletter.operating import runtime
from newsletter.operating.supervisor import queues_of
from tests.cli.forked import Commands
from tests.run.processes import Run, commands_of, get
from tests.waiting import wait_until

REDIS = "-server unixsocket:"  # as Redis and Valkey call their process
CHILDREN = [
    REDIS,
    "newsletter.operating.fork_server",
    "newsletter: inbox",
    "newsletter: web",
    "newsletter: worker 1",
    "newsletter: worker 2",
    "newsletter: scheduler",
]


def socket_folder(data_dir: Path) -> Path:
    return Path(runtime.redis_url(data_dir).removeprefix("unix://")).parent


def test_everything_runs_and_ends_without_a_trace_and_later_starts_keep_everything(commands: Commands, tmp_path: Path) -> None:
    """One service through three starts, because each takes ten seconds of a processor."""
    data_dir = tmp_path / "var"
    with Run(tmp_path, WORKERS="2") as run:
        address = starts_anew_with_what_was_answered(run)
        assert get(f"{address}/readyz")[0] == 200
        assert get(f"{address}/")[0] == 200
        wait_until(lambda: all(any(part in command for command in commands_of(run.left())) for part in CHILDREN))
        assert [part for part in CHILDREN if not any(part in command for command in commands_of(run.left()))] == []
        folder = socket_folder(data_dir)
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        wait_until(lambda: runtime.inbox_port(data_dir))
        mail = EmailMessage()
        mail["Subject"], mail["From"], mail["To"] = "kept over a restart", "a@example.org", "b@example.org"
        with smtplib.SMTP("127.0.0.1", runtime.inbox_port(data_dir) or 0) as client:
            client.send_message(mail)
        assert "kept over a restart" in get(f"{address}/inbox")[1]
        second = commands.run(tmp_path, "run", "--port", "0")
        assert second.returncode == 2
        assert one_line(second.stderr).startswith("newsletter: another `newsletter run` is at work on DATA_DIR")
        assert run.end(signal.SIGTERM) == 0
        assert run.left() == []
        assert not folder.exists()
        assert runtime.redis_url(data_dir) == ""
    aside = redis_broken(data_dir)
    with Run(tmp_path) as run:
        assert "kept over a restart" in get(f"{run.ready()}/inbox")[1]
        assert run.output.count("set aside") == 1
        assert str(aside) in run.output
        assert aside.read_text() == "a file in place of the folder"
        killed_with_jobs_in_redis(run, data_dir)
    with Run(tmp_path) as run:
        run.ready()
        assert "set aside" not in run.output
        with Redis.from_url(runtime.redis_url(data_dir)) as client:
            assert client.lrange("waiting", 0, -1) == [b"a", b"b"]
        daily_hands_the_sending_to_the_workers(run, commands, tmp_path)
        assert run.end(signal.SIGINT) == 0
        assert run.left() == []


def starts_anew_with_what_was_answered(run: Run) -> str:
    """What the page of the first evening asks for, at once, while only the pages have started; gives their address."""
    address = run.ready()
    (run.folder / ".env").write_text("SITE_NAME=Kites of the morning\n")
    runtime.ask_for_restart(run.data_dir)
    wait_until(lambda: run.output.count("Sign up:") == 2 or run.process.poll() is not None)
    setup = re.findall(rf"{address}/setup/\S+", run.output)
    assert (len(setup), len(set(setup))) == (2, 1), "the page that was open goes on at its address"
    assert "Kites of the morning" in get(f"{address}/")[1]
    return address


def killed_with_jobs_in_redis(run: Run, data_dir: Path) -> None:
    """Kills the supervisor while Redis holds something; no process of it is left."""
    with Redis.from_url(runtime.redis_url(data_dir)) as client:
        client.rpush("waiting", "a", "b")
        client.execute_command("WAITAOF", 1, 0, 5000) if client.info()["redis_version"] >= "7.2" else None
    run.end(signal.SIGKILL)
    wait_until(lambda: not run.left())
    assert commands_of(run.left()) == []


def redis_broken(data_dir: Path) -> Path:
    """Puts a file in the place of Redis' folder; gives where it will be set aside (kinds: operating/test_embedded_redis.py)."""
    kept, aside = data_dir / "redis", data_dir / "redis-set-aside"
    shutil.rmtree(kept)
    kept.write_text("a file in place of the folder")
    aside.mkdir()
    (aside / "of an earlier time").write_text("")
    return aside


def daily_hands_the_sending_to_the_workers(run: Run, commands: Commands, folder: Path) -> None:
    rows = [f"reader{number}@example.org,3d;llm,en,UTC,0,confirmed" for number in range(12)]
    (folder / "in.csv").write_text("\n".join(["email,topics,language,timezone,hour,status", *rows, ""]))
    wait_until(lambda: "bundled sample day" in run.output)
    before = len(messages(folder / "var" / "inbox"))
    for words in (["pause"], ["subscribers", "import", "in.csv", "--consent", "asked"], ["resume"], ["daily"]):
        assert commands.run(folder, *words).returncode == 0
    assert len(messages(folder / "var" / "inbox")) == before + 12
    wait_until(lambda: "drained" in run.logged("worker-1"))
    assert "drained" in run.logged("worker-1"), "the workers did not send"


def one_line(text: str) -> str:
    assert text.count("\n") == 1, text
    return text


def test_a_port_in_use_is_refused_in_one_line(commands: Commands, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        answer = commands.run(tmp_path, "run", "--port", port)
    assert answer.returncode == 2
    assert f"port {port} of 127.0.0.1 is in use" in one_line(answer.stderr)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"DATA_DIR": "/proc/nowhere"}, "DATA_DIR"),
        ({"WORKERS": "none"}, "WORKERS"),
        ({"SMTP_URL": "mail.example.org"}, "SMTP_URL"),
        ({"DATABASE_URL": "mysql://x"}, "DATABASE_URL"),
        ({"DATABASE_URL": "sqlite:////proc/nowhere/x.db"}, "DATABASE_URL"),
        ({"DATABASE_URL": "postgresql://u:secret-word@127.0.0.1:9/x"}, "DATABASE_URL"),
        ({"REDIS_URL": "redis://:secret-word@127.0.0.1:9/0"}, "REDIS_URL"),
        ({"REDIS_URL": "unix:///nowhere?db=x"}, "REDIS_URL"),
        ({"ARXIV_API_URL": "https://export.arxiv.org/api/query"}, "ARXIV_DELAY_SECONDS"),
    ],
    ids=lambda value: next(iter(value.values())) if isinstance(value, dict) else value,
)
def test_a_wrong_setting_is_refused_in_one_line_that_names_it(
    commands: Commands, tmp_path: Path, changes: dict[str, str], named: str
) -> None:
    answer = commands.run(tmp_path, "run", "--port", "0", **changes)
    assert answer.returncode == 2
    assert named in one_line(answer.stderr)
    assert "secret-word" not in answer.stderr


def test_a_file_in_place_of_the_folder_is_refused_in_one_line(commands: Commands, tmp_path: Path) -> None:
    (tmp_path / "var").write_text("")
    answer = commands.run(tmp_path, "run", "--port", "0")
    assert answer.returncode == 2
    assert "DATA_DIR" in one_line(answer.stderr)


def test_a_signing_key_that_is_none_is_refused_in_one_line(commands: Commands, tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    path.write_bytes(os.urandom(300))
    answer = commands.run(tmp_path, "run", "--port", "0", DKIM_DOMAIN="example.org", DKIM_SELECTOR="s1", DKIM_KEY_FILE=str(path))
    assert answer.returncode == 2
    assert "DKIM_KEY_FILE" in one_line(answer.stderr)


@pytest.mark.parametrize(
    ("host", "port"), [("no.such.host.invalid", "0"), ("x" * 300, "0"), ("192.0.2.1", "0"), ("127.0.0.1", "99999")]
)
def test_an_address_that_cannot_be_is_refused(commands: Commands, tmp_path: Path, host: str, port: str) -> None:
    answer = commands.run(tmp_path, "run", "--host", host, "--port", port)
    assert answer.returncode == 2
    assert "--host" in answer.stderr or "--port" in answer.stderr


def test_a_redis_that_cannot_start_on_a_new_folder_either_ends_in_one_line(commands: Commands, tmp_path: Path) -> None:
    fake = tmp_path / "bin" / "redis-server"
    fake.parent.mkdir()
    fake.write_text('#!/bin/sh\n[ "$1" = --version ]\n')
    fake.chmod(0o755)
    answer = commands.run(tmp_path, "run", "--port", "0", PATH=f"{fake.parent}:{os.environ['PATH']}")
    assert answer.returncode == 1
    assert "the embedded Redis did not start: see the end of" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_lone_worker_does_everything_and_the_first_of_several_only_sends() -> None:
    assert queues_of(1, 1) == ["mail", "papers"]
    assert [queues_of(number, 3) for number in (1, 2, 3)] == [["mail"], ["papers", "mail"], ["papers", "mail"]]
