"""Each command that a guide tells people to type is typed here, as it stands, on an installation with a reader."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from tests.cli.forked import Commands
from tests.run.processes import ROOT
from tests.services import SECRET

GUIDES = ("installing", "days", "privacy", "questions", "troubleshooting")
PEOPLE = "email,topics,language,timezone,hour,status\n" + "".join(
    f"{name}@example.org,3d;llm,en,UTC,0,confirmed\n" for name in ("reader", "never", "gone", "old")
)


def commands_of(guide: str) -> Iterator[tuple[str, ...]]:
    """What of the guide begins with `newsletter` in a block for a shell, or in a cell of a table, in words."""
    text = (ROOT / "docs" / f"{guide}.md").read_text(encoding="utf-8")
    lines = "".join(re.findall(r"```sh\n(.*?)```", text, re.S)).splitlines()
    cells = re.findall(r"`(newsletter [^`]+)`", "\n".join(line for line in text.splitlines() if line.startswith("| ")))
    for line in (*lines, *cells):
        words = tuple(shlex.split(line)[1:])
        # A name in capitals stands for something; the service itself is started elsewhere.
        if line.startswith("newsletter ") and words[0] != "run" and not any(word.isupper() for word in words):
            yield words


def test_each_command_of_the_guides_does_what_it_is_told_for(tmp_path: Path, commands: Commands, sqlite_template: Path) -> None:
    (tmp_path / "var").mkdir(mode=0o700)
    shutil.copy(sqlite_template, tmp_path / "var" / "newsletter.db")
    (tmp_path / "people.csv").write_text(PEOPLE)
    commands.run(tmp_path, "subscribers", "import", "people.csv", "--consent", "asked")
    typed = [list(commands_of(guide)) for guide in GUIDES]
    assert all(len(found) > 1 for found in typed)
    # Each once, however many guides name it; what ends a reader comes last.
    for words in sorted(dict.fromkeys(chain(*typed)), key=lambda one: "erase" in one):
        # For a login a person is asked on a terminal.
        asked = ("--password-stdin",) if words[:2] == ("admin", "create") else ()
        answer = commands.run(tmp_path, *words, *asked, text="horse stapler fjord pencil\n", SECRET_KEY=SECRET)
        # 1: something is amiss here, where nothing outside is reached; 3: mails are tried again; 2 would be a mistake of the guide.
        assert answer.returncode in (0, 1, 3), (words, answer.stderr)
        assert "Traceback" not in answer.stderr, (words, answer.stderr)
