"""Pages for publication, and the way back."""

from __future__ import annotations

from pathlib import Path

import click

from newsletter.cli.opening import opened
from newsletter.errors import InputError


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
def import_(file: Path) -> None:
    """Import a published list of papers. Not supported yet: says so and exits with 2."""
    raise InputError(
        f"{file} is not imported: published lists cannot be read in yet. `newsletter topics import` takes a catalogue,"
        " `newsletter subscribers import` takes subscribers, `newsletter fetch --since DATE` fetches papers of past days"
    )


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
