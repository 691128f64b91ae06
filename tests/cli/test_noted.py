"""What somebody does by the shell is noted as what is done on the pages."""

from __future__ import annotations

import shutil
from pathlib import Path

from newsletter.cli import main
from newsletter.cli.noted import ACTS
from newsletter.db import connect
from newsletter.operating.operators import store
from tests.cli.forked import Commands

PEOPLE = "email,topics,language,timezone,hour,status\nreader@example.org,3d,en,UTC,0,confirmed\n"


def test_each_act_is_a_command() -> None:
    for act in ACTS:
        group, _, name = act.partition(" ")
        found = main.commands.get(group)
        assert found is not None, act
        assert not name or name in found.commands, act  # type: ignore[attr-defined]


def test_acts_of_the_shell_are_noted_and_what_failed_or_only_looked_is_not(
    tmp_path: Path, commands: Commands, sqlite_template: Path
) -> None:
    (tmp_path / "var").mkdir(mode=0o700)
    shutil.copy(sqlite_template, tmp_path / "var" / "newsletter.db")
    (tmp_path / "people.csv").write_text(PEOPLE)
    for words in (
        ("subscribers", "import", "people.csv", "--consent", "asked"),
        ("subscribers", "list"),
        ("pause",),
        ("subscribers", "pause", "Reader@example.org"),
        ("subscribers", "pause", "nobody@example.org"),
    ):
        commands.run(tmp_path, *words)
    database = connect(f"sqlite:///{tmp_path / 'var' / 'newsletter.db'}")
    with database.reading() as session:
        noted = store.acts(session, most=10)
    database.close()
    assert [act.what for act in noted] == ["newsletter subscribers pause", "newsletter pause", "newsletter subscribers import"]
    assert [bool(act.address_key) for act in noted] == [True, False, False]
    assert all("@" in act.who and "example.org" not in act.words for act in noted)
