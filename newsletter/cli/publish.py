"""`newsletter publish`: lists and days out into a folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newsletter.cli.context import JSON, answer, now, opened, working
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
@JSON
def publish(folder: Path, format: str | None, *, check: bool, as_json: bool, **options: Any) -> None:
    """Write the imported lists into FOLDER as pages; where none was imported, a page for each of the newest days.

    Everything comes out of the database. Pages that are there as they are stay untouched.
    """
    from newsletter.archive.formats import registry
    from newsletter.archive.publishing import PublishOptions

    wanted = PublishOptions(**options)
    with opened() as services:
        if check:
            with working("comparing pages"):
                checked = registry.checked_pages(services, folder, wanted, now=now(), format=format or "")
            _check(folder, checked, as_json=as_json)
            return
        with working("writing pages"):
            done = registry.publish(services, folder, wanted, now=now(), format=format or "")
    words = f"{len(done.pages.pages)} pages written in {folder}, {done.pages.unchanged} unchanged"
    told = {"written": [str(page) for page in done.pages.pages], "unchanged": done.pages.unchanged, "git": done.git}
    answer(told, words, *([done.git] if done.git else ()), as_json=as_json)


def _check(folder: Path, found: CheckedPages, *, as_json: bool) -> None:
    lines = list(_checked(folder, found))
    answer({"differing": list(found.differing), "not_out": list(found.not_out), "where": found.where}, *lines, as_json=as_json)
    if found.differing or found.not_out:
        raise SystemExit(1)


def _checked(folder: Path, found: CheckedPages) -> Iterator[str]:
    for names, words in ((found.differing, "are not as they would be written"), (found.not_out, f"are not on {found.where}")):
        if names:
            more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
            yield f"{len(names)} pages in {folder} {words}: {', '.join(names[:SHOWN])}{more}"
    if not (found.differing or found.not_out):
        yield f"every page in {folder} is as it would be written" + (f", and on {found.where}" if found.where else "")
