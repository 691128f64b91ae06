"""What is said of known holes is said of the packages that could be asked of only."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any

import pytest

TOLD: Any = runpy.run_path(str(Path(__file__).resolve().parents[1] / ".ci" / "audited"))["told"]
ASKED = {"name": "flask", "version": "3.1.3", "vulns": []}
SKIPPED = {"name": "redis", "skip_reason": "could not be asked"}
HOLE = {"name": "jinja2", "version": "3.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["3.1"]}]}


@pytest.mark.parametrize(
    ("packages", "code", "said"),
    [
        ([ASKED] * 4, 0, "0 known holes in the 4 of 4"),
        ([ASKED] * 4 + [SKIPPED] * 88, 0, "NOT CHECKED: 88 packages"),
        ([ASKED] * 4 + [SKIPPED] * 88, 0, "0 known holes in the 4 of 92"),
        ([SKIPPED] * 92, 0, "in the 0 of 92"),
        ([ASKED, HOLE], 1, "jinja2 3.0: PYSEC-1"),
    ],
)
def test_the_packages_that_could_not_be_asked_of_are_told(packages: list[object], code: int, said: str) -> None:
    lines, found = TOLD(json.dumps({"dependencies": packages}), "", 0)
    assert found == code
    assert said in "\n".join(lines)


@pytest.mark.parametrize("answer", ["", "{}", "no JSON", "[]"])
def test_no_answer_is_no_good_news(answer: str) -> None:
    lines, code = TOLD(answer, "the network broke off", 1)
    assert code == 0, "nor is it a hole"
    assert "NOT CHECKED" in lines[0]
