"""Logins for the admin pages."""

from __future__ import annotations

import re
import sys

import click

from newsletter.cli.context import now, opened
from newsletter.errors import InputError


@click.group()
def admin() -> None:
    """Logins for the admin pages."""


@admin.command()
@click.argument("name")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of asking.")
def create(name: str, *, password_stdin: bool) -> None:
    """Make a login, or give an existing one a new password."""
    from newsletter.web.admin.passwords import hashed
    from newsletter.web.admin.store import add_operator

    if not re.fullmatch(r"[\w.@+-]{1,64}", name):
        raise InputError(f"{name!r} cannot be a login: use up to 64 letters, digits and . @ + - _")
    if password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)

    secret = hashed(password)
    with opened() as services, services.database.transaction() as session:
        add_operator(session, name, secret, now=now())
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
    from newsletter.operating.store import remove_operator

    with opened() as services, services.database.transaction() as session:
        if not remove_operator(session, name):
            raise InputError(f"there is no login {name!r}: `newsletter admin list` shows them")
    click.echo(f"{name} cannot log in any more")
