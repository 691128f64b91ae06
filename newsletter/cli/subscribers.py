"""Subscribers: in from a CSV file, out to one."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from newsletter.cli.context import now, opened, warn
from newsletter.errors import InputError

SHOWN = 50


@click.group()
def subscribers() -> None:
    """Bring subscribers in from a CSV file, or write them to one."""


@subscribers.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--consent", required=True, help="What these people agreed to, when and where: kept as evidence.")
def import_(file: Path, consent: str) -> None:
    """Take in FILE (- for standard input): CSV with email,topics,language,timezone,hour,status. No mail is sent.

    Topics are slugs joined by ";". Nobody who left, bounced or complained is revived. Exit code 1 when lines were refused.
    """
    from newsletter.digests.selection import COLLECTION
    from newsletter.subscribers import import_export

    lines = import_export.decode(_read(file))
    with opened() as services:
        known = services.catalogue.by_slug.keys() | {COLLECTION}
        report = import_export.import_csv(services, lines, consent=consent, known=known, now=now())
    click.echo(f"{report.added} added, {report.updated} updated, {report.unchanged} unchanged, {len(report.refused)} refused")
    _remark(file, report.refused)
    _remark(file, report.notes)
    if report.refused:
        raise SystemExit(1)


def _remark(file: Path, remarks: Sequence[tuple[int, str]]) -> None:
    for number, why in remarks[:SHOWN]:
        warn(f"{file}, line {number}: {why}")
    if len(remarks) > SHOWN:
        warn(f"and {len(remarks) - SHOWN} lines more")


def _read(file: Path) -> bytes:
    try:
        return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise InputError(f"{file} cannot be read ({error.strerror}): give the path of a CSV file") from error


@subscribers.command("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def export_(file: Path) -> None:
    """Write all subscribers to FILE (- for standard output), in the form that `import` reads."""
    from newsletter.subscribers import import_export

    with opened() as services, services.database.reading() as session:
        lines = list(import_export.export_csv(session, now=now()))
    if str(file) == "-":
        sys.stdout.writelines(lines)
        return
    try:
        _write(file, lines)
    except OSError as error:
        raise InputError(f"{file} cannot be written ({error.strerror}): give another path") from error
    click.echo(f"{max(0, len(lines) - 1)} subscribers in {file}")


def _write(file: Path, lines: Sequence[str]) -> None:
    """Puts a whole file in the place of an old one; what is no plain file (a pipe, a device) is written to as it is."""
    if file.exists() and not file.is_file():
        with file.open("w", encoding="utf-8", newline="") as out:
            out.writelines(lines)
        return
    target = file.resolve()  # a symbolic link stays one
    draft = target.with_name(f".{target.name}.draft")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8", newline="") as out:
            out.writelines(lines)
        draft.replace(target)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
