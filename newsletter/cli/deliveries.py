"""`newsletter deliveries`: the ledger, who got what."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

import click

from newsletter.cli.context import DATE, now, opened
from newsletter.values.mail import DeliveryState, MailKind

if TYPE_CHECKING:
    from newsletter.mail.deliveries import Delivery

STATES = click.Choice([state.value for state in DeliveryState])
# What may go out again: a mail that was sent, or skipped for a reason that still stands, is not doubled by a slip of the hand.
RESENDABLE = click.Choice([DeliveryState.RETRY.value, DeliveryState.FAILED.value, DeliveryState.UNKNOWN.value])


@click.group(invoke_without_command=True)
@click.option("--date", type=DATE, help="Only digests of this local date, and other mails planned on that day (UTC).")
@click.option("--state", type=STATES, help="Only rows in this state.")
@click.option("--kind", type=click.Choice([kind.value for kind in MailKind]), help="Only this kind of mail.")
@click.option("--json", "as_json", is_flag=True, help="A JSON array.")
@click.pass_context
def deliveries(context: click.Context, date: dt.date | None, *, state: str | None, kind: str | None, as_json: bool) -> None:
    """The ledger of all mails: who got, or did not get, what and why."""
    if context.invoked_subcommand:
        return
    from newsletter.mail.store import ledger

    with opened() as services, services.database.reading() as session:
        rows = ledger.deliveries(session, state=DeliveryState(state) if state else None, kind=MailKind(kind) if kind else None)
        found = [row for row in rows if date is None or day_of(row) == date.isoformat()]
    if as_json:
        click.echo(json.dumps([as_object(row) for row in found], ensure_ascii=False, indent=1))
        return
    for row in found:
        click.echo(as_line(row))
    click.echo(f"{len(found)} rows", err=True)


def day_of(row: Delivery) -> str:
    """The date a row stands for: the local date of a digest, else the day it was planned (UTC)."""
    return row.period if row.kind is MailKind.DIGEST else row.planned_at.date().isoformat()


def as_line(row: Delivery) -> str:
    """A row as people read it: the address, and behind it why the mail did not go out or what the server said."""
    line = f"{day_of(row)}  {row.kind:<11}  {row.state:<8}  {row.attempts:>3}  {row.email}"
    why = row.reply or row.reason
    return f"{line}  {why}" if why else line


def as_object(row: Delivery) -> dict[str, object]:
    """A row as other people's scripts read it; these keys are fixed."""
    return {
        "subscriber": row.email,
        "kind": row.kind.value,
        "date": day_of(row),
        "state": row.state.value,
        "attempts": row.attempts,
        "reply": row.reply,
        "message_id": row.message_id,
    }


@deliveries.command()
@click.option("--state", type=RESENDABLE, required=True, help="Which rows; unknown ones may have arrived already.")
@click.option("--date", type=DATE, help="Only digests of this date.")
def resend(state: str, date: dt.date | None) -> None:
    """Queue rows again that failed, wait for another try, or are in doubt."""
    from newsletter.daily import sending_state

    with opened() as services:
        count = sending_state.resend(services, which=DeliveryState(state), date=date, now=now())
    click.echo(f"{count} rows queued again")
