"""`newsletter publish`: lists and days out into a folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from newsletter.cli.context import now, opened
from newsletter.values.list_formats import ListFormat

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
@click.option("--check", is_flag=True, help="Write nothing: exit code 1 where a page in FOLDER is not as it would be written.")
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
            _check(folder, registry.out_of_date(services, folder, wanted, now=now(), format=format or ""))
            return
        done = registry.publish(services, folder, wanted, now=now(), format=format or "")
    click.echo(f"{len(done.pages.pages)} pages written in {folder}, {done.pages.unchanged} unchanged")
    if done.git:
        click.echo(done.git)


def _check(folder: Path, names: Sequence[str]) -> None:
    if not names:
        click.echo(f"every page in {folder} is as it would be written")
        return
    click.echo(f"{len(names)} pages in {folder} are not as they would be written: {', '.join(names[:SHOWN])}")
    raise SystemExit(1)
