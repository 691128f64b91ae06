"""Packages that are extras: what needs one that is not installed says so in a line, and all else works."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.run.processes import environment
from tests.waiting import PATIENCE

WITHOUT = "import sys; sys.modules.update(dict.fromkeys(('openai', 'psycopg', 'PIL'))); "


def without_extras(folder: Path, code: str, **changes: str) -> subprocess.CompletedProcess[str]:
    """``code`` in a Python that finds no extra."""
    command = [sys.executable, "-c", WITHOUT + code]
    environ = environment(folder, **changes)
    return subprocess.run(command, env=environ, cwd=folder, capture_output=True, text=True, timeout=PATIENCE, check=False)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"DATABASE_URL": "postgresql://u:p@127.0.0.1:9/x"}, ("DATABASE_URL", "newsletter[postgresql]")),
        ({"TRANSLATORS": "openai", "OPENAI_API_KEY": "k"}, ("TRANSLATORS", "newsletter[chat]")),
    ],
)
def test_a_setting_that_asks_for_an_extra_is_refused_with_what_to_install(
    tmp_path: Path, changes: dict[str, str], words: tuple[str, ...]
) -> None:
    code = "from newsletter.cli import main; sys.argv[1:] = ['translate']; main()"
    answer = without_extras(tmp_path, code, **changes)
    assert answer.returncode == 2, answer.stderr
    assert answer.stderr.count("\n") == 1, answer.stderr
    assert all(word in answer.stderr for word in words)


def test_pictures_are_passed_over_with_a_warning(tmp_path: Path) -> None:
    code = (
        "from pathlib import Path; from newsletter.collection.pictures import Pictures; "
        "print(Pictures(Path('kept'), None).keep(['http://example.org/a.png'], seconds=9))"
    )
    answer = without_extras(tmp_path, code)
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.splitlines()[-1] == "0"
    assert "newsletter[pictures]" in answer.stdout + answer.stderr
    assert not (tmp_path / "kept").exists()


def test_all_else_needs_no_extra(tmp_path: Path) -> None:
    modules = (
        "newsletter.web, newsletter.web.public.collection, newsletter.web.editors.editing, newsletter.jobs, newsletter.scheduler"
    )
    code = f"import {modules}; from newsletter.cli import main; sys.argv[1:] = ['migrate']; main()"
    answer = without_extras(tmp_path, code)
    assert answer.returncode == 0, answer.stderr
