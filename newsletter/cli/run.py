"""The commands that run processes: everything at once, or each part alone."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsletter.cli.context import settings
from newsletter.errors import TemporaryError

if TYPE_CHECKING:
    from newsletter.db import Database
    from newsletter.settings import Settings

SAMPLE_LINE = "arXiv cannot be reached: showing a bundled sample day (marked as such); arXiv is asked again soon"


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 for all.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="Port; 0 picks a free one.")
@click.option("--demo", is_flag=True, help="In a scratch folder, with made-up papers, readers and mails; none leaves.")
def run(host: str, port: int, *, demo: bool) -> None:
    """Run everything on this machine: pages, workers, scheduler and, where none is set, Redis and a local inbox."""
    from newsletter.operating import supervisor
    from newsletter.operating.start_messages import Occasion
    from newsletter.settings import load

    if demo:
        from newsletter.cli import demo as demonstrating

        sys.exit(demonstrating.run(host=host, port=port))
    found = load()
    make_sure_of_the_key(found)
    sys.exit(supervisor.run(found, host=host, port=port, environment=os.environ, occasion=Occasion(news_of(found))))


def make_sure_of_the_key(found: Settings) -> None:
    """Tries the DKIM key, if one is set: a worker would find out only when the first mail waits. Raises SettingsError."""
    if found.dkim_key_file:
        from newsletter.mail.dkim import load_signer

        load_signer(domain=found.dkim_domain, selector=found.dkim_selector, key_file=found.dkim_key_file)


def news_of(found: Settings) -> Callable[[Database], str | None]:
    """A line where the stored papers are the sample day; None while there are no papers at all, and some will come."""

    def news(database: Database) -> str | None:
        from newsletter.papers.store import papers as papers_store

        with database.reading() as session:
            if not found.sources or papers_store.has_papers(session, sample=False):
                return ""
            return SAMPLE_LINE if papers_store.has_papers(session, sample=True) else None

    return news


@click.command()
def migrate() -> None:
    """Bring the database to the newest form; safe to repeat."""
    from newsletter.operating import start_checks
    from newsletter.operating.migrate import migrate as upgrade

    database = start_checks.open_database(settings())
    upgrade(database)
    database.close()
    click.echo("The database is at its newest form.")


@click.command()
@click.argument("queues", nargs=-1, type=click.Choice(["mail", "papers"]))
def worker(queues: tuple[str, ...]) -> None:
    """Work on the queues named (default: mail, then papers), as `python worker.py` does."""
    script = Path(__file__).resolve().parents[2] / "worker.py"
    if not script.is_file():
        raise TemporaryError(f"{script} is missing: install the project with `pip install -e .` from its folder")
    os.execv(sys.executable, [sys.executable, str(script), *queues])  # noqa: S606 - the same program, without a shell


@click.command()
def scheduler() -> None:
    """Run the loop that plans digests and wakes workers; two of them do no harm."""
    from newsletter.scheduler import main

    main()


@click.command()
def inbox() -> None:
    """Run the local inbox's mail server alone; it tells its port in DATA_DIR/run."""
    from newsletter.mail.inbox import main

    main()
