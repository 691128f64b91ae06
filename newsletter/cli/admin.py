"""Logins for the admin pages."""

from __future__ import annotations

import sys

import click

from newsletter.cli.context import JSON, answer, as_table, now, opened
from newsletter.operating.operators.roles import Role

NOBODY = "nobody can log in at /admin: `newsletter admin create NAME` makes a login"
ROLE = click.Choice([role.value for role in Role])


@click.group()
def admin() -> None:
    """Logins for the admin pages."""


@admin.command()
@click.argument("name")
@click.option("--role", type=ROLE, help="What they may do; otherwise the first is an owner, others are viewers.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of asking.")
@JSON
def create(name: str, *, role: str | None, password_stdin: bool, as_json: bool = False) -> None:
    """Make a login, or give an existing one a new password."""
    from newsletter.operating import logins
    from newsletter.operating.operators.passwords import LEAST_LENGTH, hashed

    logins.checked_name(name)  # before a password is asked for
    if password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = click.prompt(f"Password ({LEAST_LENGTH} characters or more)", hide_input=True, confirmation_prompt=True)

    with opened() as services:
        secret = hashed(password, about=(name, services.settings.site_name))
        kept = logins.keep(services.database, name, secret, now=now(), role=Role(role) if role else None)
    answer({"name": name, "role": kept}, f"{name} can log in at /admin ({kept})", as_json=as_json)


@admin.command("list")
@JSON
def list_(*, as_json: bool) -> None:
    """Who may log in, with which role, since when, and whether a second factor is asked for."""
    from newsletter.operating.operators.store import operators

    with opened() as services, services.database.reading() as session:
        found = operators(session)
    told = [
        {"name": one.name, "role": one.role, "since": f"{one.created_at:%Y-%m-%d}", "second_factor": bool(one.sealed)}
        for one in found
    ]
    rows = [(one.name, one.role, f"{one.created_at:%Y-%m-%d}", "code" if one.sealed else "password alone") for one in found]
    answer(told, as_table(("name", "role", "since", "logs in by"), rows) if rows else NOBODY, as_json=as_json)


@admin.command()
@click.argument("name")
@click.argument("role", type=ROLE)
@JSON
def role(name: str, role: str, *, as_json: bool) -> None:
    """Give a login another role."""
    from newsletter.operating import logins

    with opened() as services:
        logins.set_role(services.database, name, Role(role))
    answer({"name": name, "role": role}, f"{name} is {role} now, and logs in anew", as_json=as_json)


@admin.command("reset-code")
@click.argument("name")
@JSON
def reset_code(name: str, *, as_json: bool) -> None:
    """Take the second factor of a login away: for one whose phone and recovery codes are gone."""
    from newsletter.operating.operators import second_factor

    with opened() as services:
        second_factor.take_away(services.database, name)
    told = f"{name} logs in by password alone, and can set a code up again on the page /admin/account"
    answer({"name": name, "second_factor": False}, told, as_json=as_json)


@admin.command()
@click.argument("name")
@JSON
def remove(name: str, *, as_json: bool) -> None:
    """Take a login away."""
    from newsletter.operating import logins

    with opened() as services:
        logins.remove(services.database, name)
    answer({"name": name, "removed": True}, f"{name} cannot log in any more", as_json=as_json)
