"""`newsletter pages`: an operator's own words on /about and /privacy, a language each."""

from __future__ import annotations

from pathlib import Path

import click

from newsletter.cli.context import JSON, answer, now, opened
from newsletter.text.own_pages import PAGES

PAGE = click.argument("page", type=click.Choice(PAGES))
LANGUAGE = click.argument("language", metavar="LANGUAGE")


@click.group()
def pages() -> None:
    """Your own words on the pages /about and /privacy, in Markdown, for a language (a code such as zh-CN)."""


@pages.command("import")
@PAGE
@LANGUAGE
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--who", help="Who gives it, for the history (default: the login and host).")
@JSON
def import_(page: str, language: str, file: Path, who: str | None, *, as_json: bool) -> None:
    """Show the Markdown in FILE on PAGE to visitors in LANGUAGE; those without a text of theirs see the English one.

    Every host shows it within seconds. A file that cannot be shown changes nothing.
    """
    from newsletter.cli.own_files import read, whoever
    from newsletter.daily.own_files import take
    from newsletter.operating.own_files import page_of

    given = read(file)
    with opened() as services:
        name, note = page_of(page, language), f"from {file.name}"
        change = take(services, name, given, where=str(file), who=whoever(who), note=note, now=now())
        address = f"{services.settings.base_url}/{page}?lang={language}"
    told = f"version {change.number} is in use: see {address}"
    answer({"page": page, "language": language, "version": change.number, "address": address}, told, as_json=as_json)


@pages.command("export")
@PAGE
@LANGUAGE
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), default="-")
@click.option("--version", "number", type=click.IntRange(1), default=None, help="This version, of the history.")
@JSON
def export_(page: str, language: str, file: Path, number: int | None, *, as_json: bool) -> None:
    """Write your own text of PAGE in LANGUAGE as it was given; nothing where you gave none."""
    from newsletter.cli.own_files import put_out
    from newsletter.operating.own_files import page_of

    put_out(page_of(page, language), file, number=number or 0, shipped=Path("none"), as_json=as_json)


@pages.command()
@PAGE
@LANGUAGE
@JSON
def history(page: str, language: str, *, as_json: bool) -> None:
    """Who gave which version when, and which is in use."""
    from newsletter.cli.own_files import show_history
    from newsletter.operating.own_files import page_of

    show_history(page_of(page, language), as_json=as_json)


@pages.command()
@PAGE
@LANGUAGE
@click.option("--who", help="Who undoes it, for the history (default: the login and host).")
@JSON
def undo(page: str, language: str, who: str | None, *, as_json: bool) -> None:
    """Go back to the version before the one in use; at last to none."""
    from newsletter.cli.own_files import go_back
    from newsletter.operating.own_files import page_of

    go_back(page_of(page, language), who, as_json=as_json)
