"""`newsletter backfill`: papers of months or years into the archive."""

from __future__ import annotations

import datetime as dt
import sys
from typing import TYPE_CHECKING

import click

from newsletter.cli.context import DATE, JSON, answer, now, opened

if TYPE_CHECKING:
    from newsletter.daily.backfill import Told

FINEST = 1000


@click.command()
@click.option("--since", type=DATE, required=True, help="First day of submission.")
@click.option("--until", type=DATE, help="Last day of submission (default: today).")
@click.option("--categories", default="", help="arXiv's categories, comma-separated (default: those that are fetched every day).")
@click.option("--anew", is_flag=True, help="Begin anew where an interrupted one would go on.")
@JSON
def backfill(since: dt.date, until: dt.date | None, categories: str, *, anew: bool, as_json: bool) -> None:
    """Fill the archive with arXiv's papers since a day, by OAI-PMH; no reader gets mail of them.

    It takes arXiv's pauses: some 1,500 papers a minute. What was interrupted goes on where it was when the same is asked again.
    """
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    from newsletter.cli.context import console
    from newsletter.daily import backfill as use_case

    named = [one.strip() for one in categories.split(",") if one.strip()]
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:.0f} %"), TimeRemainingColumn())
    with opened() as services, Progress(*columns, console=console(), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("asking arXiv", total=FINEST)

        def tell(told: Told) -> None:
            bar.update(task, completed=FINEST * told.done / told.steps, description=told.list_name)
            if not (as_json or sys.stderr.isatty()):
                click.echo(_line(told))

        done = use_case.backfill(services, since=since, until=until, categories=named, now=now(), tell=tell, anew=anew)
    told = f"{done.new} papers new in the archive, submitted from {done.since} to {done.until}; no reader gets mail of them"
    answer({"new": done.new, "since": done.since, "until": done.until}, told, as_json=as_json)


def _line(told: Told) -> str:
    of = f" of {told.of}" if told.of else ""
    left = f", about {told.left} left" if told.left is not None and told.done < told.steps else ""
    return f"{told.done / told.steps:4.0%}  {told.list_name}: {told.records}{of} records, {told.new} papers new{left}"
