"""The database: engine, transactions, column types and numbering. SQL of a stage stands in its own ``store.py``.

SQLite runs in WAL with synchronous=FULL, and overwrites what is deleted. Every transaction opened with ``transaction`` begins
IMMEDIATE: a read transaction that turns into a writing one fails at once whatever the time-out is
(https://sqlite.org/lang_transaction.html).
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from sqlalchemy import BigInteger, Connection, DateTime, Engine, String, column, create_engine, event, table, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import DBAPIConnection, Dialect
from sqlalchemy.exc import DBAPIError, InvalidatePoolError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection
from sqlalchemy.types import TypeDecorator

from newsletter.errors import PermanentError, SettingsError, TemporaryError
from newsletter.values.standing import LISTED, Standing

# A writer waits this long for another one; after it a visitor gets a page with status 503.
BUSY_SECONDS = 8
# What can be done later as well gives way sooner.
HASTY_SECONDS = 2
# A connection to a server that rested for so long is asked whether it still works; in less hardly any server restarts.
RESTED_SECONDS = 1.0
# The table of counters, by its names only: ``tables`` imports this module, so this one cannot import ``tables``.
COUNTERS = table("counters", column("name", String), column("value", BigInteger))


class UtcDateTime(TypeDecorator[dt.datetime]):
    """An aware UTC time; a naive one is refused on the way in, so that local time can never reach the database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a naive time reached the database: {value!r}")
        value = value.astimezone(dt.UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


@dataclass(frozen=True, slots=True)
class Database:
    """An engine and the two ways to use it; made once per process, after any fork."""

    engine: Engine

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session that commits at the end of the block and rolls back on an error.

        Raises TemporaryError where the database is locked, full, restarting or out of reach.
        """
        with _translated(), Session(self.engine, expire_on_commit=False) as session, session.begin():
            if self.engine.dialect.name == "sqlite":
                session.connection().exec_driver_sql("BEGIN IMMEDIATE")
            yield session

    @contextmanager
    def statement(self) -> Iterator[Session]:
        """A session for one statement that changes something: as `transaction`, and quicker.

        On PostgreSQL such a statement is a transaction by itself, so that the server is not asked to begin and end one too.
        """
        if self.engine.dialect.name == "sqlite":
            with self.transaction() as session:
                yield session
            return
        with _translated(), Session(self.engine, expire_on_commit=False) as session:
            session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session for reading; nothing that it changes is kept. Raises TemporaryError as ``transaction`` does."""
        with _translated(), Session(self.engine, expire_on_commit=False, autoflush=False) as session:
            if self.engine.dialect.name == "sqlite":
                session.connection().exec_driver_sql("BEGIN")
            try:
                yield session
            finally:
                session.rollback()

    def forget_old_pages(self, gone: str) -> bool:
        """Has no file of SQLite hold ``gone`` (ASCII, in any case), which was deleted from every row; True where none does.

        The log is emptied into the file, and the file written anew where a copy is left from before deleting meant overwriting.
        PostgreSQL reuses such space by itself: nothing is done there. False where others are reading or writing for long.
        """
        if self.engine.dialect.name != "sqlite":
            return True
        path = Path(self.engine.url.database or "")
        with self.engine.connect() as connection:
            try:
                connection.exec_driver_sql(f"PRAGMA busy_timeout={HASTY_SECONDS * 1000}")
                done = _empty_log(connection)
                if done and _holds(path, gone):
                    connection.exec_driver_sql("VACUUM")
                    done = _empty_log(connection)
            except DBAPIError:
                done = False
            finally:
                connection.exec_driver_sql(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
        return done and not _holds(path, gone)

    def close(self) -> None:
        self.engine.dispose()


def _empty_log(connection: Connection) -> bool:
    """Moves SQLite's log into the file and cuts it to nothing; False where somebody reads from it."""
    busy, _, _ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
    return not busy


def _holds(path: Path, text: str) -> bool:
    wanted, before = text.lower().encode(), b""
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            if wanted in (before + piece).lower():
                return True
            before = piece[-len(wanted) :]
    return False


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        if _is_of_an_older_form(error):
            raise TemporaryError("the database is not at the newest form: run `newsletter migrate`") from error
        _raise_translated(error)


def _is_of_an_older_form(error: DBAPIError) -> bool:
    """True where a table or column is missing: https://www.postgresql.org/docs/current/errcodes-appendix.html"""
    missing = ("no such table", "no such column", "has no column named")
    return getattr(error.orig, "sqlstate", "") in ("42P01", "42703") or str(error.orig).startswith(missing)


def _raise_translated(error: DBAPIError) -> NoReturn:
    if isinstance(error, OperationalError):
        raise TemporaryError(f"the database does not answer now: {error.orig}") from error
    if error.connection_invalidated:
        raise TemporaryError(f"the database closed the connection: {error.orig}") from error
    raise error


def connect(url: str, *, pool_size: int = 5, rested: float = RESTED_SECONDS) -> Database:
    """Opens the database at ``url`` (SQLAlchemy form). Raises PermanentError where the URL cannot be used at all.

    A connection to PostgreSQL that was not used for ``rested`` seconds is asked first whether it still works.
    The parameters of statements, addresses among them, are kept out of error texts and so out of logs.
    """
    try:
        if url.startswith("sqlite"):
            # The driver's own BEGIN is switched off: `transaction` and `reading` say which kind they want.
            engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS, "isolation_level": None}, hide_parameters=True)
            event.listen(engine, "connect", _prepare_sqlite)
            if engine.url.database:
                _make_private(Path(engine.url.database))
        else:
            engine = create_engine(url, pool_size=pool_size, connect_args={"connect_timeout": 5}, hide_parameters=True)
            event.listen(engine, "connect", _prepare_postgresql)
            _ask_after_a_rest(engine, rested)
    except ImportError as error:
        driver = "its driver is missing: install it (pip install 'newsletter[postgresql]')"
        raise SettingsError(f"DATABASE_URL names PostgreSQL, and {driver}") from error
    except Exception as error:
        raise PermanentError(f"DATABASE_URL cannot be used: {error}") from error
    return Database(engine)


def _make_private(file: Path) -> None:
    """Makes an empty file that nobody else can read, where there is none; the driver would let everybody. Its log follows it."""
    with suppress(OSError):  # why it cannot be made the driver says
        file.touch(mode=0o600, exist_ok=True)


def _prepare_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
    cursor.close()


def _prepare_postgresql(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    """Has commits wait for the disk: one lost in a crash would let a mail be sent twice. Stricter settings stay as they are."""
    cursor = connection.cursor()
    cursor.execute("SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'")
    cursor.close()
    connection.commit()


def _ask_after_a_rest(engine: Engine, rested: float) -> None:
    """Has a connection that rested for ``rested`` seconds asked whether it still works before it is used again.

    One that does not goes, with all that are as old (as ``pool_pre_ping`` has it), and a new one is opened. That option asks each
    time, which a worker that sends pays for each group of mails. Where the server went away meanwhile, the first statement
    fails instead, and is a TemporaryError as it is within a transaction.
    """

    @event.listens_for(engine, "checkin")
    def note(_: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
        record.info["rests_since"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def ask(connection: DBAPIConnection, record: ConnectionPoolEntry, _: PoolProxiedConnection) -> None:
        since = record.info.get("rests_since")
        if since is None or time.monotonic() - since < rested:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError() from error


def dialect_insert(session: Session, table: Any) -> Any:
    """The INSERT of the session's dialect, for its ``on_conflict_do_nothing`` and ``on_conflict_do_update``."""
    return (sqlite if session.get_bind().dialect.name == "sqlite" else postgresql).insert(table)


def take_numbers(session: Session, counter: str, count: int) -> int:
    """Takes ``count`` numbers and gives the first of them.

    The row of the counter stays locked until the transaction ends, so the order of numbers is the order of commit.
    """
    value = COUNTERS.c.value
    statement = update(COUNTERS).where(COUNTERS.c.name == counter).values(value=value + count).returning(value)
    last: int | None = session.execute(statement).scalar_one_or_none()
    if last is None:
        # Two processes can come first at once: one makes the row, and both then take their numbers from it in turn.
        session.execute(dialect_insert(session, COUNTERS).values(name=counter, value=0).on_conflict_do_nothing())
        last = session.execute(statement).scalar_one()
    return last - count + 1


def first_number(session: Session, count: int, standing: Standing) -> int:
    """Takes ``count`` numbers, ascending, for papers of this standing and gives the first of them.

    Only those of new papers lie above the cursors of readers.
    """
    taken = take_numbers(session, standing, count)
    if standing is Standing.NEW:
        return taken
    return (LISTED if standing is Standing.LISTED else 0) + 1 - taken - count
