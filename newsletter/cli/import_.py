"""`newsletter import`: a list of papers in from a file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsletter.cli.context import now, opened, progress, warn
from newsletter.errors import InputError
from newsletter.values.list_formats import ListFormat

if TYPE_CHECKING:
    from newsletter.archive.importing import ImportReport

SHOWN = 50
FORMATS = click.Choice(tuple(one.value for one in ListFormat))


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--as", "family", type=FORMATS, help="The family of the page (default: told by its content).")
@click.option("--name", default="", help="What the list is called here (default: the name of the file).")
@click.option("--topic", "topics", multiple=True, help="HEADING=SLUG for the rows under a heading, SLUG for those under none.")
@click.option("--replace", is_flag=True, help="Put this page in the place of another one of the same name.")
@click.option("--dry-run", is_flag=True, help="Only say what would happen.")
def import_(file: Path, family: str | None, name: str, topics: tuple[str, ...], *, replace: bool, dry_run: bool) -> None:
    """Take in FILE (- for standard input), a list of papers as somebody published it.

    Each row becomes a paper, a topic and a translation; nothing that is stored already is overwritten. What is not understood is
    listed with its line, and kept as it is. A second import changes nothing.
    """
    from newsletter.archive.formats.decoding import decode
    from newsletter.archive.formats.registry import Incoming, family_of
    from newsletter.archive.importing import ImportOptions

    shown = "standard input" if str(file) == "-" else str(file)
    text = decode(_read(file), name=shown)
    order = ImportOptions(name.strip() or (file.stem if shown == str(file) else "list"), topics, replace=replace, dry_run=dry_run)
    with opened() as services, progress("reading") as tell:
        try:
            report = family_of(text, name=family or "").import_list(services, Incoming(text, order, now(), tell))
        except InputError as error:
            raise InputError(f"{shown}, {error}") from error
    _tell(shown, report, dry_run=dry_run)


def _tell(shown: str, report: ImportReport, *, dry_run: bool) -> None:
    click.echo(f"{report.family} {report.name!r}: " + ", ".join(f"{count} {what}" for what, count in report.counts))
    if dry_run:
        click.echo("nothing was kept: this was a dry run")
    elif report.unchanged:
        click.echo("nothing changed: this page was imported before")
    for remark in report.remarks[:SHOWN]:
        warn(f"{shown}, line {remark.line}: {remark.words}")
    if len(report.remarks) > SHOWN:
        warn(f"and {len(report.remarks) - SHOWN} lines more")


def _read(file: Path) -> bytes:
    """The bytes of the file, no more than one byte above what is taken in."""
    from newsletter.archive.formats.decoding import MOST_BYTES

    try:
        if str(file) == "-":
            return sys.stdin.buffer.read(MOST_BYTES + 1)
        size = file.stat().st_size
        if size > MOST_BYTES:
            raise InputError(f"{file} has {size / 1e6:.0f} MB, and a published list {MOST_BYTES / 1e6:.0f} at most: split it")
        return file.read_bytes()
    except OSError as error:
        raise InputError(f"{file} cannot be read ({error.strerror}): give the path of a published list") from error
