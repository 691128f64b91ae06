"""What commands print for scripts (`--json`) and for people: tables under their heads, days by name, nothing extra in a pipe."""

from __future__ import annotations

import datetime as dt
import io
import json
import shutil
from collections.abc import Iterator
from contextlib import redirect_stderr
from pathlib import Path

import click
import pytest

from newsletter.cli import main
from newsletter.cli.context import DATE, as_table, now, progress, steps, working
from tests.cli.forked import Commands

# What serves until it is ended, or asks a person question by question.
NOT_FOR_SCRIPTS = {"run", "worker", "scheduler", "inbox", "bounces serve", "setup"}
PEOPLE = "email,topics,language,timezone,hour,status\nreader@example.org,3d,en,UTC,0,confirmed\n"


def commands_below(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if not isinstance(command, click.Group) or command.invoke_without_command:
            yield " ".join((*path, name)), command
        if isinstance(command, click.Group):
            yield from commands_below(command, (*path, name))


def test_each_command_takes_json_and_each_day_may_be_yesterday() -> None:
    for path, command in commands_below(main):
        takes = any("--json" in option.opts for option in command.params)
        assert takes is (path not in NOT_FOR_SCRIPTS), path
        for option in command.params:
            days = {"--date", "--since", "--until"} & set(option.opts)
            assert not days or option.type is DATE, (path, days)


@pytest.mark.parametrize(("typed", "ago"), [("today", 0), ("yesterday", 1), (" Yesterday", 1), ("TODAY", 0)])
def test_a_day_has_a_name(typed: str, ago: int) -> None:
    assert DATE.convert(typed, None, None) == now().date() - dt.timedelta(days=ago)


@pytest.mark.parametrize("typed", ["tomorrow", "yester day", "1", ""])
def test_other_words_are_no_day(typed: str) -> None:
    with pytest.raises(click.BadParameter):
        DATE.convert(typed, None, None)


def test_columns_stand_below_each_other_whatever_the_script() -> None:
    table = as_table(("name", "n", "more"), [("论文", "1", "x"), ("abcde", "22", "")])
    assert table.splitlines() == ["name   n   more", "论文   1   x", "abcde  22"]


def test_a_pipe_sees_no_progress(capsys: pytest.CaptureFixture[str]) -> None:
    with progress("counting") as tell, working("thinking"):
        tell(1, 2)
        tell(2, 0)
    assert capsys.readouterr() == ("", "")


class Terminal(io.StringIO):
    """A screen that somebody looks at."""

    def isatty(self) -> bool:
        return True


def test_a_screen_sees_which_step_is_at_work_and_how_far_it_is_but_beside_json_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    with redirect_stderr(Terminal()) as screen, steps("fetching") as tell:
        tell("reading arXiv", 7, 40)
    assert "reading arXiv" in screen.getvalue()
    assert "7/40" in screen.getvalue()
    with redirect_stderr(Terminal()) as screen, steps("fetching", shown=False) as tell:
        tell("reading arXiv", 7, 40)
    assert screen.getvalue() == ""


def test_what_a_command_did_is_told_for_scripts(tmp_path: Path, commands: Commands, sqlite_template: Path) -> None:
    (tmp_path / "var").mkdir(mode=0o700)
    shutil.copy(sqlite_template, tmp_path / "var" / "newsletter.db")
    (tmp_path / "people.csv").write_text(PEOPLE)

    def said(*words: str, **expected: object) -> object:
        answer = commands.run(tmp_path, *words, "--json")
        assert answer.returncode == 0, (words, answer.stderr)
        told = json.loads(answer.stdout)
        assert expected.items() <= (told.items() if isinstance(told, dict) else set()), (words, told)
        return told

    said("seed", "--readers", "3", "--mails", "9", readers=3, mails=9, paused=True)
    assert commands.run(tmp_path, "seed").returncode == 2
    said("subscribers", "import", "people.csv", "--consent", "asked", added=1, dry_run=False, refused=[])
    assert said("admin", "list") == []
    assert said("glossary", "history", "de") == []
    said("pause", paused=True)
    said("backup", "kept.zip", file="kept.zip")
    said("resume", paused=False)
    said("subscribers", "list", "--count", count=4)
    said("deliveries", "resend", "--state", "failed", "--date", "yesterday", queued=0)
    said("subscribers", "erase", "reader@example.org", erased=True)
