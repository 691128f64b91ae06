"""`newsletter mail`: trying out how mail leaves."""

from __future__ import annotations

import click

from newsletter.cli.context import now, print_json, settings


@click.group()
def mail() -> None:
    """Try out how mail leaves this installation."""


@mail.command()
@click.argument("address")
@click.option("--json", "as_json", is_flag=True, help="A JSON array, a line for each mail server.")
def test(address: str, *, as_json: bool) -> None:
    """Send a short mail to ADDRESS by each mail server, signed as any other, past the ledger. Exit code 1 when one refuses it."""
    from newsletter.daily.test_mail import send
    from newsletter.operating.doctor.findings import Level

    found = list(send(settings(), address, now=now()))
    if as_json:
        print_json([one.as_json() for one in found])
    else:
        for one in found:
            click.echo(one.line)
    if any(one.level is Level.FAIL for one in found):
        raise SystemExit(1)
