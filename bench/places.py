"""Where a measurement takes place: a folder, a database of either kind, Redis, and real workers. Everything goes at the end."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, text

from chaos.postgres_restarts import start_postgres
from newsletter import bootstrap
from newsletter.bootstrap import Services
from newsletter.operating import embedded_redis
from newsletter.operating.migrate import migrate
from newsletter.settings import load

ROOT = Path(__file__).resolve().parents[1]
SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"
WORKERS_LOG = "workers.log"
TICKS = os.sysconf("SC_CLK_TCK")


@contextmanager
def a_place(kind: str, **environ: str) -> Iterator[tuple[Services, dict[str, str]]]:
    """Services over an empty, migrated database of ``kind``, and the environment that other processes share it by."""
    with tempfile.TemporaryDirectory(prefix="newsletter-bench-") as name, _database(kind) as database:
        values = {
            "DATA_DIR": name,
            "SECRET_KEY": "a secret of the benchmark and of sufficient length",
            "SUPPRESSION_KEY": "another secret of the benchmark, as long",
            "TRANSLATORS": "none",
            "MAIL_FROM": "Paper Morning <bench@example.org>",
            **database,
            **environ,
        }
        services = bootstrap.build(load(values))
        try:
            migrate(services.database)
            yield services, values
        finally:
            services.database.close()


@contextmanager
def _database(kind: str) -> Iterator[dict[str, str]]:
    if kind == SQLITE:
        yield {}
        return
    folder = Path(tempfile.mkdtemp(prefix="newsletter-bench-pg-"))
    server = start_postgres(folder)
    try:
        head, _, tail = server.get_uri().replace("postgresql://", "postgresql+psycopg://").partition("/postgres?")
        engine = create_engine(f"{head}/postgres?{tail}", isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text("CREATE DATABASE bench"))
        engine.dispose()
        yield {"DATABASE_URL": f"{head}/bench?{tail}"}
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def a_redis(data_dir: Path) -> Iterator[str]:
    """The service's embedded Redis, as `newsletter run` starts it; gives its URL."""
    prepared = embedded_redis.prepare(data_dir)
    process = subprocess.Popen(prepared.command, stdout=subprocess.DEVNULL)
    try:
        embedded_redis.wait_for(prepared.url, seconds=20)
        yield prepared.url
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(prepared.folder, ignore_errors=True)


@contextmanager
def workers(environ: Mapping[str, str], count: int, *, script: Sequence[str] = ("worker.py", "mail")) -> Iterator[list[int]]:
    """``count`` worker processes; gives their ids, and ends them as a service manager does."""
    command = [sys.executable, str(ROOT / script[0]), *script[1:]]
    values = {**os.environ, "PYTHONPATH": str(ROOT), **environ}
    with (Path(environ["DATA_DIR"]) / WORKERS_LOG).open("ab") as log:
        started = [subprocess.Popen(command, env=values, cwd=environ["DATA_DIR"], stdout=log, stderr=log) for _ in range(count)]
    try:
        yield [process.pid for process in started]
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait()


def last_words(environ: Mapping[str, str]) -> str:
    """The end of what the workers of this place logged."""
    return (Path(environ["DATA_DIR"]) / WORKERS_LOG).read_text("utf-8")[-2000:]


def peak_megabytes(pid: int) -> float:
    """The most memory that a living process had at once (VmHWM of proc(5)), in MB of 10^6 bytes."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text("ascii"))
    return int(found.group(1)) * 1024 / 1e6 if found else 0.0


def processor_seconds(pid: int) -> float:
    """The processor time of a living process so far, its own and the system's for it (proc(5)), by clock ticks."""
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS
