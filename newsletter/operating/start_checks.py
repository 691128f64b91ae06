"""The checks of `newsletter run` before it starts anything: each failure is a SettingsError that says what to do."""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import threading
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

import structlog

from newsletter.db import Database, connect
from newsletter.errors import PermanentError, SettingsError, TemporaryError
from newsletter.operating import runtime
from newsletter.operating.migrate import is_empty, migrate, pending
from newsletter.operating.redis_client import connect_redis
from newsletter.settings import Settings

log = structlog.get_logger(__name__)

BACKLOG = 512
ANSWER_SECONDS = 3


def take_lock(data_dir: Path) -> IO[str]:
    """Holds DATA_DIR for this process until the file is closed or the process ends."""
    file = (runtime.run_folder(data_dir) / "lock").open("a", encoding="ascii")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise SettingsError(
            f"another `newsletter run` is at work on DATA_DIR {data_dir}: end it, or set DATA_DIR to another folder"
        ) from None
    return file


def bind(host: str, port: int) -> socket.socket:
    """A listening socket on ``host``:``port`` (0: a free one), which the web server inherits, so that nobody takes the port."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except (socket.gaierror, UnicodeError):
        raise SettingsError(f"--host {host} is no address of this machine: give 127.0.0.1, or 0.0.0.0 for all") from None
    except OverflowError:
        raise SettingsError(f"--port {port} is no port: give a number from 1 to 65535") from None
    except OSError as error:
        raise SettingsError(_why_not_bound(host, port, error)) from None


def _why_not_bound(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} of {host} is in use: end what listens there, or choose another with --port"
    if error.errno == errno.EACCES:
        return f"port {port} needs root: choose one above 1023 with --port"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"--host {host} is no address of this machine: give 127.0.0.1, or 0.0.0.0 for all"
    return f"cannot listen on {host}:{port} ({os.strerror(error.errno or 0)}): choose another --host or --port"


def open_database(settings: Settings) -> Database:
    """The database of DATABASE_URL, after it has answered. Raises SettingsError where it does not."""
    try:
        database = connect(settings.database_url.get_secret_value())
        with database.reading() as session:
            session.connection()
    except SettingsError:
        raise
    except PermanentError as error:
        raise SettingsError(f"{_first_line(error)}: mend the URL") from None
    except TemporaryError as error:
        raise SettingsError(f"DATABASE_URL cannot be used: {_first_line(error)}: start the database or mend the URL") from None
    return database


def make_current(database: Database) -> None:
    """Migrates an empty database or a SQLite file. Raises SettingsError for an older PostgreSQL, which others may be using."""
    from sqlalchemy.exc import SQLAlchemyError

    try:
        if not pending(database):
            return
        if database.engine.dialect.name == "sqlite" or is_empty(database):
            migrate(database)
            return
    except SQLAlchemyError as error:
        raise SettingsError(f"DATABASE_URL cannot be used: {_first_line(error)}: start the database or mend the URL") from None
    raise SettingsError("the database is of an older form: run `newsletter migrate`")


def wait_until_migrated(database: Database, ended: threading.Event, *, seconds: float = 5.0) -> bool:
    """Waits for a database that answers and is at the newest form; False where the process is to end before. Says once why."""
    from sqlalchemy.exc import SQLAlchemyError

    told = ""
    while not ended.is_set():
        try:
            problem = "waiting for the database to be migrated: run `newsletter migrate`" if pending(database) else ""
        except (SQLAlchemyError, TemporaryError):
            problem = "waiting for the database, which does not answer"
        if not problem:
            return True
        if problem != told:
            log.warning(problem)
        told = problem
        ended.wait(seconds)
    return False


def reach_redis(url: str) -> None:
    """Raises SettingsError where REDIS_URL does not answer."""
    from redis.exceptions import RedisError

    try:
        client = connect_redis(url, answer_seconds=ANSWER_SECONDS)
    except ValueError as error:
        raise SettingsError(f"REDIS_URL {without_password(url)} cannot be used ({_first_line(error)}): mend the URL") from None
    try:
        client.ping()
    except (RedisError, OSError, ValueError) as error:
        raise SettingsError(
            f"REDIS_URL {without_password(url)} cannot be reached ({_first_line(error)}): start it, or unset REDIS_URL to use"
            " the embedded Redis"
        ) from None
    finally:
        client.close()


def without_password(url: str) -> str:
    """``url`` without its login: scheme, host, port and path."""
    parts = urlsplit(url)
    place = parts.hostname or ""
    return f"{parts.scheme}://{place}{f':{parts.port}' if parts.port else ''}{parts.path}"


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0][:300] or type(error).__name__
