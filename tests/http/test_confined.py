"""What strangers sent is read in a process that ends where it takes too much, and that holds no secret."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from newsletter.errors import InputError, TemporaryError
from newsletter.http import confined


def work(content: bytes, what: str, *, seconds: float = 60.0, cpu_seconds: int = 5) -> bytes:
    return confined.work("tests.http.greedy", content, [what], cpu_seconds=cpu_seconds, memory=300_000_000, seconds=seconds)


def test_it_gives_what_the_worker_makes_of_bytes_and_words() -> None:
    assert work(b"abc \xff", "nothing") == b"\xff cba"


@pytest.mark.parametrize("what", ["memory", "fault"])
def test_too_much_memory_and_a_fault_of_a_parser_end_in_one_sentence(what: str) -> None:
    with pytest.raises(InputError, match=r"^it takes too much time or memory to read: fill in the form by hand$"):
        work(b"", what)


def test_too_much_time_ends_it(tmp_path: Path) -> None:
    for limits in ({"cpu_seconds": 1}, {"seconds": 0.5}):
        with pytest.raises(InputError, match="too much time"):
            work(b"", "time", **limits)  # type: ignore[arg-type]


def test_a_refusal_is_told_as_the_worker_tells_it() -> None:
    with pytest.raises(InputError, match=r"^this is nothing that can be read$"):
        work(b"", "refusal")


def test_it_sees_nothing_of_our_environment_and_writes_no_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SECRET_KEY", "a secret")
    assert b"SECRET" not in work(b"", "environment")
    with pytest.raises(InputError):
        work(bytes(tmp_path / "file"), "file")
    assert not (tmp_path / "file").exists() or (tmp_path / "file").read_bytes() == b""


def test_no_more_of_them_run_at_once_than_the_machine_can_bear() -> None:
    for _ in range(confined.AT_ONCE):
        assert confined._free.acquire(blocking=False)
    try:
        with pytest.raises(TemporaryError, match="try again"):
            work(b"", "nothing", seconds=0.1)
        threading.Timer(0.2, confined._free.release).start()
        assert work(b"ab", "nothing") == b"ba"
    finally:
        for _ in range(confined.AT_ONCE - 1):
            confined._free.release()
