"""`newsletter doctor` as an operator runs it: whatever is broken, every check is made, and the exit code says whether mail stops."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.forked import Commands
from tests.smtp_sink import Sink

CHECKS = {"settings", "redis", "keys", "mail", "pages", "arxiv"}


def doctor(commands: Commands, folder: Path, *words: str, **environ: str) -> tuple[int, list[dict[str, Any]]]:
    said = commands.run(folder, "doctor", "--json", *words, TRANSLATORS="none", **environ)
    assert "Traceback" not in said.stderr, said.stderr
    return said.returncode, json.loads(said.stdout)


@pytest.mark.parametrize("trouble", ["away", "no database", "not migrated"])
def test_a_database_in_trouble_leaves_the_other_checks(commands: Commands, tmp_path: Path, trouble: str) -> None:
    (tmp_path / "broken.db").write_text("this is no database, and it is long enough to be read as a header of one" * 20)
    urls = {
        "away": "postgresql://nobody@127.0.0.1:1/none",
        "no database": f"sqlite:///{tmp_path}/broken.db",
        "not migrated": f"sqlite:///{tmp_path}/new.db",
    }
    code, found = doctor(commands, tmp_path, DATABASE_URL=urls[trouble])
    assert code == 1
    assert {finding["what"] for finding in found} >= CHECKS
    assert {finding["level"] for finding in found} <= {"ok", "warning", "failure"}
    [database] = [finding for finding in found if finding["what"] == "database"]
    assert database["level"] == "failure"
    assert [finding for finding in found if "Error)" in finding["words"] and finding["what"] != "database"] == []


def test_a_test_mail_goes_to_each_server_and_its_reply_is_told(commands: Commands, tmp_path: Path, sqlite_url: str) -> None:
    with Sink() as sink:
        _, found = doctor(
            commands,
            tmp_path,
            "--send-test",
            "me@example.org",
            DATABASE_URL=sqlite_url,
            SMTP_URL=sink.url,
            MAIL_FROM="a@localhost",
        )
        [test] = [finding for finding in found if finding["what"] == "test mail"]
        assert (test["level"], "250" in test["words"]) == ("ok", True)
        assert len(sink.taken) == 1
        settings = {"DATABASE_URL": sqlite_url, "SMTP_URL": sink.url, "MAIL_FROM": "a@localhost"}
        assert "taken by" in commands.run(tmp_path, "mail", "test", "me@example.org", **settings).stdout
        assert len(sink.taken) == 2


def test_a_mistyped_address_for_the_test_mail_is_told_in_one_line(commands: Commands, tmp_path: Path, sqlite_url: str) -> None:
    said = commands.run(tmp_path, "mail", "test", "nobody", DATABASE_URL=sqlite_url, TRANSLATORS="none")
    assert said.returncode == 2
    assert "Traceback" not in said.stderr
