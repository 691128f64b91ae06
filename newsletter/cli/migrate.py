"""`newsletter migrate` and `newsletter upgrade`: the database to its newest form, and what that would take."""

from __future__ import annotations

import click

from newsletter.cli.context import settings

CURRENT = "The database is at its newest form."


@click.command()
def migrate() -> None:
    """Bring the database to the newest form; safe to repeat."""
    from newsletter.operating import migrate as migrations
    from newsletter.operating import start_checks

    database = start_checks.open_database(settings())
    migrations.migrate(database)
    database.close()
    click.echo(CURRENT)


@click.command()
@click.option("--check", is_flag=True, help="Only tell what would be done: exit code 1 where there is something to do.")
def upgrade(*, check: bool) -> None:
    """Look whether this version goes with the settings and the database, and bring the database to its form.

    Processes of the version before may go on meanwhile. A database of a newer version is refused.
    """
    from newsletter.operating import migrate as migrations
    from newsletter.operating import start_checks

    database = start_checks.open_database(settings())
    try:
        missing = migrations.steps(database)
        for number, what in missing:
            click.echo(f"{number}  {what}")
        if missing and check:
            click.echo(f"{len(missing)} migrations to do: make a backup (`newsletter backup FILE`), then `newsletter upgrade`.")
            raise SystemExit(1)
        migrations.migrate(database)
    finally:
        database.close()
    click.echo(CURRENT)
