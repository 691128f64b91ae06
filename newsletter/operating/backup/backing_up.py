"""`newsletter backup` and the first half of `newsletter restore`: an installation into one file, and out of it again.

What a restored ledger cannot know is for `daily.restored` to say; here sending is stopped, with the rows that are written.
"""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import structlog
from alembic.util import CommandError

from newsletter import __version__
from newsletter.db import Database
from newsletter.errors import InputError
from newsletter.operating import state
from newsletter.operating.backup import file, keys, store
from newsletter.operating.backup.moving import refuse_occupied
from newsletter.operating.backup.rows import Plain, Shape
from newsletter.operating.migrate import head, is_known, migrate
from newsletter.settings import Settings

log = structlog.get_logger(__name__)
Tell = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class BackedUp:
    """What a backup holds: rows by table, files of DATA_DIR; ``named`` are keys that only the environment has."""

    rows: dict[str, int]
    files: tuple[str, ...]
    named: tuple[str, ...]


def backup(database: Database, path: Path, *, settings: Settings, now: dt.datetime, tell: Tell = lambda *_: None) -> BackedUp:
    """Writes everything into the new file ``path`` (mode 0600), as it stands at one moment, while others go on writing.

    Raises InputError where ``path`` exists or cannot be written, TemporaryError where there is no room.
    """
    with file.created(path) as archive, store.snapshot(database) as session:
        tables = []
        for shape in store.shapes():
            tables.append(file.write_rows(archive, shape, store.rows(session, shape)))
            tell(shape.name, tables[-1].rows)
        names = []
        for name, found in keys.files_of(settings):
            archive.write(found, f"files/{name}")
            names.append(name)
        manifest = file.Manifest(
            head(), now, __version__, tuple(tables), store.last_ids(session), keys.fingerprints(settings), tuple(names)
        )
        file.write_manifest(archive, manifest)
    named = tuple(name for name, kept in keys.KEY_FILES.items() if kept not in names)
    return BackedUp({table.shape.name: table.rows for table in tables}, tuple(names), named)


def restore(
    database: Database,
    path: Path,
    *,
    settings: Settings,
    now: dt.datetime,
    stopped: dt.datetime | None = None,
    new_keys: bool = False,
    tell: Tell = lambda *_: None,
) -> file.Manifest:
    """Fills an empty installation with the backup at ``path``, and leaves sending paused; all of it, or nothing.

    The database may be of the other kind, and the backup of an older form. ``stopped`` is when the old installation sent its last
    mail at the latest; None: nobody knows, so that it is now, and never before the backup, whatever the clock here says.
    Raises InputError where the installation is not empty, or the file is none, damaged, of a newer form, or of other keys (unless
    ``new_keys``).
    """
    with database.reading() as session:
        refuse_occupied(session, "this installation")
    with file.opened(path) as (archive, manifest):
        _check(path, manifest, settings, new_keys=new_keys)
        files = {name: file.read_file(archive, name) for name in manifest.files}
        until = stopped or max(now, manifest.made_at)
        fact = state.Restored(manifest.made_at, now, until, marked=False, unknown=0, days=(), left=0)
        _bring_to(database, manifest.revision)
        try:
            _fill(database, archive, manifest, fact, tell)
        finally:
            migrate(database)
    for name, data in files.items():
        keys.put(settings.data_dir, name, data)
    log.info("restored", rows=sum(table.rows for table in manifest.tables))
    return manifest


def _check(path: Path, manifest: file.Manifest, settings: Settings, *, new_keys: bool) -> None:
    if not is_known(manifest.revision):
        raise InputError(f"{path} is of a newer form ({manifest.revision}): install version {manifest.version} or later first")
    if strange := [name for name in manifest.files if not keys.belongs(name)]:
        raise InputError(f"{path} holds a file that belongs to no installation ({strange[0][:80]!r}): give another backup")
    if not new_keys:
        keys.check_keys(manifest.keys, manifest.files, settings)


def _bring_to(database: Database, revision: str) -> None:
    """Gives the empty database the form that the backup was made in."""
    if revision != head():
        try:
            migrate(database, revision=revision)
        except CommandError as error:
            raise InputError(f"the form {revision} of the backup cannot be made: {error}") from error


def _fill(database: Database, archive: zipfile.ZipFile, manifest: file.Manifest, fact: state.Restored, tell: Tell) -> None:
    with database.transaction() as session:
        store.clear_notes(session, [table.shape.name for table in manifest.tables])
        for table in manifest.tables:
            rows = file.read_rows(archive, table)
            if table.shape.name in store.PASSING:
                continue
            store.write(session, table.shape, _paused(rows, table.shape, fact), tell=partial(tell, table.shape.name))
        store.go_on_after(session, dict(manifest.ids))


def _paused(rows: Iterator[Plain], shape: Shape, fact: state.Restored) -> Iterator[Plain]:
    """The rows, with what stops sending among the facts of the installation: nothing may come in between."""
    if shape.name != store.FACTS:
        yield from rows
        return
    kept = {state.SENDING_PAUSED.name: True, state.RESTORED.name: state.RESTORED.to_json(fact)}
    place = shape.place("name")
    for row in rows:
        if row[place] not in kept:
            yield row
    for name, value in kept.items():
        told = {"name": name, "value": value, "changed_at": fact.restored_at.isoformat()}
        yield [told.get(column) for column in shape.names]
