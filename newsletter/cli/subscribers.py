"""`newsletter subscribers`: many in from a file, out to one. What concerns one person stands in `people`, `people_changes`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsletter.cli import people, people_changes
from newsletter.cli.context import JSON, answer, now, opened, progress, warn, working
from newsletter.cli.private_files import write_private
from newsletter.errors import InputError

if TYPE_CHECKING:
    from newsletter.subscribers.import_export import ImportReport

SHOWN = 50
STATUS = click.Choice(("confirmed", "pending", "paused", "unsubscribed", "bounced", "complained"))


@click.group()
def subscribers() -> None:
    """Look for subscribers, see why one got no mail, change what they chose; many in from a CSV file, or out to one."""


for _command in (*people.COMMANDS, *people_changes.COMMANDS):
    subscribers.add_command(_command)


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
@JSON
def import_(
    file: Path,
    consent: str,
    maps: tuple[str, ...],
    *,
    hour: int | None,
    status: str | None,
    dry_run: bool,
    as_json: bool,
    **defaults: str,
) -> None:
    """Take in FILE (- for standard input): people in CSV or .xlsx, as this or another service exports them. No mail is sent.

    Columns are known by their names (email,topics,language,timezone,hour,status and those of listmonk, Mailchimp, Substack,
    Buttondown, Ghost, Mailman, Keila); others are not read. Nobody who left, bounced or complained is revived. Refused lines
    are written to FILE.errors.csv, to be mended there; exit code 1 when there are any.
    """
    from newsletter.digests.selection import COLLECTION
    from newsletter.subscribers import import_export
    from newsletter.subscribers.import_export.leaving import status_by_name

    by_name = "" if status else status_by_name(file.name)
    if by_name:
        warn(f"{file} is by its name a list of people who left: taken as {by_name}; --status says otherwise")
    chosen = {**defaults, "hour": "" if hour is None else str(hour), "status": status or by_name}
    how = import_export.Reading(dict(map(_mapped, maps)), {name: value for name, value in chosen.items() if value})
    data = _read(file)
    lines, told_of_file = import_export.decoded(data)
    with opened() as services, progress("reading") as tell:
        total = lines.getvalue().count("\n")
        known = services.offered.keys() | {COLLECTION}
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
    words = f"{report.added} added, {report.updated} updated, {report.unchanged} unchanged, {len(report.refused)} refused"
    words += f", {report.suppressed} suppressed" if report.suppressed else ""
    kept = ["nothing was kept: this was a dry run"] if dry_run else []
    answer(_counts(report) | {"dry_run": dry_run}, words, *kept, as_json=as_json)
    if told_of_file:
        warn(f"{file} {told_of_file}")
    _remark(file, report.refused)
    _remark(file, report.notes)
    if report.refused:
        if str(file) != "-":
            _write_refused(file, report)
        raise SystemExit(1)


def _counts(report: ImportReport) -> dict[str, object]:
    counts = {name: getattr(report, name) for name in ("added", "updated", "unchanged", "suppressed")}
    return counts | {"refused": [{"line": line, "why": why} for line, why in report.refused]}


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
        write_private(target, rows)
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
@JSON
def export_(file: Path, *, as_json: bool) -> None:
    """Write all subscribers to FILE (- for standard output), in the form that `import` reads."""
    from newsletter.subscribers import import_export

    with opened() as services, working("reading all subscribers"), services.database.reading() as session:
        lines = list(import_export.export_csv(session, now=now()))
    if str(file) == "-":
        sys.stdout.writelines(lines)
        return
    try:
        write_private(file, lines)
    except OSError as error:
        raise InputError(f"{file} cannot be written ({error.strerror}): give another path") from error
    count = max(0, len(lines) - 1)
    answer({"file": str(file), "subscribers": count}, f"{count} subscribers in {file}", as_json=as_json)
