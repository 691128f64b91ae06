"""`newsletter translate`: the translations that are missing, now."""

from __future__ import annotations

import click

from newsletter.cli.context import now, opened, progress, warn


@click.command()
@click.option("--dry-run", is_flag=True, help="Only say what is missing, and the calls and characters that it would cost.")
def translate(*, dry_run: bool) -> None:
    """Make the translations that stored papers and readers' languages still need."""
    from newsletter.daily.translate import translate as translate_now

    with opened() as services:
        with progress("translating") as tell:
            report = translate_now(services, now=now(), dry_run=dry_run, progress=tell)
        if dry_run:
            click.echo(f"{report.needed} texts to translate")
            for engine, cost in report.estimate.items():
                click.echo(f"{engine}: {cost.calls} calls, {cost.characters} characters")
            return
        click.echo(f"{report.accepted} of {report.needed} texts translated")
        for engine, problem in report.problems.items():
            warn(f"translation engine {engine}: {problem}")
        if report.accepted < report.needed:
            warn(f"{report.needed - report.accepted} texts stay in the original; they are tried again with the next run")
