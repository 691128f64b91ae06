"""`newsletter deliveries`: the ledger, who got what."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from newsletter.cli.context import DATE, JSON, answer, now, opened
from newsletter.values.mail import DeliveryState, MailKind

if TYPE_CHECKING:
    from newsletter.mail.store.lookup import Found

STATES = click.Choice([state.value for state in DeliveryState])
# What may go out again: a mail that was sent, or skipped for a reason that still stands, is not doubled by a slip of the hand.
RESENDABLE = click.Choice([DeliveryState.RETRY.value, DeliveryState.FAILED.value, DeliveryState.UNKNOWN.value])
CLOCK = "%Y-%m-%d %H:%M:%S"
HEADS = f"{'date':<10}  {'kind':<11}  {'state':<8}  try  address, times (UTC), and why or what the server said"


@click.group(invoke_without_command=True)
@click.option("--date", type=DATE, help="Only digests of this local date, and other mails planned on that day (UTC).")
@click.option("--state", type=STATES, help="Only rows in this state.")
@click.option("--kind", type=click.Choice([kind.value for kind in MailKind]), help="Only this kind of mail.")
@click.option("--email", metavar="ADDRESS", help="Only mails to this address.")
@click.option("--reply", metavar="TEXT", help="Only rows with this in the mail server's reply, such as 550 or 'mailbox full'.")
@click.option("--limit", type=click.IntRange(min=1), help="Only so many rows, the newest.")
@click.option("--json", "as_json", is_flag=True, help="A JSON array.")
@click.option("--times", is_flag=True, help="In the array too, when each was planned and sent (the lines always say it).")
@click.pass_context
def deliveries(
    context: click.Context,
    date: dt.date | None,
    *,
    state: str | None,
    kind: str | None,
    email: str | None,
    reply: str | None,
    limit: int | None,
    as_json: bool,
    times: bool,
) -> None:
    """The ledger of all mails: who got, or did not get, what, when and why. Times are UTC."""
    if context.invoked_subcommand:
        return
    from newsletter.mail.store.lookup import Question, found
    from newsletter.subscribers.addresses import normalise

    question = Question(
        date=date,
        state=DeliveryState(state) if state else None,
        kind=MailKind(kind) if kind else None,
        email_key=normalise(email, international=True).key if email is not None else "",
        reply=reply or "",
        limit=limit,
    )
    with opened() as services, services.database.reading() as session:
        rows = found(session, question)
        if as_json:
            print_array(rows, times=times)
            return
        count = 0
        for row in rows:
            if not count:
                click.echo(HEADS)
            click.echo(as_line(row))
            count += 1
    click.echo(f"{count} rows", err=True)


def as_line(row: Found) -> str:
    """A row as people read it: the address, when it was planned and sent, and why it did not go out or what the server said."""
    times = f"planned {row.planned_at:{CLOCK}}" + (f", sent {row.sent_at:{CLOCK}}" if row.sent_at else "")
    line = f"{row.date}  {row.kind:<11}  {row.state:<8}  {row.attempts:>3}  {row.email}  {times}"
    why = row.reply or row.reason
    return f"{line}  {why}" if why else line


def print_array(rows: Iterable[Found], *, times: bool) -> None:
    """Prints a JSON array, an object a line, each as soon as it is read."""
    before = "["
    for row in rows:
        click.echo(f"{before}\n {json.dumps(as_object(row, times=times), ensure_ascii=False)}", nl=False)
        before = ","
    click.echo("[]" if before == "[" else "\n]")


def as_object(row: Found, *, times: bool) -> dict[str, object]:
    """A row as other people's scripts read it; these keys are fixed. With ``times`` it has two more."""
    fixed: dict[str, object] = {
        "subscriber": row.email,
        "kind": row.kind,
        "date": row.date,
        "state": row.state,
        "attempts": row.attempts,
        "reply": row.reply,
        "message_id": row.message_id,
    }
    if not times:
        return fixed
    return fixed | {"planned_at": row.planned_at.isoformat(), "sent_at": row.sent_at and row.sent_at.isoformat()}


@deliveries.command()
@click.option("--state", type=RESENDABLE, required=True, help="Which rows; unknown ones may have arrived already.")
@click.option("--date", type=DATE, help="Only digests of this date.")
@JSON
def resend(state: str, date: dt.date | None, *, as_json: bool) -> None:
    """Queue rows again that failed, wait for another try, or are in doubt."""
    from newsletter.daily import sending_state

    with opened() as services:
        count = sending_state.resend(services, which=DeliveryState(state), date=date, now=now())
    answer({"queued": count}, f"{count} rows queued again", as_json=as_json)
