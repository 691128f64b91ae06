"""`newsletter move-to`: everything into another database, under the same ids, so that links in old mails go on.

The old database is left as it was, but with sending paused: were both to send, everybody would get two mails.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import structlog
from sqlalchemy.orm import Session

from newsletter.db import Database
from newsletter.errors import InputError, PermanentError, TemporaryError
from newsletter.operating import state
from newsletter.operating.backup import store
from newsletter.operating.backup.rows import Checksum, Plain, Shape, counted
from newsletter.operating.migrate import head, migrate, revision

log = structlog.get_logger(__name__)

# Workers settle what they have in hand within seconds once sending is paused; a relay may take its time.
PATIENCE_SECONDS = 60.0
LOOK_SECONDS = 0.5
Tell = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Moved:
    """What was copied; ``paused`` says that sending was paused already, and is so in the new database too."""

    rows: dict[str, int]
    paused: bool


def prepare_target(target: Database) -> None:
    """Brings an empty database to the newest form. Raises InputError where it is of another form, or holds anything."""
    found = revision(target)
    if found is None:
        migrate(target)
    elif found != head():
        raise InputError(
            f"the database to move to is of another form ({found}, here {head()}): give an empty one, or run"
            " `newsletter migrate` with it as DATABASE_URL"
        )
    with target.reading() as session:
        refuse_occupied(session, "the database to move to")


def refuse_occupied(session: Session, what: str) -> None:
    """Raises InputError where the database holds more than notes of processes."""
    if there := store.occupied(session):
        readers = there.get("subscribers", 0)
        most = max(there, key=lambda name: there[name])
        told = f"{readers} readers" if readers else f"{there[most]} rows in {most}"
        raise InputError(f"{what} is not empty ({told}): give an empty one, nothing was changed")


def is_same(source: Database, target: Database) -> bool:
    """True where both URLs name one database."""
    one, other = source.engine.url, target.engine.url
    if one.get_backend_name() != other.get_backend_name():
        return False
    if one.get_backend_name() == "sqlite":
        return Path(one.database or "").resolve() == Path(other.database or "").resolve()
    return (one.host, one.port or 5432, one.database, one.query.get("host")) == (
        other.host, other.port or 5432, other.database, other.query.get("host"),
    )  # fmt: skip


def move(
    source: Database,
    target: Database,
    *,
    now: Callable[[], dt.datetime],
    tell: Tell = lambda *_: None,
    patience: float = PATIENCE_SECONDS,
) -> Moved:
    """Copies every table, compares counts and checksums, and leaves ``source`` paused; all of it, or nothing.

    Sending is stopped first, and what workers have in hand is waited for (``patience`` seconds): a mail that leaves while its row
    is copied would leave again from the new database. Nobody writes to ``source`` while it is copied. Raises InputError for a
    target that cannot take it, TemporaryError where workers do not come to an end, PermanentError where the copy is not equal.
    """
    if is_same(source, target):
        raise InputError("the database to move to is the one in use: give another DATABASE_URL")
    prepare_target(target)
    with source.transaction() as session:
        before = store.fact(session, state.SENDING_PAUSED.name)
        paused = state.paused(session)
        state.pause(session, now=now())
    try:
        with _at_rest(source, now=now, patience=patience) as out, target.transaction() as into:
            refuse_occupied(into, "the database to move to")
            rows = _copy(out, into, before, tell)
    except BaseException:
        if not paused:
            with source.transaction() as session:
                state.SENDING_PAUSED.write(session, False, now=now())
        raise
    log.info("moved", rows=sum(rows.values()))
    return Moved(rows, paused)


@contextmanager
def _at_rest(source: Database, *, now: Callable[[], dt.datetime], patience: float) -> Iterator[Session]:
    """The source, with no mail in a worker's hand and closed to writers."""
    end = time.monotonic() + patience
    while True:
        with store.standing_still(source) as session:
            busy = store.in_hand(session, now=now())
            if not busy:
                yield session
                return
        if time.monotonic() > end:
            raise TemporaryError(f"workers have {busy} mails in hand and do not let go: end the service, and try again")
        time.sleep(LOOK_SECONDS)


def _copy(out: Session, into: Session, before: Plain | None, tell: Tell) -> dict[str, int]:
    shapes = store.shapes()
    store.clear_notes(into, [shape.name for shape in shapes])
    counts: dict[str, int] = {}
    for shape in shapes:
        read, written = Checksum(), Checksum()
        rows = counted(_as_before(store.rows(out, shape), shape, before), read)
        store.write(into, shape, rows, tell=partial(tell, shape.name))
        for row in store.rows(into, shape):
            written.add(row)
        if (read.rows, read.hash) != (written.rows, written.hash):
            raise PermanentError(
                f"the copy of {shape.name} is not equal ({read.rows} rows read, {written.rows} found): nothing was moved"
            )
        counts[shape.name] = read.rows
    store.go_on_after(into, store.last_ids(out))
    return counts


def _as_before(rows: Iterator[Plain], shape: Shape, before: Plain | None) -> Iterator[Plain]:
    """The rows without the pause that the move itself made."""
    if shape.name != store.FACTS:
        yield from rows
        return
    place = shape.place("name")
    for row in rows:
        if row[place] != state.SENDING_PAUSED.name:
            yield row
    if before is not None:
        yield list(before)
