"""`newsletter migrate`: the database to its newest form."""

from __future__ import annotations

import click

from newsletter.cli.context import settings


@click.command()
def migrate() -> None:
    """Bring the database to the newest form; safe to repeat."""
    from newsletter.operating import start_checks
    from newsletter.operating.migrate import migrate as upgrade

    database = start_checks.open_database(settings())
    upgrade(database)
    database.close()
    click.echo("The database is at its newest form.")
