"""`newsletter migrate` and `newsletter upgrade`: the database to its newest form, and what that would take."""

from __future__ import annotations

import click

from newsletter.cli.context import JSON, answer, settings, working

CURRENT = "The database is at its newest form."


@click.command()
@JSON
def migrate(*, as_json: bool) -> None:
    """Bring the database to the newest form; safe to repeat."""
    from newsletter.operating import migrate as migrations
    from newsletter.operating import start_checks

    database = start_checks.open_database(settings())
    with working("bringing the database to its newest form"):
        migrations.migrate(database)
    database.close()
    answer({"current": True}, CURRENT, as_json=as_json)


@click.command()
@click.option("--check", is_flag=True, help="Only tell what would be done: exit code 1 where there is something to do.")
@JSON
def upgrade(*, check: bool, as_json: bool) -> None:
    """Look whether this version goes with the settings and the database, and bring the database to its form.

    Processes of the version before may go on meanwhile. A database of a newer version is refused.
    """
    from newsletter.operating import migrate as migrations
    from newsletter.operating import start_checks

    database = start_checks.open_database(settings())
    try:
        missing = migrations.steps(database)
        steps = [f"{number}  {what}" for number, what in missing]
        told = [{"migration": number, "what": what} for number, what in missing]
        if missing and check:
            words = f"{len(missing)} migrations to do: make a backup (`newsletter backup FILE`), then `newsletter upgrade`."
            answer({"current": False, "migrations": told}, *steps, words, as_json=as_json)
            raise SystemExit(1)
        with working("bringing the database to its newest form"):
            migrations.migrate(database)
    finally:
        database.close()
    answer({"current": True, "migrations": told}, *steps, CURRENT, as_json=as_json)
