"""`newsletter translate`: the translations that are missing, now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from newsletter.cli.context import now, opened, print_json, progress, warn

if TYPE_CHECKING:
    from newsletter.bootstrap import Services
    from newsletter.daily.translate import TranslateReport


@click.command()
@click.option("--dry-run", is_flag=True, help="Only say what is missing, and the calls and characters that it would cost.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def translate(*, dry_run: bool, as_json: bool) -> None:
    """Make the translations that stored papers and readers' languages still need."""
    from newsletter.daily.translate import translate as translate_now

    with opened() as services:
        with progress("translating") as tell:
            report = translate_now(services, now=now(), dry_run=dry_run, progress=tell)
        if as_json:
            costs = {engine: {"calls": cost.calls, "characters": cost.characters} for engine, cost in report.estimate.items()}
            counts = {"needed": report.needed, "translated": report.accepted, "problems": dict(report.problems)}
            print_json(counts | {"estimate": costs})
            return
        if dry_run:
            click.echo(f"{report.needed} texts to translate")
            for engine, cost in report.estimate.items():
                click.echo(f"{engine}: {cost.calls} calls, {cost.characters} characters")
            _tell_costs(services, report)
            return
        click.echo(f"{report.accepted} of {report.needed} texts translated")
        for engine, problem in report.problems.items():
            warn(f"translation engine {engine}: {problem}")
        if report.accepted < report.needed:
            warn(f"{report.needed - report.accepted} texts stay in the original; they are tried again with the next run")


def _tell_costs(services: Services, report: TranslateReport) -> None:
    """What it costs by language, and what was spent: today, this month, and of how much."""
    from newsletter.translation.store import usage

    engines = services.settings.engines
    for engine in report.estimate:
        price, today = engines.character_prices.get(engine, 0.0) / 1_000_000, now().date()
        for language, cost in report.by_language.items():
            one = cost[engine]
            money = f", about {one.characters * price:.2f}" if price else ""
            click.echo(f"  {language}: {one.calls} calls, {one.characters} characters{money}")
        if price:
            with services.database.reading() as session:
                days = [usage.totals(session, since=day, what="characters") for day in (today, today.replace(day=1))]
            spent, month = (day.get((engine, "characters"), 0) * price for day in days)
            most = engines.money_per_month.get(engine)
            of = f" of {most:.2f}" if most is not None else ""
            click.echo(f"  spent: {spent:.2f} today, {month:.2f}{of} this month")
