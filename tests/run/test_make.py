"""`make` tells its targets, and says in one line what a machine lacks."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.run.processes import ROOT


def test_each_target_is_listed_with_what_it_does() -> None:
    listed = subprocess.run(["make", "--no-print-directory", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (phony,) = re.findall(r"^\.PHONY: (.*)$", makefile, re.M)
    assert [line.split()[0] for line in listed.splitlines()] == phony.split()
    assert all(len(line.split()) > 3 for line in listed.splitlines())


@pytest.mark.parametrize(("script", "said"), [("", "Python 3.11 is missing"), ("exit 1", "Python 3.11 is missing")])
def test_a_machine_without_a_fitting_python_is_told_so(tmp_path: Path, script: str, said: str) -> None:
    answer = make_venv(tmp_path, script)
    assert answer.returncode == 2
    assert said in answer.stderr
    assert answer.stderr.count("\n") == 1


def test_a_python_without_its_venv_package_is_told_so(tmp_path: Path) -> None:
    answer = make_venv(tmp_path, 'case "$2" in *ensurepip*) exit 1;; esac')
    assert answer.returncode == 2
    assert "python3.11-venv" in answer.stderr
    assert answer.stderr.count("\n") == 1
    assert not (tmp_path / ".venv").exists()


def make_venv(folder: Path, script: str) -> subprocess.CompletedProcess[str]:
    """Runs .ci/make-venv with a stand-in for Python that does as ``script`` says; without one, none is there."""
    stand_in = folder / "python"
    if script:
        stand_in.write_text(f"#!/bin/sh\n{script}\n")
        stand_in.chmod(0o755)
    words = [ROOT / ".ci" / "make-venv", str(stand_in) if script else ""]
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)


def test_the_build_server_allows_no_skip_and_stops_at_the_first_failure() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "set -euo pipefail" in script
    assert "CI=true" in script
    assert all(os.access(path, os.X_OK) for path in (ROOT / ".ci").iterdir())
