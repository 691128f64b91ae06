"""`newsletter imports`: the lists of papers that were imported, and taking one back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from newsletter.cli.context import JSON, answer, as_table, now, opened, warn, working

if TYPE_CHECKING:
    from newsletter.archive.store.imports import StoredImport

SHOWN = 20


@click.group()
def imports() -> None:
    """Imports of lists of papers, by number. What a list brought into the collection is taken back on the collection's page."""


@imports.command("list")
@click.option("--json", "as_json", is_flag=True, help="A JSON array.")
def list_(*, as_json: bool) -> None:
    """All of them, the newest first, with the papers that each brought and no source has brought since."""
    from newsletter.archive.store import imports as store

    with opened() as services, services.database.reading() as session:
        found = store.imports(session)
    if as_json:
        told = [
            {
                "number": one.id,
                "name": one.name,
                "format": one.format,
                "at": one.imported_at.isoformat(),
                "papers": one.papers,
                "taken_back": one.undone_at.isoformat() if one.undone_at else None,
            }
            for one in found
        ]
        click.echo(json.dumps(told, indent=1, ensure_ascii=False))
        return
    if found:
        click.echo(as_table(("number", "imported (UTC)", "format", "name", "papers"), [_cells(one) for one in found]))
    click.echo(_counted(len(found), "import"), err=True)


def _cells(one: StoredImport) -> tuple[str, ...]:
    state = f"taken back {one.undone_at:%Y-%m-%d %H:%M}" if one.undone_at else f"{_counted(one.papers, 'paper')} of its own"
    return str(one.id), f"{one.imported_at:%Y-%m-%d %H:%M}", one.format, one.name, state


@imports.command("undo")
@click.argument("number", type=int)
@JSON
def undo(number: int, *, as_json: bool) -> None:
    """Take the import NUMBER back, with all that it stored and nothing else.

    What other imports said too stays for them, and a page that it took the place of stands again. Papers that a source has
    brought since stay, and so do those that a reader judged or the collection names: these are told.
    """
    from newsletter.archive.undoing import undo_import

    with opened() as services, working("taking the import back"):
        report = undo_import(services, number, now=now())
    removed = ", ".join(_counted(count, what) for what, count in report.counts)
    again = [f"stored again where they said the same: {', '.join(report.again)}"] if report.again else []
    told = {"number": number, "name": report.name, "removed": dict(report.counts)}
    told |= {"stay": list(report.stay), "stored_again": list(report.again)}
    answer(told, f"import {number} ({report.name}) was taken back: {removed} removed", *again, as_json=as_json)
    if report.stay:
        more = f" and {len(report.stay) - SHOWN} more" if len(report.stay) > SHOWN else ""
        warn(f"these papers stay, for they are in use: {' '.join(report.stay[:SHOWN])}{more}")


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
