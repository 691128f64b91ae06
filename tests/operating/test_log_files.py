"""Log files: what is written is looked through once, lines in the making are waited for, and no file grows without end."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from newsletter.errors import SettingsError
from newsletter.operating import log_files
from newsletter.operating.log_files import LogFile

ERROR = "2026-11-29T23:21:02Z [error    ] step failed"
INFO = "2026-11-29T23:21:02Z [info     ] drained"


@pytest.fixture
def log(tmp_path: Path) -> Iterator[LogFile]:
    log = LogFile(tmp_path, "worker 1")
    yield log
    log.close()


def write(log: LogFile, text: str) -> None:
    os.write(log.descriptor, text.encode())


def test_an_error_is_told_once(log: LogFile) -> None:
    write(log, f"{ERROR}\n{INFO}\n")
    assert log.errors() == ["step failed"]
    assert log.errors() == []


def test_lines_that_are_still_coming_are_waited_for(log: LogFile) -> None:
    write(log, f"{ERROR}\nTraceback (most recent call last):\n  File")
    assert log.errors() == []
    write(log, " x\nKeyError: 1\n")
    assert log.errors() == []
    assert log.errors() == ["step failed: KeyError: 1"]


def test_what_an_ended_process_said_is_told_at_once(log: LogFile) -> None:
    write(log, "killed by the kernel\n")
    assert log.errors(ended=True) == ["killed by the kernel"]


def test_why_a_process_ended_is_known_also_where_it_took_its_time_to_end(log: LogFile) -> None:
    write(log, "Traceback (most recent call last):\n  File x\nKeyError: 1\n")
    assert log.errors() == []
    assert log.errors() == ["KeyError: 1"]
    assert log.errors() == []
    assert log.errors(ended=True) == ["KeyError: 1"]
    log.renew()
    assert log.errors(ended=True) == [], "a new process, which said nothing"


def test_an_error_that_it_went_on_after_is_not_why_it_ended(log: LogFile) -> None:
    write(log, f"{ERROR}\n{INFO}\n")
    assert log.errors() == ["step failed"]
    write(log, f"{INFO}\n")
    assert log.errors() == []
    assert log.errors(ended=True) == []


def test_what_stood_there_before_is_not_told_again(tmp_path: Path, log: LogFile) -> None:
    write(log, f"{ERROR}\n")
    again = LogFile(tmp_path, "worker 1")
    assert again.errors(ended=True) == []
    again.close()


def test_a_file_that_grew_too_large_is_put_aside_whole_and_its_end_still_looked_at(log: LogFile) -> None:
    many = log_files.MOST_BYTES // len(INFO)
    for _ in range(2):
        write(log, f"{INFO}\n" * many + f"{ERROR}\n")
        assert log.errors() in ([], ["step failed"])
        assert log.path.stat().st_size == 0
    assert log.errors() == ["step failed"]
    aside = log.path.with_name("worker-1.log.1")
    assert aside.read_text() == f"{INFO}\n" * many + f"{ERROR}\n"
    assert sorted(log.path.parent.iterdir()) == [log.path, aside]
    write(log, f"{INFO}\n")
    assert log.path.read_text() == f"{INFO}\n"


def test_a_line_without_end_is_cut_and_not_kept(log: LogFile) -> None:
    for _ in range(3):
        write(log, "x" * log_files.MOST_READ)
        assert log.errors() == []
    write(log, f"\n{ERROR}\n")
    assert log.errors(ended=True) == ["step failed"]


def test_a_file_emptied_by_somebody_is_read_from_its_beginning(log: LogFile) -> None:
    write(log, f"{INFO}\n" * 10)
    log.errors()
    os.truncate(log.path, 0)
    write(log, f"{ERROR}\n")
    assert log.errors(ended=True) == ["step failed"]


def test_a_folder_taken_away_is_made_again_at_the_next_start(log: LogFile) -> None:
    shutil.rmtree(log.path.parent)
    write(log, f"{ERROR}\n")
    assert log.errors(ended=True) == ["step failed"]
    log.renew()
    write(log, f"{INFO}\n")
    assert log.path.read_text() == f"{INFO}\n"


def test_a_folder_that_cannot_be_made_again_ends_nothing(log: LogFile) -> None:
    shutil.rmtree(log.path.parent)
    log.path.parent.write_text("a file in its place")
    log.renew()
    write(log, f"{ERROR}\n")
    assert log.errors(ended=True) == ["step failed"]


def test_only_this_user_may_read_it(log: LogFile) -> None:
    assert log.path.stat().st_mode & 0o077 == 0
    assert log.path.parent.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("in_the_way", ["log", "log/worker-1.log"])
def test_one_that_cannot_be_written_is_refused_in_one_line(tmp_path: Path, in_the_way: str) -> None:
    if in_the_way == "log":
        (tmp_path / "log").write_text("")
    else:
        (tmp_path / in_the_way).mkdir(parents=True)
    with pytest.raises(SettingsError, match=r"^the log .*worker-1\.log cannot be written \(.*\): .*DATA_DIR"):
        LogFile(tmp_path, "worker 1")
