"""Brings the database to the newest migration, or says that it is behind."""

from __future__ import annotations

import time
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import OperationalError

import newsletter.tables  # noqa: F401 - registers all of them
from newsletter.db import BUSY_SECONDS, Database
from newsletter.errors import PermanentError, TemporaryError
from newsletter.tables.base import Base

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
# Any number, the same in every process of the installation: two processes that start at once migrate one after the other.
ADVISORY_LOCK = 7_203_114
# How long another process that migrates is waited for, and tables that somebody uses: whoever comes after us waits that long too.
OTHERS_SECONDS, TABLES_SECONDS = 120, 4.0
TRIES, PAUSE_SECONDS = 6, 2.0


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    if connection is not None:
        config.attributes["connection"] = connection
    return config


def migrate(database: Database, *, revision: str = "head", tries: int = TRIES, patience: float = TABLES_SECONDS) -> None:
    """Upgrades (or, with an older ``revision``, downgrades) in one transaction, one process at a time.

    Tables that others hold are waited for ``patience`` seconds, so that few queue behind us, and again after a pause.
    Raises TemporaryError where that did not help ``tries`` times: nothing is changed then.
    """
    for left in reversed(range(tries)):
        try:
            _migrate(database, revision, patience=patience)
            return
        except OperationalError as error:
            if not _is_held(error):
                raise
            if not left:
                mend = "end whatever has long transactions open (`newsletter pause` stops sending), and try again"
                raise TemporaryError(f"the database is held by others, and nothing was changed: {mend}") from error
            time.sleep(PAUSE_SECONDS)


def _is_held(error: OperationalError) -> bool:
    """True for a lock that was waited for in vain: https://www.postgresql.org/docs/current/errcodes-appendix.html"""
    return getattr(error.orig, "sqlstate", "") == "55P03" or str(error.orig).startswith("database is locked")


def _migrate(database: Database, revision: str, *, patience: float) -> None:
    with database.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(f"PRAGMA busy_timeout={patience * 1000:.0f}")
            try:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            finally:
                connection.exec_driver_sql(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
        else:
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{OTHERS_SECONDS}s'")
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = {patience * 1000:.0f}")
        step = command.upgrade if revision == "head" else command.downgrade
        step(_config(connection), revision)
        if revision == "head":
            _check_tables(connection)
        connection.commit()


def _check_tables(connection: Connection) -> None:
    """Raises PermanentError where the newest form lacks a table: it was dropped, or an unreleased version made the database."""
    missing = sorted(Base.metadata.tables.keys() - set(inspect(connection).get_table_names()))
    if missing:
        lacks = f"the database says that it is at its newest form, and has no table {missing[0]!r}"
        raise PermanentError(f"{lacks}: nothing was changed; restore a backup into an empty one (`newsletter restore FILE`)")


def revision(database: Database) -> str | None:
    """The migration that the database is at; None where none has ever run."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head() -> str:
    """The newest migration."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def is_known(revision: str) -> bool:
    """True where this version has the migration ``revision``."""
    return revision in {one.revision for one in ScriptDirectory.from_config(_config()).walk_revisions()}


def steps(database: Database) -> list[tuple[str, str]]:
    """The migrations (number, what it does) that the database lacks, in their order.

    Raises PermanentError for a database of a newer version than this one.
    """
    here = revision(database)
    if here is not None and not is_known(here):
        raise PermanentError(f"the database is of a newer version (migration {here}): install that version, or restore a backup")
    missing = ScriptDirectory.from_config(_config()).iterate_revisions("head", here or "base")
    return [(one.revision, (one.doc or "").strip()) for one in missing][::-1]


def pending(database: Database) -> bool:
    """True where the database is not at the newest migration."""
    return revision(database) != head()


def is_empty(database: Database) -> bool:
    """True where no migration has ever run."""
    return revision(database) is None
