"""Logins for the admin pages."""

from __future__ import annotations

import sys

import click

from newsletter.cli.context import now, opened
from newsletter.operating.operators.roles import Role

ROLE = click.Choice([role.value for role in Role])


@click.group()
def admin() -> None:
    """Logins for the admin pages."""


@admin.command()
@click.argument("name")
@click.option("--role", type=ROLE, help="What they may do; otherwise the first is an owner, others are viewers.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of asking.")
def create(name: str, *, role: str | None, password_stdin: bool) -> None:
    """Make a login, or give an existing one a new password."""
    from newsletter.operating import logins
    from newsletter.operating.operators.passwords import hashed

    logins.checked_name(name)  # before a password is asked for
    if password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)

    with opened() as services:
        secret = hashed(password, about=(name, services.settings.site_name))
        kept = logins.keep(services.database, name, secret, now=now(), role=Role(role) if role else None)
    click.echo(f"{name} can log in at /admin ({kept})")


@admin.command("list")
def list_() -> None:
    """Who may log in, with which role, since when, and whether a second factor is asked for."""
    from newsletter.operating.operators.store import operators

    with opened() as services, services.database.reading() as session:
        for one in operators(session):
            click.echo(f"{one.name}\t{one.role}\t{one.created_at:%Y-%m-%d}\t{'code' if one.sealed else 'password alone'}")


@admin.command()
@click.argument("name")
@click.argument("role", type=ROLE)
def role(name: str, role: str) -> None:
    """Give a login another role."""
    from newsletter.operating import logins

    with opened() as services:
        logins.set_role(services.database, name, Role(role))
    click.echo(f"{name} is {role} now, and logs in anew")


@admin.command("reset-code")
@click.argument("name")
def reset_code(name: str) -> None:
    """Take the second factor of a login away: for one whose phone and recovery codes are gone."""
    from newsletter.operating.operators import second_factor

    with opened() as services:
        second_factor.take_away(services.database, name)
    click.echo(f"{name} logs in by password alone, and can set a code up again on the page /admin/account")


@admin.command()
@click.argument("name")
def remove(name: str) -> None:
    """Take a login away."""
    from newsletter.operating import logins

    with opened() as services:
        logins.remove(services.database, name)
    click.echo(f"{name} cannot log in any more")
