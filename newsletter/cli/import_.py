"""`newsletter import`: a list of papers in from a file."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsletter.cli.context import JSON, now, opened, print_json, progress, warn
from newsletter.errors import InputError
from newsletter.values.list_formats import ListFormat

if TYPE_CHECKING:
    from newsletter.archive.importing import ImportReport, ReadRow

SHOWN = 50
LONGEST_CELL = 60
FORMATS = click.Choice(tuple(one.value for one in ListFormat))


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--as", "format", type=FORMATS, help="The format of the page (default: told by its content).")
@click.option("--name", default="", help="What the list is called here (default: the name of the file).")
@click.option("--topic", "topics", multiple=True, help="HEADING=SLUG for the rows under a heading, SLUG for those under none.")
@click.option("--replace", is_flag=True, help="Put this page in the place of another one of the same name.")
@click.option("--dry-run", is_flag=True, help="Show what would be read, as a table, and keep nothing.")
@JSON
def import_(
    file: Path, format: str | None, name: str, topics: tuple[str, ...], *, replace: bool, dry_run: bool, as_json: bool
) -> None:
    """Take in FILE (- for standard input), a list of papers as somebody published it, or a workbook (.xlsx) of papers.

    Each row becomes a paper, a topic and a translation; nothing that is stored already is overwritten. What is not understood is
    listed with its line, and kept as it is. A second import changes nothing.
    """
    from newsletter.archive.formats.registry import Incoming, format_of, guesses
    from newsletter.archive.importing import ImportOptions

    shown = "standard input" if str(file) == "-" else str(file)
    text, places = _text(_read(file), shown)
    order = ImportOptions(name.strip() or (file.stem if shown == str(file) else "list"), topics, replace=replace, dry_run=dry_run)
    with opened() as services, progress("reading") as tell:
        try:
            chosen = format_of(text, name=format or "")
            report = chosen.import_list(services, Incoming(text, order, now(), tell))
        except InputError as error:
            raise InputError(f"{shown}, {error}") from error
    if as_json:
        print_json(_told(report, places, dry_run=dry_run))
        return
    sure = {guess.name: f"{guess.name} ({sure:.0%} sure)" for sure, guess in guesses(text)}
    click.echo(f"{shown} was taken for {_taken_for(chosen.name, sure)}")
    if dry_run and report.rows:
        _show(report, places)
    _tell(shown, report, places, dry_run=dry_run)


def _taken_for(name: ListFormat, sure: Mapping[ListFormat, str]) -> str:
    """The format in words, and what else the page may be."""
    others = [words for other, words in sure.items() if other != name]
    return sure.get(name, name) + (f", else {', '.join(others)}" if others else "")


def _text(data: bytes, shown: str) -> tuple[str, dict[int, str]]:
    """The page, and in words where its lines stand in the file, where they are none there. Raises InputError for no text."""
    from newsletter.archive.formats.decoding import decode
    from newsletter.archive.formats.workbook_pages import page_of, sheet_of
    from newsletter.text.workbooks import is_workbook, sheets_of

    if not is_workbook(data):
        text = decode(data, name=shown)
        table = sheet_of(text)
        return page_of([table], called="line") if table else (text, {})
    try:
        return page_of(sheets_of(data))
    except InputError as error:
        raise InputError(f"{shown}: {error}") from error


def _show(report: ImportReport, places: Mapping[int, str]) -> None:
    """The rows as they were understood, the first of them."""
    from rich.console import Console
    from rich.table import Table

    table = Table(
        "place" if places else "line",
        "topic",
        "paper",
        "date",
        "title",
        "authors",
        "also",
        box=None,
        pad_edge=False,
        header_style="",
    )
    for row in report.rows[:SHOWN]:
        table.add_row(*map(_one_line, (places.get(row.line, str(row.line)), *_cells(row))))
    Console(width=200, markup=False, highlight=False, emoji=False).print(table)
    if len(report.rows) > SHOWN:
        click.echo(f"and {len(report.rows) - SHOWN} rows more")


def _told(report: ImportReport, places: Mapping[int, str], *, dry_run: bool) -> dict[str, object]:
    """What became of the page, for scripts."""
    heads = ("topic", "paper", "date", "title", "authors", "also")
    rows = [{"place": places.get(row.line, str(row.line))} | dict(zip(heads, _cells(row), strict=True)) for row in report.rows]
    remarks = [{"place": places.get(one.line, str(one.line)), "words": one.words} for one in report.remarks]
    return {
        "format": report.format, "name": report.name, "counts": dict(report.counts), "number": report.number or None,
        "unchanged": report.unchanged, "dry_run": dry_run, "remarks": remarks, "rows": rows if dry_run else [],
    }  # fmt: skip


def _cells(row: ReadRow) -> tuple[str, ...]:
    item = row.item
    topic = f"{row.topic} = {row.slug}" if row.slug and row.slug != row.topic else row.topic
    texts = [f"{field} {language}" for field, language, _ in item.texts]
    known, own = ["stored before"] if row.is_known else [], ["abstract"] if item.abstract else []
    title = item.title or next((text for field, _, text in item.texts if field == "title"), "")
    authors = ", ".join(item.authors[:2]) + (" …" if len(item.authors) > 2 else "")
    also = ", ".join([*known, *own, *texts, *(kind for kind, _ in item.links)])
    return topic, item.ref or "none", str(item.date or ""), title, authors, also


def _one_line(text: str) -> str:
    """``text`` for a cell of a terminal: without controls, and not too long."""
    line = "".join(one if one.isprintable() else " " for one in text)
    return line if len(line) <= LONGEST_CELL else line[: LONGEST_CELL - 1] + "…"


def _tell(shown: str, report: ImportReport, places: Mapping[int, str], *, dry_run: bool) -> None:
    click.echo(f"{report.format} {report.name!r}: " + ", ".join(f"{count} {what}" for what, count in report.counts))
    if dry_run:
        click.echo("nothing was kept: this was a dry run")
    elif report.unchanged:
        click.echo("nothing changed: this page was imported before")
    elif report.number:
        click.echo(f"`newsletter imports undo {report.number}` takes it back")
    for remark in report.remarks:
        warn(f"{shown}, {places.get(remark.line, f'line {remark.line}')}: {remark.words}")


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
