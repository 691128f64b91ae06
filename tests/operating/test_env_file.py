"""The file `.env`: one setting written, everything else left, and nobody else can read it."""

from __future__ import annotations

from pathlib import Path

import pytest

from newsletter.errors import InputError
from newsletter.operating import env_file
from newsletter.settings import load


def test_a_setting_is_put_in_or_replaced_and_all_else_stays(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("# ours\nWORKERS=2   # two are enough\nSITE_NAME=Old\n\nexport LOG_FORMAT=json\n")
    path.chmod(0o644)
    env_file.write(path, "SITE_NAME", 'Ada\'s "Morning" \\ 早报 #1')
    env_file.write(path, "SMTP_URL", "smtp://me:p%40ss@mail.example.net:587")
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[:2] == ["# ours", "WORKERS=2   # two are enough"]
    assert "export LOG_FORMAT=json" in lines
    assert path.stat().st_mode & 0o777 == 0o600
    found = load({"DATA_DIR": str(tmp_path / "var")}, dotenv=path)
    assert (found.site_name, found.workers, found.log_format) == ('Ada\'s "Morning" \\ 早报 #1', 2, "json")
    assert found.smtp_servers[0].host == "mail.example.net"


@pytest.mark.parametrize("value", ["a${HOME}b", "two\nlines"])
def test_what_would_be_read_as_something_else_is_refused_and_changes_nothing(tmp_path: Path, value: str) -> None:
    path = tmp_path / ".env"
    path.write_text("SITE_NAME=Old\n")
    with pytest.raises(InputError, match="SITE_NAME"):
        env_file.write(path, "SITE_NAME", value)
    assert path.read_text() == "SITE_NAME=Old\n"


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / ".env").mkdir()
    with pytest.raises(InputError, match=r"\.env"):
        env_file.write(tmp_path / ".env", "SITE_NAME", "x")
