"""The record of what runs counts for as long as its process lives."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from newsletter.operating import runtime
from newsletter.settings import Settings, load


def settings_in(folder: Path, **environ: str) -> Settings:
    return load({"DATA_DIR": str(folder)} | environ)


def test_a_part_is_found_by_its_record(tmp_path: Path) -> None:
    runtime.record(tmp_path, runtime.INBOX, address="127.0.0.1:2525")
    assert runtime.inbox_port(tmp_path) == 2525
    runtime.forget(tmp_path, runtime.INBOX)
    assert runtime.inbox_port(tmp_path) is None


def test_the_record_of_an_ended_process_counts_for_nothing(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    runtime.record(tmp_path, runtime.REDIS, address="unix:///tmp/x.sock", pid=process.pid)
    assert runtime.redis_url(tmp_path) == "unix:///tmp/x.sock"
    process.communicate(b"\n")
    assert runtime.redis_url(tmp_path) == ""
    assert runtime.last_address_of(tmp_path, runtime.REDIS) == "unix:///tmp/x.sock"


def test_a_reused_process_id_is_told_from_the_one_recorded(tmp_path: Path) -> None:
    runtime.record(tmp_path, runtime.REDIS, address="unix:///tmp/x.sock")
    path = tmp_path / "run" / "redis.json"
    path.write_text(path.read_text().replace('"started": "', '"started": "9'))
    assert runtime.pid_of(tmp_path, runtime.REDIS) == 0


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"pid": "x"}', '{"pid": 1e99}', "\x00"])
def test_a_broken_record_is_no_record(tmp_path: Path, content: str) -> None:
    (runtime.run_folder(tmp_path) / "redis.json").write_text(content)
    assert runtime.redis_url(tmp_path) == ""


def test_the_record_can_be_read_by_its_owner_only(tmp_path: Path) -> None:
    runtime.record(tmp_path, runtime.WEB, address="http://127.0.0.1:8000")
    assert (tmp_path / "run").stat().st_mode & 0o077 == 0


def test_the_running_service_fills_in_what_is_not_set(tmp_path: Path) -> None:
    runtime.record(tmp_path, runtime.REDIS, address="unix:///tmp/x.sock", pid=os.getpid())
    runtime.record(tmp_path, runtime.WEB, address="http://127.0.0.1:8123")
    found = runtime.resolved(settings_in(tmp_path))
    assert (found.redis_url.get_secret_value(), found.base_url) == ("unix:///tmp/x.sock", "http://127.0.0.1:8123")


def test_what_is_set_stands_against_the_record(tmp_path: Path) -> None:
    runtime.record(tmp_path, runtime.REDIS, address="unix:///tmp/x.sock")
    runtime.record(tmp_path, runtime.WEB, address="http://127.0.0.1:8123")
    found = runtime.resolved(settings_in(tmp_path, REDIS_URL="redis://other:6379/0", BASE_URL="https://papers.example.org"))
    assert (found.redis_url.get_secret_value(), found.base_url) == ("redis://other:6379/0", "https://papers.example.org")


def test_a_wish_to_restart_is_heard_once(tmp_path: Path) -> None:
    assert not runtime.take_wish_to_restart(tmp_path)
    runtime.ask_for_restart(tmp_path)
    assert [runtime.take_wish_to_restart(tmp_path) for _ in range(2)] == [True, False]
