"""The interpreters of this machine that the service is for, one for each version: found, and known to run.

``python -m tests.run.pythons`` prints them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path

from tests.waiting import PATIENCE

VERSIONS = ("3.11", "3.12", "3.13", "3.14")
TELL = "import sys; print(sys.implementation.name, '%d.%d' % sys.version_info[:2])"


def interpreters() -> dict[str, Path]:
    """An interpreter by version: of PATH, of pyenv, of uv; what only stands in for one, as pyenv's shims do, is left out."""
    found = {}
    for version in VERSIONS:
        for place in _places(version):
            if _is(place, version):
                found[version] = place
                break
    return found


def _places(version: str) -> list[Path]:
    home = Path.home()
    pyenv = Path(os.environ.get("PYENV_ROOT") or home / ".pyenv")
    uv = Path(os.environ.get("UV_PYTHON_INSTALL_DIR") or home / ".local/share/uv/python")
    on_path = [Path(path) for name in (f"python{version}", "python3") if (path := shutil.which(name))]
    kept = [*pyenv.glob(f"versions/{version}.*/bin/python3"), *uv.glob(f"cpython-{version}.*/bin/python3")]
    return on_path + sorted(kept)


def _is(place: Path, version: str) -> bool:
    with suppress(OSError, subprocess.TimeoutExpired):
        answer = subprocess.run([place, "-I", "-c", TELL], capture_output=True, text=True, timeout=PATIENCE, check=False)
        return answer.returncode == 0 and answer.stdout.split() == ["cpython", version]
    return False


if __name__ == "__main__":
    for version, place in interpreters().items():
        print(version, place)
