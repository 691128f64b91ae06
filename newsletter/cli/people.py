"""The commands of `newsletter subscribers` that look at one person or all, and the one that erases."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from newsletter.cli.context import JSON, JSON_ANYWAY, answer, as_table, now, opened, print_json
from newsletter.errors import InputError

if TYPE_CHECKING:
    from newsletter.desk.story import Story
    from newsletter.subscribers.store.listing import Listed

STATE = click.Choice(("pending", "confirmed", "paused", "unsubscribed", "bounced", "complained"))
SHOWN_MAILS = 20
SHOWN_CELL = 60


@click.command("list")
@click.argument("text", default="")
@click.option("--state", type=STATE, help="Only those who stand so.")
@click.option("--topic", default="", help="Only readers of this topic (a slug).")
@click.option("--language", default="", help="Only readers of this language, such as zh-CN.")
@click.option("--suppressed", is_flag=True, help="Only addresses that get no mail.")
@click.option("--newest", is_flag=True, help="By sign-up, the last first; else in the order of addresses.")
@click.option("--after", default="", metavar="KEY", help="The next page: what the one before ends with.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="So many at most.")
@click.option("--count", is_flag=True, help="Only say how many there are.")
@JSON
def list_(text: str, *, state: str | None, suppressed: bool, limit: int, count: bool, as_json: bool, **narrowed: Any) -> None:
    """Subscribers with TEXT in their address (all without one), page by page."""
    from newsletter.subscribers.store import listing
    from newsletter.subscribers.subscriber import State

    search = listing.Search(
        text=text, state=State(state) if state else None, suppressed=suppressed or None, most=limit, **narrowed
    )
    with opened() as services, services.database.reading() as session:
        if count:
            found_all = listing.count(session, search)
            answer({"count": found_all}, str(found_all), as_json=as_json)
            return
        found = listing.page(session, search)
    if as_json:
        print_json({"subscribers": [_line(one) for one in found.listed], "after": found.following or None})
        return
    if not found.listed:
        click.echo("nobody is found")
        return
    heads = ("address", "state", "language", "hour", "topics", "signed up", "last mail")
    click.echo(as_table(heads, [_cells(one) for one in found.listed]))
    if found.following:
        click.echo(f"more: --after {found.following}", err=True)


def _cells(one: Listed) -> tuple[str, ...]:
    state = one.state + (" suppressed" if one.suppressed else "")
    if one.paused_until:
        state += f" (paused until {one.paused_until})"
    topics = ";".join(one.topics)
    topics = topics if len(topics) <= SHOWN_CELL else f"{len(one.topics)} topics"
    mailed = f"{one.mailed_at:%Y-%m-%d}" if one.mailed_at else ""
    hour = f"{one.hour:02}:00 {one.timezone}"
    return one.email, state, one.language, hour, topics, f"{one.created_at:%Y-%m-%d}", mailed


def _line(one: Listed) -> dict[str, Any]:
    names = ("email", "state", "suppressed", "language", "timezone", "hour", "topics")
    times = ("created_at", "confirmed_at", "left_at", "mailed_at", "paused_until")
    told = {name: getattr(one, name) for name in names}
    return told | {name: time and time.isoformat() for name in times for time in (getattr(one, name),)}


@click.command()
@click.argument("email")
@click.option("--mails", type=click.IntRange(min=0), default=SHOWN_MAILS, show_default=True, help="So many mails, the newest.")
@JSON
def show(email: str, *, mails: int, as_json: bool) -> None:
    """What is known of EMAIL, and why they have no mail today: state, choices, consent, mails with replies, what came back."""
    from newsletter.desk import story as desk

    with opened() as services, services.database.reading() as session:
        told = desk.story(services, session, email, now=now())
    if as_json:
        print_json(desk.as_json(told))
    else:
        _print_story(told, mails=mails)
    if not told.is_known:
        raise InputError(f"nobody is here under {told.email}: `newsletter subscribers list` looks for parts of addresses")


def _print_story(told: Story, *, mails: int) -> None:
    from newsletter.desk.story import as_json

    click.echo(f"{told.email}: {told.subscriber.state if told.subscriber else 'nobody'}")
    click.echo(f"today: {told.today}")
    whole = as_json(told)
    for name in ("signed_up_at", "confirmed_at", "left_at", "suppressed", "choices", "feedback", "written_to_again_at"):
        if whole.get(name):
            click.echo(f"{name.replace('_', ' ')}: {_in_words(whole[name])}")
    for name in ("lifted", "consents", "bounces"):
        _print_rows(name, whole.get(name) or ())
    click.echo(f"mails: {len(told.mails) or 'none'}")
    if told.mails and mails:
        click.echo(_mails(told, most=mails))


def _print_rows(name: str, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        click.echo(f"{name}: {len(rows)}")
    for row in rows:
        click.echo("  " + "  ".join(str(fact) for fact in row.values() if fact not in (None, "")))


def _mails(told: Story, *, most: int) -> str:
    heads = ("date", "kind", "state", "tries", "planned", "settled", "reply or reason")
    return as_table(
        heads,
        [
            (m.date, m.kind, m.state, str(m.attempts), _time(m.planned_at), _time(m.settled_at), m.reply or m.reason)
            for m in told.mails[:most]
        ],
    )


def _time(time: dt.datetime | None) -> str:
    return f"{time:%Y-%m-%d %H:%M:%S}" if time else ""


def _in_words(value: object) -> str:
    if isinstance(value, dict):
        facts = {name: fact for name, fact in value.items() if fact not in (None, "", [], False, 0)}
        return ", ".join(f"{name.replace('_', ' ')} {_joined(fact)}" for name, fact in facts.items()) or "none"
    return str(value)


def _joined(fact: object) -> str:
    return ";".join(str(one) for one in fact) if isinstance(fact, list) else str(fact)


@click.command()
@click.argument("email")
@JSON
def why(email: str, *, as_json: bool) -> None:
    """Why EMAIL has no mail today, in one sentence; or when it went out, and what the server said."""
    from newsletter.desk.why_no_mail import why_no_mail

    with opened() as services, services.database.reading() as session:
        told = why_no_mail(services, session, email, now=now())
    if as_json:
        print_json({"email": email, "why": told.why, "words": str(told)})
    else:
        click.echo(str(told))


@click.command()
@click.argument("email")
@JSON_ANYWAY
def data(email: str) -> None:
    """Print all that is kept of the person with the address EMAIL, as JSON."""
    from newsletter.subscribers import rights

    with opened() as services:
        found = rights.data_of_address(services, email)
    if not found:
        raise InputError("nothing is kept of this address: look at its spelling")
    click.echo(json.dumps(found, ensure_ascii=False, indent=1))


@click.command()
@click.argument("email")
@click.option("--never-again", is_flag=True, help="Keep a keyed hash of the address, so that it gets no mail again.")
@JSON
def erase(email: str, *, never_again: bool, as_json: bool) -> None:
    """Erase all that is kept of the person with the address EMAIL, in every table and file of the installation.

    Backups made before still hold it: see docs/operating.md.
    """
    from newsletter.subscribers import rights

    with opened() as services:
        known = rights.erase_address(services, email, now=now(), never_again=never_again)
    if not known and not never_again:
        raise InputError("nothing is kept of this address: look at its spelling")
    told = {"erased": True, "never_again": never_again}
    answer(told, "All that was kept of this address is erased.", as_json=as_json)


COMMANDS: tuple[click.Command, ...] = (list_, show, why, data, erase)
