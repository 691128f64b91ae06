"""The form of a backup: a zip file of a manifest, the rows of each table as lines of JSON, and the files of the installation.

Any database can be written into it and filled from it. It holds addresses and keys, so only its owner may read it.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import os
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from newsletter.errors import InputError, TemporaryError
from newsletter.operating.backup.rows import Checksum, Kind, Plain, Shape, encoded

FORMAT = 1
MANIFEST = "manifest.json"
# What a damaged archive makes the library say.
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, KeyError, ValueError, TypeError, RuntimeError, NotImplementedError)


@dataclass(frozen=True, slots=True)
class Stored:
    """A table of a backup, with what its rows must add up to."""

    shape: Shape
    rows: int
    hash: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself: ``revision`` is the form of its tables, ``ids`` are the last given, ``keys`` fingerprints."""

    revision: str
    made_at: dt.datetime
    version: str
    tables: tuple[Stored, ...]
    ids: Mapping[str, int]
    keys: Mapping[str, list[str]]
    files: tuple[str, ...]


@contextmanager
def created(path: Path) -> Iterator[zipfile.ZipFile]:
    """A new archive of mode 0600, which stands at ``path`` when the block ends well, and nowhere else when it does not.

    Raises InputError where something stands there already, or nothing can be written.
    """
    if path.exists() or path.is_symlink():
        raise InputError(f"{path} exists already: give another name")
    draft = path.with_name(f".{path.name}.draft-{os.getpid()}")
    try:
        descriptor = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise InputError(f"{path} cannot be written ({error.strerror}): give the path of a new file") from error
    try:
        with os.fdopen(descriptor, "w+b") as out:
            with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
                yield archive
            out.flush()
            os.fsync(out.fileno())
        _put_in_place(draft, path)
    except OSError as error:
        raise TemporaryError(f"{path} cannot be written ({error.strerror}): make room, or give another place") from error
    finally:
        draft.unlink(missing_ok=True)


def _put_in_place(draft: Path, path: Path) -> None:
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        raise InputError(f"{path} exists already: give another name") from None
    except OSError:  # a file system without such links
        draft.rename(path)


def write_rows(archive: zipfile.ZipFile, shape: Shape, rows: Iterable[Plain]) -> Stored:
    """Adds a table, a row a line."""
    checksum = Checksum()
    with archive.open(_member(shape.name), "w", force_zip64=True) as out:
        lines: list[str] = []
        for row in rows:
            checksum.add(row)
            lines.append(encoded(row))
            if len(lines) == 1000:
                out.write(("\n".join(lines) + "\n").encode())
                lines = []
        out.write("".join(f"{line}\n" for line in lines).encode())
    return Stored(shape, checksum.rows, checksum.hash)


def write_manifest(archive: zipfile.ZipFile, manifest: Manifest) -> None:
    """Ends the archive: without this it is no backup."""
    told = {**asdict(manifest), "format": FORMAT, "made_at": manifest.made_at.isoformat()}
    archive.writestr(MANIFEST, json.dumps(told, indent=1))


@contextmanager
def opened(path: Path) -> Iterator[tuple[zipfile.ZipFile, Manifest]]:
    """A backup to read. Raises InputError where ``path`` is none, is cut off, or is of a form that is not known yet."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive, _manifest(archive, path)
    except OSError as error:
        if error.strerror is None:
            raise
        raise InputError(f"{path} cannot be read ({error.strerror}): give the path of a backup") from error
    except zipfile.BadZipFile as error:
        raise InputError(f"{path} is no backup of this service, or it is cut off: give another one") from error


def _manifest(archive: zipfile.ZipFile, path: Path) -> Manifest:
    try:
        told = json.loads(archive.read(MANIFEST))
        if told["format"] > FORMAT:
            raise InputError(f"{path} is of a newer form ({told['format']}): install the version that made it, {told['version']}")
        tables = tuple(Stored(_shape(one["shape"]), int(one["rows"]), str(one["hash"])) for one in told["tables"])
        made_at = dt.datetime.fromisoformat(told["made_at"])
        return Manifest(
            str(told["revision"]), made_at, str(told["version"]), tables, dict(told["ids"]), dict(told["keys"]),
            tuple(map(str, told["files"])),
        )  # fmt: skip
    except DAMAGED as error:
        raise InputError(f"{path} is no backup of this service: give one that `newsletter backup` made") from error


def _shape(told: Mapping[str, Any]) -> Shape:
    columns = tuple((str(name), Kind(kind)) for name, kind in told["columns"])
    return Shape(str(told["name"]), columns, tuple(told["key"]), tuple(told["own"]))


def read_rows(archive: zipfile.ZipFile, table: Stored) -> Iterator[Plain]:
    """The rows of a table; after the last of them InputError where they do not add up."""
    checksum = Checksum()
    try:
        with archive.open(_member(table.shape.name)) as raw:
            for line in io.TextIOWrapper(raw, encoding="utf-8", newline="\n"):
                row = json.loads(line)
                if len(row) != len(table.shape.columns):
                    raise ValueError("a row of another length")
                checksum.add(row)
                yield row
    except DAMAGED as error:
        raise InputError(f"the backup is damaged in {table.shape.name}: give another one, nothing was restored") from error
    if (checksum.rows, checksum.hash) != (table.rows, table.hash):
        raise InputError(f"the backup is damaged in {table.shape.name}: give another one, nothing was restored")


def read_file(archive: zipfile.ZipFile, name: str) -> bytes:
    """A file of the installation. Raises InputError where it is damaged."""
    with suppress(*DAMAGED):
        return archive.read(f"files/{name}")
    raise InputError(f"the backup is damaged in {name}: give another one, nothing was restored")


def _member(table: str) -> str:
    return f"tables/{table}.jsonl"
