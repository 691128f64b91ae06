"""The commands of `newsletter subscribers` that change something for one person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from newsletter.cli.context import DATE, JSON, now, opened, print_json
from newsletter.errors import InputError

if TYPE_CHECKING:
    from newsletter.bootstrap import Services
    from newsletter.subscribers.choices import Choices
    from newsletter.subscribers.subscriber import Subscriber

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _chosen(command: Any) -> Any:
    """Adds the options of what a reader chooses."""
    options = (
        click.option("--topics", help="Slugs joined by ; (see `newsletter topics list`)."),
        click.option("--language", help="Such as zh-CN."),
        click.option("--timezone", help="Such as Europe/Berlin."),
        click.option("--hour", type=click.IntRange(0, 23), help="The hour of the mail, in that time zone."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.command()
@click.argument("email")
@_chosen
@click.option("--consent", default="", help="What they agreed to, when and where: then they read at once, and get no mail now.")
@JSON
def add(email: str, *, consent: str, as_json: bool, **chosen: Any) -> None:
    """Add EMAIL: they get a mail to confirm, unless --consent says what they agreed to already. Revives nobody who left."""
    from newsletter.desk import changes
    from newsletter.subscribers.choices import Choices

    if not chosen["topics"]:
        raise InputError("--topics is missing: give slugs joined by ; as `newsletter topics list` shows them")
    with opened() as services:
        choices = _changed(Choices((), "en", "UTC", 7), chosen)
        changes.add(services, email, choices, consent=consent, now=now(), known=_offered(services, choices, had=()))
        _say(services, email, "reads from now on" if consent else "is mailed a link to confirm", as_json=as_json)


@click.command()
@click.argument("email")
@_chosen
@click.option("--max-papers", type=click.IntRange(5, 50), help="How many papers a mail holds at most.")
@click.option("--days", metavar="MON,TUE,…", help="The days with mail.")
@click.option("--layout", type=click.Choice(("brief", "standard", "whole", "bilingual")), help="How much of each paper.")
@click.option("--address", metavar="NEW", help="Move them to another address, which has to confirm.")
@JSON
def edit(email: str, *, address: str | None, as_json: bool, **chosen: Any) -> None:
    """Change what EMAIL chose, or their address. They can take it back for a day, by the link in their mails."""
    from newsletter.desk import changes
    from newsletter.subscribers.choices import choices_of

    if address is None and not any(value is not None for value in chosen.values()):
        raise InputError("nothing to change: give --topics, --language, --timezone, --hour, … or --address")
    with opened() as services:
        found = _person(services, email)
        if any(value is not None for value in chosen.values()):
            choices = _changed(choices_of(found), chosen)
            changes.edit(services, found.id, choices, now=now(), known=_offered(services, choices, had=found.topics))
        if address is not None:
            changes.move(services, found.id, address, now=now())
        moved = "is asked at the new address to confirm, and told at the old one"
        _say(services, address or email, moved if address else "is changed", as_json=as_json)


def _changed(choices: Choices, chosen: dict[str, Any]) -> Choices:
    """``choices`` with what was given of ``chosen``. Raises InputError."""
    from newsletter.values.readers import Layout

    given = {name: value for name, value in chosen.items() if value is not None}
    if "topics" in given:
        given["topics"] = tuple(slug.strip() for slug in given["topics"].replace(",", ";").split(";") if slug.strip())
    if "days" in given:
        given["weekdays"] = _weekdays(given.pop("days"))
    if "layout" in given:
        given["layout"] = Layout(given["layout"])
    return replace(choices, **given)


def _weekdays(text: str) -> tuple[int, ...]:
    return tuple(sorted({_weekday(name.strip()) for name in text.replace(";", ",").split(",") if name.strip()}))


def _weekday(name: str) -> int:
    for number, day in enumerate(DAYS):
        if len(name) > 1 and day.startswith(name.lower()):
            return number
    raise InputError(f"--days: {name} is no day: give some of {','.join(day[:3] for day in DAYS)}")


@click.command()
@click.argument("email")
@click.option("--until", type=DATE, help="The first day with mail again (default: until they say otherwise).")
@JSON
def pause(email: str, until: dt.date | None, *, as_json: bool) -> None:
    """Stop the mails of EMAIL for a while; all sending is stopped by `newsletter pause`."""
    from newsletter.desk import changes

    with opened() as services:
        changes.pause(services, _person(services, email).id, until=until, now=now())
        _say(
            services, email, f"gets no mail before {until}" if until else "gets no mail until they say otherwise", as_json=as_json
        )


@click.command()
@click.argument("email")
@JSON
def resume(email: str, *, as_json: bool) -> None:
    """End the pause of EMAIL. Whoever left, bounced or complained is not brought back."""
    from newsletter.desk import changes

    with opened() as services:
        changes.resume(services, _person(services, email).id, now=now())
        _say(services, email, "gets mail again", as_json=as_json)


@click.command()
@click.argument("email")
@JSON
def leave(email: str, *, as_json: bool) -> None:
    """Let EMAIL leave, who asked for it: one goodbye is mailed, and then nothing more."""
    from newsletter.desk import changes

    with opened() as services:
        left = changes.let_leave(services, _person(services, email).id, now=now())
        _say(services, email, "has left, and is mailed a goodbye" if left else "had left before", as_json=as_json)


@click.command()
@click.argument("email")
@JSON
def link(email: str, *, as_json: bool) -> None:
    """Mail EMAIL the link to their choices; whoever has not confirmed gets the link to confirm once more."""
    from newsletter.desk import changes

    with opened() as services:
        changes.mail_link(services, _person(services, email).id, now=now())
        _say(services, email, "is mailed a link", as_json=as_json)


def _person(services: Services, email: str) -> Subscriber:
    from newsletter.desk.changes import person

    with services.database.reading() as session:
        return person(session, email)


def _offered(services: Services, choices: Choices, *, had: Collection[str]) -> set[str]:
    """The slugs that may be chosen: topics, categories, and what they ``had``. Raises InputError naming another one."""
    from newsletter.digests.selection import COLLECTION

    known = {*services.offered, COLLECTION, *had}
    if unknown := [slug for slug in choices.topics if slug not in known]:
        raise InputError(f"--topics: {unknown[0]} is no topic here: `newsletter topics list` shows them")
    return known


def _say(services: Services, email: str, done: str, *, as_json: bool) -> None:
    if not as_json:
        click.echo(f"{email} {done}")
        return
    print_json({"email": email, "state": _person(services, email).state, "done": done})


COMMANDS: tuple[click.Command, ...] = (add, edit, pause, resume, leave, link)
