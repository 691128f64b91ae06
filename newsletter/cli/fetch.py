"""Papers: fetching and translating now."""

from __future__ import annotations

import datetime as dt

import click

from newsletter.cli.context import DATE, console, now, opened, progress, warn
from newsletter.errors import InputError


@click.command()
@click.option("--since", type=DATE, help="First day of submission (default: 14 days before --until).")
@click.option("--until", type=DATE, help="Last day of submission (default: today).")
def fetch(since: dt.date | None, until: dt.date | None) -> None:
    """Fetch new papers of the categories that the topics name."""
    from newsletter.daily import fetch
    from newsletter.jobs import FETCH_ATTEMPTS

    if since and until and since > until:
        raise InputError(f"--since {since} lies after --until {until}: exchange them")
    with opened() as services:
        with console().status("fetching"):
            report = fetch.fetch(services, now=now(), since=since, until=until, attempts=FETCH_ATTEMPTS)
        click.echo(f"{report.found} found, {report.new} new, {report.updated} updated ({report.since} to {report.until})")
        for note in report.notes:
            click.echo(note)
        if report.problem:
            warn(f"the fetch did not end well: {report.problem}; what came before is kept")
        if report.samples:
            warn(f"a bundled sample day of {report.samples} papers is shown until arXiv answers")
        services.queues.wake_translate()
        if report.problem and not report.found and not report.samples:
            raise SystemExit(1)


@click.command()
@click.option("--dry-run", is_flag=True, help="Only say what is missing, and the calls and characters that it would cost.")
def translate(*, dry_run: bool) -> None:
    """Make the translations that stored papers and readers' languages still need."""
    from newsletter.daily import translate

    with opened() as services:
        with progress("translating") as tell:
            report = translate.translate(services, now=now(), dry_run=dry_run, progress=tell)
        if dry_run:
            click.echo(f"{report.needed} texts to translate")
            for engine, cost in report.estimate.items():
                click.echo(f"{engine}: {cost.calls} calls, {cost.characters} characters")
            return
        click.echo(f"{report.accepted} of {report.needed} texts translated")
        services.queues.wake_senders()
        if report.accepted < report.needed:
            warn(f"{report.needed - report.accepted} texts stay in the original; they are tried again with the next run")
