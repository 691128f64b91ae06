"""`newsletter worker`: one worker process."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from newsletter.errors import TemporaryError


@click.command()
@click.argument("queues", nargs=-1, type=click.Choice(["mail", "papers"]))
def worker(queues: tuple[str, ...]) -> None:
    """Work on the queues named (default: mail, then papers), as `python worker.py` does."""
    script = Path(__file__).resolve().parents[2] / "worker.py"
    if not script.is_file():
        raise TemporaryError(f"{script} is missing: install the project with `pip install -e .` from its folder")
    os.execv(sys.executable, [sys.executable, str(script), *queues])  # noqa: S606 - the same program, without a shell
