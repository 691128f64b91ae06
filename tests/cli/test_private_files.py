"""What commands write of people is read by nobody else, and takes the place of an old file only when it is whole."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from newsletter.cli.private_files import write_private
from newsletter.subscribers.import_export.csv_rows import quoted, unquoted


def test_a_file_is_its_owners_also_where_an_open_one_or_an_open_draft_was_there(tmp_path: Path) -> None:
    file, draft = tmp_path / "people.csv", tmp_path / ".people.csv.draft"
    for path in (file, draft):
        path.write_text("old")
        path.chmod(0o666)
    before = os.umask(0)
    try:
        write_private(file, ["a", "b"])
    finally:
        os.umask(before)
    assert (file.read_text(), file.stat().st_mode & 0o777, draft.exists()) == ("ab", 0o600, False)


def test_a_link_stays_one_and_a_pipe_is_written_to(tmp_path: Path) -> None:
    link, pipe, read = tmp_path / "link", tmp_path / "pipe", []
    link.symlink_to(tmp_path / "there")
    write_private(link, ["a"])
    assert (link.is_symlink(), (tmp_path / "there").read_text()) == (True, "a")
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()))
    reader.start()
    write_private(pipe, ["b"])
    reader.join()
    assert (read, pipe.is_fifo()) == (["b"], True)


def test_a_draft_that_cannot_be_written_leaves_the_old_file(tmp_path: Path) -> None:
    def breaking() -> object:
        yield "half"
        raise OSError(28, "no space left")

    file = tmp_path / "people.csv"
    file.write_text("old")
    with pytest.raises(OSError, match="no space"):
        write_private(file, breaking())  # type: ignore[arg-type]
    assert [path.name for path in tmp_path.iterdir()] == ["people.csv"]
    assert file.read_text() == "old"


# https://owasp.org/www-community/attacks/CSV_Injection; the wide ones count where a spreadsheet is Japanese.
@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠", "'"])
def test_no_sign_at_the_beginning_of_a_cell_makes_a_formula(sign: str) -> None:
    for cell in (f"{sign}1+1", f"{sign}{sign}x", sign):
        assert quoted(cell) == f"'{cell}"
        assert unquoted(quoted(cell)) == cell
    assert quoted(f"x{sign}1") == f"x{sign}1"
