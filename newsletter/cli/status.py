"""`newsletter status`: whether the day is in order."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict

import click

from newsletter.cli.context import DATE, now, opened, print_json


@click.command()
@click.option("--date", type=DATE, help="The digests of this day (default: today, UTC).")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def status(date: dt.date | None, *, as_json: bool) -> None:
    """Is the day in order? What came in, what left, who is at work, what is wrong. Exit code 1 when something has to be done."""
    from newsletter.desk import status as desk

    with opened() as services, services.database.reading() as session:
        found = desk.status(services, session, day=date or now().date(), now=now())
    if as_json:
        print_json({"in_order": found.in_order} | asdict(found))
    else:
        for line in desk.lines(found):
            click.echo(line)
    if not found.in_order:
        raise SystemExit(1)
