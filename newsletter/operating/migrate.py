"""Brings the database to the newest migration, or says that it is behind."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from newsletter.db import Database

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
# Any number, the same in every process of the installation: two processes that start at once migrate one after the other.
ADVISORY_LOCK = 7_203_114


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    if connection is not None:
        config.attributes["connection"] = connection
    return config


def migrate(database: Database, *, revision: str = "head") -> None:
    """Upgrades (or, with an older ``revision``, downgrades) in one transaction, one process at a time."""
    with database.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
        step = command.upgrade if revision == "head" else command.downgrade
        step(_config(connection), revision)
        connection.commit()


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


def pending(database: Database) -> bool:
    """True where the database is not at the newest migration."""
    return revision(database) != head()


def is_empty(database: Database) -> bool:
    """True where no migration has ever run."""
    return revision(database) is None
