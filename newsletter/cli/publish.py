"""`newsletter publish`: lists and days out into a folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsletter.cli.context import now, opened
from newsletter.values.list_formats import ListFormat

if TYPE_CHECKING:
    from newsletter.archive.publishing import CheckedPages

SHOWN = 50
FORMATS = click.Choice(tuple(one.value for one in ListFormat))


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--format", "format", type=FORMATS, help="The format of the pages (default: each list's own, else readme).")
@click.option("--language", default="", help="Such as zh-CN (default: a list's own, else the original).")
@click.option("--days", default=7, show_default=True, type=click.IntRange(1, 366), help="How many days get a page.")
@click.option("--classic", is_flag=True, help="The columns that lists had of old, exactly, and imported pages as they were.")
@click.option("--dated", is_flag=True, help='With --classic: today\'s date in "Updated on".')
@click.option("--git", is_flag=True, help="Commit the pages, and push them to the upstream of the branch.")
@click.option(
    "--check",
    is_flag=True,
    help="Write nothing: exit code 1 where a page in FOLDER is not as it would be written, or with --git is not on its upstream.",
)
def publish(
    folder: Path, format: str | None, language: str, days: int, *, classic: bool, dated: bool, git: bool, check: bool
) -> None:
    """Write the imported lists into FOLDER as pages; where none was imported, a page for each of the newest days.

    Everything comes out of the database. Pages that are there as they are stay untouched.
    """
    from newsletter.archive.formats import registry
    from newsletter.archive.publishing import PublishOptions

    wanted = PublishOptions(language=language, days=days, classic=classic, dated=dated, git=git)
    with opened() as services:
        if check:
            _check(folder, registry.checked_pages(services, folder, wanted, now=now(), format=format or ""))
            return
        done = registry.publish(services, folder, wanted, now=now(), format=format or "")
    click.echo(f"{len(done.pages.pages)} pages written in {folder}, {done.pages.unchanged} unchanged")
    if done.git:
        click.echo(done.git)


def _check(folder: Path, found: CheckedPages) -> None:
    for names, words in ((found.differing, "are not as they would be written"), (found.not_out, f"are not on {found.where}")):
        if names:
            more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
            click.echo(f"{len(names)} pages in {folder} {words}: {', '.join(names[:SHOWN])}{more}")
    if found.differing or found.not_out:
        raise SystemExit(1)
    click.echo(f"every page in {folder} is as it would be written" + (f", and on {found.where}" if found.where else ""))
