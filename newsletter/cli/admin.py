"""Logins for the admin pages."""

from __future__ import annotations

import sys

import click

from newsletter.cli.context import now, opened


@click.group()
def admin() -> None:
    """Logins for the admin pages."""


@admin.command()
@click.argument("name")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of asking.")
def create(name: str, *, password_stdin: bool) -> None:
    """Make a login, or give an existing one a new password."""
    from newsletter.operating import logins
    from newsletter.web.admin.passwords import hashed

    logins.checked_name(name)  # before a password is asked for
    if password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)

    with opened() as services:
        secret = hashed(password, about=(name, services.settings.site_name))
        logins.keep(services.database, name, secret, now=now())
    click.echo(f"{name} can log in at /admin")


@admin.command("list")
def list_() -> None:
    """Who may log in."""
    from newsletter.operating.store import operator_names

    with opened() as services, services.database.reading() as session:
        for name, created_at in operator_names(session):
            click.echo(f"{name}\t{created_at:%Y-%m-%d}")


@admin.command()
@click.argument("name")
def remove(name: str) -> None:
    """Take a login away."""
    from newsletter.operating import logins

    with opened() as services:
        logins.remove(services.database, name)
    click.echo(f"{name} cannot log in any more")
