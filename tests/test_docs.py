"""The documents say what is true: settings, commands, files and links in them exist."""

from __future__ import annotations

import re
import subprocess
from functools import cache
from pathlib import Path

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
def test_each_newsletter_command_in_a_document_exists(document: Path) -> None:
    named = set(re.findall(r"newsletter ([a-z]+)(?=[` ]|$)", "\n".join(_code(document))))
    assert named <= set(main.commands)


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
