"""Each command that a guide tells people to type is typed here, as it stands, on an installation with a reader."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest

from tests.cli.forked import Commands
from tests.run.processes import ROOT
from tests.services import SECRET

GUIDES = ("installing", "days", "privacy", "questions")
PEOPLE = "email,topics,language,timezone,hour,status\n" + "".join(
    f"{name}@example.org,3d;llm,en,UTC,0,confirmed\n" for name in ("reader", "never", "gone", "old")
)


def commands_of(guide: str) -> list[list[str]]:
    """The lines of its blocks for a shell that call `newsletter`, in words."""
    text = (ROOT / "docs" / f"{guide}.md").read_text(encoding="utf-8")
    lines = "".join(re.findall(r"```sh\n(.*?)```", text, re.S)).splitlines()
    return [shlex.split(line)[1:] for line in lines if line.startswith("newsletter ")]


@pytest.mark.parametrize("guide", GUIDES)
def test_each_command_of_a_guide_does_what_it_is_told_for(
    tmp_path: Path, commands: Commands, sqlite_template: Path, guide: str
) -> None:
    (tmp_path / "var").mkdir(mode=0o700)
    shutil.copy(sqlite_template, tmp_path / "var" / "newsletter.db")
    (tmp_path / "people.csv").write_text(PEOPLE)
    commands.run(tmp_path, "subscribers", "import", "people.csv", "--consent", "asked")
    typed = commands_of(guide)
    assert len(typed) > 1
    for words in typed:
        if words[:2] == ["admin", "create"]:
            # A person is asked for it on a terminal.
            words.append("--password-stdin")
        answer = commands.run(tmp_path, *words, text="a long enough password\n", SECRET_KEY=SECRET)
        # 1: something is amiss here, where nothing outside is reached; 3: mails are tried again; 2 would be a mistake of the guide.
        assert answer.returncode in (0, 1, 3), (words, answer.stderr)
        assert "Traceback" not in answer.stderr, (words, answer.stderr)
