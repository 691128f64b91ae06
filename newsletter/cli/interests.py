"""Interests: what a reader gave as examples of what they look for, added, shown and forgotten."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsletter.cli.context import JSON, answer, as_table, now, opened, print_json
from newsletter.errors import InputError

if TYPE_CHECKING:
    from newsletter.bootstrap import Services


@click.group()
def interests() -> None:
    """What a reader gave as examples of their interests; it orders the papers of their digests, and nobody else sees it."""


@interests.command()
@click.argument("email")
@JSON
def show(email: str, *, as_json: bool) -> None:
    """The examples of EMAIL, each with the number that `forget` takes."""
    from newsletter.ranking.store import examples as examples_store

    with opened() as services:
        subscriber_id = _known(services, email)
        with services.database.reading() as session:
            found = examples_store.examples(session, subscriber_id)
    if as_json:
        print_json([{"number": number, "title": one.title, "abstract": one.abstract} for number, one in found])
    elif not found:
        click.echo("no examples were given")
    else:
        click.echo(as_table(("number", "title"), [(str(number), one.title) for number, one in found]))


@interests.command()
@click.argument("email")
@click.argument("file", type=click.Path(path_type=Path))
@JSON
def add(email: str, file: Path, *, as_json: bool) -> None:
    """Take FILE (- for standard input) as examples: BibTeX, RIS, Zotero's CSV, CSL-JSON, arXiv ids, or two sentences."""
    from newsletter.ranking.example import LARGEST
    from newsletter.subscribers.interests import add_examples

    try:
        with sys.stdin.buffer if str(file) == "-" else file.open("rb") as given:
            # A byte more tells that it is too large, without all of it in memory.
            content = given.read(LARGEST + 1)
    except OSError as error:
        raise InputError(f"{file} cannot be read ({error.strerror}): give the path of a file") from error
    with opened() as services:
        try:
            count = add_examples(services, _known(services, email), content, now=now())
        except InputError as error:
            raise InputError(f"{file}: {error}") from error
    answer({"email": email, "added": count}, f"{count} examples added", as_json=as_json)


@interests.command()
@click.argument("email")
@click.argument("number", type=int, required=False)
@JSON
def forget(email: str, number: int | None, *, as_json: bool) -> None:
    """Forget all examples of EMAIL, or the one of NUMBER."""
    from newsletter.subscribers.interests import forget_examples

    with opened() as services:
        count = forget_examples(services, _known(services, email), only=number)
    answer({"email": email, "forgotten": count}, f"{count} examples forgotten", as_json=as_json)


def _known(services: Services, email: str) -> int:
    from newsletter.subscribers.addresses import normalise
    from newsletter.subscribers.store import subscribers

    with services.database.reading() as session:
        found = subscribers.subscriber_by_key(session, normalise(email, international=True).key)
    if found is None:
        raise InputError(f"{email} is no subscriber: `newsletter subscribers list` looks for parts of addresses")
    return found.id
