"""The documents say what is true: settings, commands, files and links in them exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from newsletter.cli import main
from newsletter.settings import EngineSettings, Publishing, Settings

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md")])


def variables_read() -> set[str]:
    """The variables that the settings and their sections are read from."""
    fields = [field for section in (Settings, EngineSettings, Publishing) for field in section.model_fields.values()]
    return {field.alias or "" for field in fields} - {"ENGINES", "PUBLISHING"}


def test_the_settings_table_names_each_variable_that_is_read_and_no_other() -> None:
    rows = [line for line in (ROOT / "docs" / "settings.md").read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    named = {name for row in rows for name in re.findall(r"`([A-Z_]{3,})`", row.split("|")[1])}
    assert named == variables_read()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_each_make_target_in_a_document_exists(document: Path) -> None:
    (line,) = re.findall(r"^TARGETS := (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
    targets = set(line.split())
    assert set(re.findall(r"`make ([a-z-]+)", document.read_text(encoding="utf-8"))) <= targets


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
