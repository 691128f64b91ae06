"""What the commands of own files share: reading what is given, writing what is asked for, showing versions."""

from __future__ import annotations

import getpass
import os
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsletter.cli.context import answer, as_table, now, opened, print_json, working
from newsletter.errors import InputError

if TYPE_CHECKING:
    from newsletter.operating.store import OwnVersion


def whoever(named: str | None = None) -> str:
    """Who gives a command: as ``named``, else the login and the host."""
    if named:
        return named
    try:
        login = getpass.getuser()
    except (KeyError, OSError, ImportError):  # a container whose user has no name
        login = f"uid {os.getuid()}"
    return f"{login}@{socket.gethostname()}"


def read(file: Path) -> bytes:
    """The content of ``file``, of standard input for ``-``. Raises InputError where it cannot be read."""
    try:
        return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise InputError(f"{file} cannot be read ({error.strerror}): give the path of a file") from error


def write(file: Path, content: bytes) -> None:
    """Writes ``content``, to standard output for ``-``. Raises InputError where it cannot be written."""
    if str(file) == "-":
        sys.stdout.buffer.write(content)
        return
    try:
        file.write_bytes(content)
    except OSError as error:
        raise InputError(f"{file} cannot be written ({error.strerror}): give another path") from error


def put_out(name: str, file: Path, *, number: int, shipped: Path, as_json: bool) -> None:
    """Writes the version in use (or the version ``number``) of an own file, where nobody gave one what ships."""
    from newsletter.daily.own_files import content_of

    with opened() as services:
        content = content_of(services, name, number=number)
    if content is None:
        content = shipped.read_bytes() if shipped.is_file() else b""
    write(file, content)
    tell_of_file(file, as_json=as_json)


def tell_of_file(file: Path, *, as_json: bool) -> None:
    """Tells scripts of a file that was written; where it is standard output, that holds nothing else."""
    if as_json and str(file) != "-":
        print_json({"file": str(file)})


def show_history(name: str, *, as_json: bool = False) -> None:
    """Prints the versions of one own file or of all (""), the newest first."""
    from newsletter.daily.own_files import history
    from newsletter.operating.own_files import called

    with opened() as services:
        found = history(services, name)
    if as_json:
        print_json([{"version": one.number, "in_use": in_use} | _told(one) for one, in_use in found])
        return
    if not found:
        click.echo(f"what ships is in use{f' for {called(name)}' if name else ''}, and was never replaced")
        return
    click.echo(as_table(("version", "of", "given (UTC)", "by", "note", "state"), [_cells(*one) for one in found]))


def _cells(version: OwnVersion, in_use: bool) -> tuple[str, ...]:
    state = "in use" if in_use else ""
    if version.undone_at is not None:
        state = f"undone {version.undone_at:%Y-%m-%d %H:%M} UTC by {version.undone_by}"
    given = f"{version.given_at:%Y-%m-%d %H:%M}"
    return str(version.number), version.name, given, version.given_by, version.note, state


def _told(one: OwnVersion) -> dict[str, object]:
    given: dict[str, object] = {
        "name": one.name,
        "given_at": one.given_at.isoformat(),
        "given_by": one.given_by,
        "note": one.note,
    }
    return given | {"undone_at": one.undone_at.isoformat() if one.undone_at else None, "undone_by": one.undone_by}


def go_back(name: str, who: str | None, *, as_json: bool) -> None:
    """Undoes the version in use of an own file, and says what is in use then."""
    from newsletter.daily.own_files import undo
    from newsletter.operating.own_files import called

    with opened() as services, working("going back"):
        gone, change = undo(services, name, who=whoever(who), now=now())
    in_use = f"version {change.number} is in use" if change.number else "what ships is in use"
    matched = f", {change.matched} papers matched anew" if change.matched else ""
    told = {"undone": gone.number, "name": name, "in_use": change.number or None, "matched_anew": change.matched}
    answer(told, f"version {gone.number} of {called(name)} is undone, {in_use}{matched}", as_json=as_json)
