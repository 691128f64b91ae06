"""`newsletter run`: everything on this machine, in processes that are looked after."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import click

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
    from newsletter.operating.start_messages import RunProfile
    from newsletter.settings import LOOPBACK, load

    if demo:
        from newsletter.cli import demo as demonstrating

        sys.exit(demonstrating.run(host=host, port=port))
    while True:
        found = load()
        make_sure_of_the_key(found)
        # Where others reach the pages too, these do not belong on them.
        is_here = host in LOOPBACK and not found.proxy_hops
        profile = RunProfile(news_of(found), prepare=partial(prepare, is_here=is_here))
        try:
            sys.exit(supervisor.run(found, host=host, port=port, environment=os.environ, profile=profile))
        except supervisor.StartAnew as asked:
            port = asked.port


def prepare(found: Settings, *, is_here: bool) -> list[str]:
    """Takes in own files, and gives a line for each; offers the pages of the first evening where nobody can log in yet, and the
    pages are this machine's alone (``is_here``).
    """
    from newsletter.desk.first_evening import offer_page
    from newsletter.operating import setup_token

    if is_here:
        offer_page(found, os.environ)
    else:
        setup_token.forget(found.data_dir)
    return take_in(found)


def take_in(found: Settings) -> list[str]:
    """Takes in the own files that stand in DATA_DIR from before they were kept in the database; gives a line for each."""
    from newsletter.operating.own_files import files_in

    if not files_in(found.data_dir):
        return []
    from newsletter.bootstrap import build
    from newsletter.cli.context import now
    from newsletter.daily.own_files import take_in_files

    services = build(found)
    try:
        return take_in_files(services, now=now())
    finally:
        services.database.close()


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
