"""`make` and `./run` have the same targets, and tell them."""

from __future__ import annotations

import os
import re
import subprocess

from tests.run.processes import ROOT


def test_each_target_is_listed_with_what_it_does() -> None:
    listed = subprocess.run(["./run", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (targets,) = re.findall(r"^TARGETS := (.*)$", makefile, re.M)
    assert [line.split()[0] for line in listed.splitlines()] == targets.split()
    assert all(len(line.split()) > 3 for line in listed.splitlines())


def test_the_build_server_allows_no_skip_and_stops_at_the_first_failure() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "set -euo pipefail" in script
    assert "CI=true" in script
    assert all(os.access(path, os.X_OK) for path in (ROOT / ".ci").iterdir())
