"""Subscribers: one looked at; in from a CSV file, out to one; all that is known of one person, shown and erased."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsletter.cli.context import now, opened, progress, warn
from newsletter.errors import InputError

if TYPE_CHECKING:
    from newsletter.subscribers.import_export import ImportReport

SHOWN = 50
STATUS = click.Choice(("confirmed", "pending", "paused", "unsubscribed", "bounced", "complained"))


@click.group()
def subscribers() -> None:
    """Look at one subscriber, bring many in from a CSV file, or write them to one; show and erase what is known of a person."""


@subscribers.command()
@click.argument("email")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def show(email: str, *, as_json: bool) -> None:
    """What is known of EMAIL: state, choices, consent, mails with what servers replied, what came back and what followed."""
    from newsletter.subscribers.person import person

    with opened() as services, services.database.reading() as session:
        found = person(session, email, services.settings.suppression_key)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    for name, value in found.items():
        if not isinstance(value, list):
            click.echo(f"{name.replace('_', ' ')}: {_in_words(value)}")
            continue
        click.echo(f"{name.replace('_', ' ')}: {len(value) or 'none'}")
        for one in value:
            click.echo("  " + "  ".join(str(fact) for fact in one.values() if fact not in (None, "")))


def _in_words(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {fact}" for name, fact in value.items() if fact not in (None, "", []))
    return "none" if value is None else str(value)


@subscribers.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--consent", required=True, help="What these people agreed to, when and where: kept as evidence.")
@click.option("--topics", default="", help="Slugs joined by ; for those of whom the list says none.")
@click.option("--language", default="", help="Likewise a language, such as zh-CN (else en).")
@click.option("--timezone", default="", help="Likewise a time zone, such as Europe/Berlin (else UTC).")
@click.option("--hour", type=click.IntRange(0, 23), help="Likewise the hour of the mail (else 7).")
@click.option(
    "--status", type=STATUS, help="Likewise what these people are (else confirmed); those who left need no more than an address."
)
@click.option(
    "--map", "maps", multiple=True, metavar="COLUMN=FIELD", help="Which column holds a field, where its name does not say so."
)
@click.option("--dry-run", is_flag=True, help="Say what would happen, and keep nothing.")
def import_(
    file: Path, consent: str, maps: tuple[str, ...], *, hour: int | None, status: str | None, dry_run: bool, **defaults: str
) -> None:
    """Take in FILE (- for standard input): people in CSV or .xlsx, as this or another service exports them. No mail is sent.

    Columns are known by their names (email,topics,language,timezone,hour,status and those of listmonk, Mailchimp, Substack,
    Buttondown, Ghost, Mailman, Keila); others are not read. Nobody who left, bounced or complained is revived. Refused lines
    are written to FILE.errors.csv, to be mended there; exit code 1 when there are any.
    """
    from newsletter.digests.selection import COLLECTION
    from newsletter.subscribers import import_export

    chosen = {**defaults, "hour": "" if hour is None else str(hour), "status": status or ""}
    how = import_export.Reading(dict(map(_mapped, maps)), {name: value for name, value in chosen.items() if value})
    data = _read(file)
    lines, told_of_file = import_export.decoded(data)
    with opened() as services, progress("reading") as tell:
        total = lines.getvalue().count("\n")
        known = services.catalogue.by_slug.keys() | {COLLECTION}
        report = import_export.import_csv(
            services,
            lines,
            consent=consent,
            known=known,
            now=now(),
            how=how,
            dry_run=dry_run,
            progress=lambda done: tell(done, total),
        )
    told = f"{report.added} added, {report.updated} updated, {report.unchanged} unchanged, {len(report.refused)} refused"
    click.echo(told + (f", {report.suppressed} suppressed" if report.suppressed else ""))
    if dry_run:
        click.echo("nothing was kept: this was a dry run")
    if told_of_file:
        warn(f"{file} {told_of_file}")
    _remark(file, report.refused)
    _remark(file, report.notes)
    if report.refused:
        if str(file) != "-":
            _write_refused(file, report)
        raise SystemExit(1)


def _mapped(text: str) -> tuple[str, str]:
    """Column and field. Raises InputError where it names no field."""
    from newsletter.subscribers.import_export.columns import FIELDS

    column, _, field = (part.strip() for part in text.rpartition("="))
    if not column or field not in FIELDS:
        raise InputError(f"--map {text!r} names no field: write COLUMN=FIELD, where FIELD is one of {', '.join(FIELDS)}")
    return column, field


def _write_refused(file: Path, report: ImportReport) -> None:
    """Puts the refused lines beside the file, with line and reason before their cells, for mending and importing again."""
    from newsletter.subscribers.import_export.exporting import csv_line

    target = file.with_name(f"{file.name}.errors.csv")
    rows = [csv_line(("line", "error", *report.cells.get(0, ("email",))))]
    rows += [csv_line((str(line), why, *report.cells.get(line, ()))) for line, why in report.refused]
    try:
        _write(target, rows)
    except OSError as error:
        warn(f"{target} cannot be written ({error.strerror}): the refused lines are told above alone")
        return
    warn(f"the refused lines are in {target}: mend them there and import it")


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


@subscribers.command("data")
@click.argument("email")
def data_(email: str) -> None:
    """Print all that is kept of the person with the address EMAIL, as JSON."""
    from newsletter.subscribers import rights

    with opened() as services:
        found = rights.data_of_address(services, email)
    if not found:
        raise InputError("nothing is kept of this address: look at its spelling")
    click.echo(json.dumps(found, ensure_ascii=False, indent=1))


@subscribers.command("erase")
@click.argument("email")
@click.option("--never-again", is_flag=True, help="Keep a keyed hash of the address, so that it gets no mail again.")
def erase_(email: str, *, never_again: bool) -> None:
    """Erase all that is kept of the person with the address EMAIL, in every table and file of the installation.

    Backups made before still hold it: see docs/operating.md.
    """
    from newsletter.subscribers import rights

    with opened() as services:
        known = rights.erase_address(services, email, now=now(), never_again=never_again)
    if not known and not never_again:
        raise InputError("nothing is kept of this address: look at its spelling")
    click.echo("All that was kept of this address is erased.")
