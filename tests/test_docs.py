"""The documents say what is true: settings, commands, files and links in them exist."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest

from newsletter.cli import main
from newsletter.settings import AlarmSettings, EngineSettings, Publishing, Retention, Settings

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md")])


def variables_read() -> set[str]:
    """The variables that the settings and their sections are read from."""
    sections = (Settings, AlarmSettings, EngineSettings, Publishing, Retention)
    fields = [field for section in sections for field in section.model_fields.values()]
    return {field.alias or "" for field in fields} - {"ALARMS", "ENGINES", "PUBLISHING", "RETENTION"}


def variables_told_of() -> set[str]:
    """The variables that stand in the table of settings."""
    rows = [line for line in (ROOT / "docs" / "settings.md").read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    return {name for row in rows for name in re.findall(r"`([A-Z_]{3,})`", row.split("|")[1])}


def test_the_settings_table_names_each_variable_that_is_read_and_no_other() -> None:
    assert variables_told_of() == variables_read()


@cache
def make_targets() -> set[str]:
    """What `make help` lists."""
    listed = subprocess.run(["make", "--no-print-directory", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    return {line.split()[0] for line in listed.stdout.splitlines()}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_each_make_target_in_a_document_exists(document: Path) -> None:
    assert set(re.findall(r"`make ([a-z-]+)", document.read_text(encoding="utf-8"))) <= make_targets()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_each_newsletter_command_in_a_document_exists_with_its_options(document: Path) -> None:
    wrong = [(words, why) for words in _commands(document) if (why := _not_understood(words))]
    assert wrong == []


def test_every_command_stands_in_a_document() -> None:
    texts = "\n\n".join(path.read_text(encoding="utf-8") for path in DOCUMENTS if path.name != "CHANGELOG.md")
    lines = ["", *texts.splitlines(), ""]
    around = ["\n".join(lines[at - 1 : at + 2]) for at in range(1, len(lines) - 1)]
    assert [" ".join(path) for path in _leaves(main) if not _is_told(path, texts, around)] == []


def _leaves(group: click.Group, *before: str) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from _leaves(command, *before, name)
        elif not command.hidden:
            yield (*before, name)


def _is_told(path: tuple[str, ...], texts: str, around: list[str]) -> bool:
    """True where the whole command stands there, or beside another of its group the last words of it ("likewise `export`").

    ``around`` has each line with the one before it and the one behind.
    """
    if re.search(rf"\bnewsletter {' '.join(path)}\b", texts):
        return True
    last = "|".join(" ".join(path[at:]) for at in range(1, len(path)))
    beside = [lines for lines in around if path[0] in lines] if last else []
    return any(re.search(rf"`(?:{last})\b", lines) and re.search(rf"\b{path[0]}\b", lines) for lines in beside)


def _commands(document: Path) -> Iterator[list[str]]:
    """What stands after `newsletter` in code, in words, up to what is said about it."""
    for line in "\n".join(_code(document)).splitlines():
        if found := re.search(r"(?:^|bin/|web |then: |; )newsletter ([a-z].*)", line):
            yield re.split(r"\s+#|\s*[;|&<>(]|…", found[1])[0].split()


def _not_understood(words: list[str]) -> str:
    """The first of ``words`` that is no command or option, "" where all are understood."""
    command: click.Command = main
    for before, word in zip(["", *words], words, strict=False):
        if before.startswith("--"):
            continue  # its value
        name = word.strip("[].,").partition("=")[0]
        if isinstance(command, click.Group) and not name.startswith("-"):
            # "a/b" stands for either.
            found = [command.commands.get(part) for part in name.split("/")]
            if None in found:
                return word
            command = found[0] or command
        elif name.startswith("--") and name not in {option for one in command.params for option in one.opts} | {
            "--help",
            "--version",
        }:
            return word
    return ""


def test_each_guide_stands_in_the_index() -> None:
    """docs/README.md leads to every document, so that nobody has to know its name."""
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    assert [path.name for path in (ROOT / "docs").glob("*.md") if f"({path.name}" not in index and path.name != "README.md"] == []


def test_the_first_page_is_short_and_begins_with_what_it_is() -> None:
    """Of the README a screen of text stands before where next: https://www.makeareadme.com asks for what, how, and no more."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    before = text.partition("## Where next")[0]
    assert before.count("\n") <= 60
    assert "make run" in before
    assert re.search(r"docs/pictures/\w+\.png", before)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_each_link_to_a_file_leads_somewhere(document: Path) -> None:
    words = re.sub(r"```.*?```|`[^`\n]+`", "", document.read_text(encoding="utf-8"), flags=re.S)
    links = re.findall(r"\]\((?!https?://|#|mailto:)([^)#]+)", words)
    assert [link for link in links if not (document.parent / link).exists()] == []


def _code(document: Path) -> list[str]:
    """What stands in backticks or fenced blocks."""
    text = document.read_text(encoding="utf-8")
    fenced = re.findall(r"```[a-z]*\n(.*?)```", text, re.S)
    return [*fenced, *re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.S))]
