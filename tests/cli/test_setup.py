"""`newsletter setup`: from nothing to the first real mail, and again without asking."""

from __future__ import annotations

import email.header
import json
import shutil
from pathlib import Path

import pytest

from tests.cli.forked import Commands
from tests.smtp_sink import Sink

ANSWERS = """\
SITE_NAME=Ada's Morning
MAIL_FROM=Papers <papers@papers.test>
SUBSCRIBER=me@example.org
TOPICS=llm;nerf
OWNER=anna
OWNER_PASSWORD=a long enough passphrase
"""


@pytest.fixture
def folder(tmp_path: Path, sqlite_template: Path) -> Path:
    (tmp_path / "var").mkdir(mode=0o700)
    shutil.copy(sqlite_template, tmp_path / "var" / "newsletter.db")
    (tmp_path / ".env").write_text("# mine\nWORKERS=2\n")
    (tmp_path / "answers").write_text(ANSWERS)
    return tmp_path


def test_the_first_evening_ends_with_a_digest_and_a_second_one_asks_and_sends_nothing(folder: Path, commands: Commands) -> None:
    with Sink() as sink:
        words = ("setup", "--answers", "answers", "--answer", f"SMTP_URL={sink.url}")
        answer = commands.run(folder, *words)
        assert answer.returncode == 0, answer
        test, digest = (email.message_from_bytes(one.data) for one in sink.taken)
        assert "a test mail" in str(email.header.make_header(email.header.decode_header(test["Subject"])))
        assert all(mail["DKIM-Signature"] for mail in (test, digest))
        assert digest["List-Unsubscribe"]
        for shown in ("papers.test", "m1._domainkey.papers.test", "_dmarc.papers.test", "anna can log in", "sent at"):
            assert shown in answer.stdout, shown
        kept = (folder / ".env").read_text()
        assert kept.startswith("# mine\nWORKERS=2\n")
        assert "passphrase" not in kept
        assert (folder / ".env").stat().st_mode & 0o777 == 0o600
        again = commands.run(folder, "setup", "--no-input", "--no-mail", "--answer", "SUBSCRIBER=me@example.org")
        assert (again.returncode, len(sink.taken)) == (0, 2), again
        assert (folder / ".env").read_text() == kept
        assert "is here already" in again.stdout
    told = json.loads(commands.run(folder, "subscribers", "why", "me@example.org", "--json").stdout)
    assert told["why"] == "sent"


@pytest.mark.parametrize(
    ("answer", "named"),
    [
        ("MAIL_FROM=me@gmail.com", "gmail.com"),
        ("MAIL_FROM=papers@example.org", "example.org"),
        ("MAIL_FROM=no address", "MAIL_FROM"),
        ("SMTP_URL=mail.example.org", "SMTP_URL"),
        ("SMTP_URL=smtp://127.0.0.1:9", "SMTP_URL"),
        ("BASE_URL=papers", "BASE_URL"),
        ("TOPICS=kites", "kites"),
        ("TIMEZONE=Mars", "time zone"),
        ("HOUR=25", "hour"),
        ("SUBSCRIBER=nobody", "address"),
        ("OWNER=no such name!", "no such name!"),
    ],
)
def test_a_wrong_answer_is_told_in_one_line(folder: Path, commands: Commands, answer: str, named: str) -> None:
    quiet = () if answer.endswith(":9") else ("--no-mail",)
    said = commands.run(folder, "setup", "--answers", "answers", "--answer", answer, *quiet)
    assert said.returncode == 2, said
    assert named in said.stderr
    assert len(said.stderr.strip().splitlines()) == 1
    assert "Traceback" not in said.stderr


def test_what_has_no_answer_is_named_where_nobody_can_be_asked(folder: Path, commands: Commands) -> None:
    said = commands.run(folder, "setup", "--no-input")
    assert (said.returncode, "SUBSCRIBER is missing" in said.stderr or "MAIL_FROM" in said.stderr) == (2, True), said
