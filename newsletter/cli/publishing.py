"""Published lists: in from a file, and out into a folder."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsletter.cli.opening import now, opened, progress, warn
from newsletter.errors import InputError

if TYPE_CHECKING:
    from newsletter.importing import ImportReport

SHOWN = 50
FAMILIES = click.Choice(("readme", "jekyll", "tldr", "collection", "json"))


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--as", "family", type=FAMILIES, help="The family of the page (default: told by its content).")
@click.option("--name", default="", help="What the list is called here (default: the name of the file).")
@click.option("--topic", default="", help="Slug of the topic for rows that stand under no heading.")
@click.option("--replace", is_flag=True, help="Put this page in the place of another one of the same name.")
@click.option("--dry-run", is_flag=True, help="Only say what would happen.")
def import_(file: Path, family: str | None, name: str, topic: str, *, replace: bool, dry_run: bool) -> None:
    """Take in FILE (- for standard input), a list of papers as somebody published it.

    Each row becomes a paper, a topic and a translation; nothing that is stored already is overwritten. What is not understood is
    listed with its line, and kept as it is. A second import changes nothing.
    """
    from newsletter.families import Incoming, family_of
    from newsletter.importing import Order
    from newsletter.lists.decoding import decode

    shown = "standard input" if str(file) == "-" else str(file)
    text = decode(_read(file), name=shown)
    order = Order(name.strip() or (file.stem if shown == str(file) else "list"), topic, replace=replace, dry_run=dry_run)
    with opened() as services, progress("reading") as tell:
        try:
            report = family_of(text, name=family or "").take_in(services, Incoming(text, order, now(), tell))
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
    from newsletter.lists.decoding import MOST_BYTES

    try:
        if str(file) == "-":
            return sys.stdin.buffer.read(MOST_BYTES + 1)
        size = file.stat().st_size
        if size > MOST_BYTES:
            raise InputError(f"{file} has {size / 1e6:.0f} MB, and a published list {MOST_BYTES / 1e6:.0f} at most: split it")
        return file.read_bytes()
    except OSError as error:
        raise InputError(f"{file} cannot be read ({error.strerror}): give the path of a published list") from error


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--days", default=7, show_default=True, type=click.IntRange(1, 366), help="How many announcement days.")
def publish(folder: Path, days: int) -> None:
    """Write one Markdown page per announcement day into FOLDER: a table of papers for each topic."""
    from newsletter.papers import store
    from newsletter.papers.days.store import days_with_papers
    from newsletter.publishing.tables import page_of_day

    with opened() as services, services.database.reading() as session:
        pages = {}
        for day, _ in days_with_papers(session, limit=days):
            papers = store.papers_announced(session, day)
            pages[day] = page_of_day(day, papers, store.matches_of(session, [paper.id for paper in papers]), services.catalogue)
    if not pages:
        raise InputError("no papers are stored yet: run `newsletter fetch` first")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for day, text in pages.items():
            (folder / f"{day}.md").write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{folder} cannot be written ({error.strerror}): give another folder") from error
    click.echo(f"{len(pages)} pages in {folder}")
