"""`newsletter fetch`: new papers now."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from newsletter.cli.context import DATE, now, opened, print_json, steps, warn
from newsletter.errors import InputError

if TYPE_CHECKING:
    from newsletter.daily.fetch import FetchReport


@click.command()
@click.option("--since", type=DATE, help="First day of submission (default: 14 days before --until).")
@click.option("--until", type=DATE, help="Last day of submission (default: today).")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def fetch(since: dt.date | None, until: dt.date | None, *, as_json: bool) -> None:
    """Fetch new papers of the categories that the topics name."""
    from newsletter.daily import fetch
    from newsletter.jobs import FETCH_ATTEMPTS

    if since and until and since > until:
        raise InputError(f"--since {since} lies after --until {until}: exchange them")
    with opened() as services:
        with steps("fetching", shown=not as_json) as tell:
            report = fetch.fetch_now(services, now=now(), since=since, until=until, attempts=FETCH_ATTEMPTS, tell=tell)
        if as_json:
            print_json(asdict(report))
        else:
            _print(report)
        if report.problem:
            warn(f"the fetch did not end well: {report.problem}; what came before is kept")
        if report.samples:
            warn(f"a bundled sample day of {report.samples} papers is shown until arXiv answers")
        if report.problem and not report.found and not report.samples:
            raise SystemExit(1)


def _print(report: FetchReport) -> None:
    click.echo(f"{report.found} found, {report.new} new, {report.updated} updated ({report.since} to {report.until})")
    for note in report.notes:
        click.echo(note)
