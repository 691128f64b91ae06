"""`newsletter bounces`: what came back of mails, read from files by hand, listed, and served."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsletter.cli.context import JSON_ANYWAY, as_table, now, opened
from newsletter.errors import InputError

if TYPE_CHECKING:
    from newsletter.subscribers.store.bounces import Bounce

WIDEST = 100


@click.group()
def bounces() -> None:
    """What came back of mails, and complaints about them."""


@bounces.command("read")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only tell what they say.")
@JSON_ANYWAY
def read_(files: tuple[Path, ...], *, dry_run: bool) -> None:
    """Read FILES, each a message (- for standard input) or a Maildir, and act on them; a JSON line for each recipient named.

    A message that was read before, here or by itself, changes nothing.
    """
    from newsletter.mail.bounces.reading import MOST_BYTES, read
    from newsletter.subscribers import bounces as use_case
    from newsletter.subscribers.bounce_inlets import take_message

    with opened() as services:
        for data in _messages(files, most=MOST_BYTES):
            returned = read(data)
            if dry_run:
                with services.database.reading() as session:
                    acted = use_case.look(session, services, returned)
            else:
                acted = take_message(services, data, origin="file", now=now())
            reports = [acted.report] if acted.delivery or not returned.reports else returned.reports
            for report in reports:
                said = {"kind": report.kind.value, "recipient": acted.email or report.recipient or None}
                click.echo(json.dumps(said | {"delivery": acted.delivery, "status": report.status or None}))


def _messages(files: tuple[Path, ...], *, most: int) -> Iterator[bytes]:
    from newsletter.mail.bounces import maildir

    for file in files:
        try:
            if str(file) == "-":
                yield sys.stdin.buffer.read(most)
            elif file.is_dir():
                yield from (path.read_bytes()[:most] for path in maildir.messages(file))
            else:
                yield file.read_bytes()[:most]
        except OSError as error:
            raise InputError(f"{file} cannot be read ({error.strerror}): give a message, or a Maildir") from error


@bounces.command("list")
@click.option("--unmatched", is_flag=True, help="Only what no mail could be found for.")
@click.option("--json", "as_json", is_flag=True, help="A JSON array, with the beginning of unmatched messages.")
def list_(*, unmatched: bool, as_json: bool) -> None:
    """What came back, the newest first: when, what, to whom, what the server said, and what followed."""
    from newsletter.subscribers.store import bounces as bounces_store

    with opened() as services, services.database.reading() as session:
        found = bounces_store.bounces(session, unmatched=unmatched)
    if as_json:
        click.echo(json.dumps([_as_object(one) | ({"raw": one.raw} if one.raw else {}) for one in found], indent=1))
        return
    if found:
        heads = ("at (UTC)", "kind", "came by", "subscriber", "what followed", "what the server said")
        click.echo(as_table(heads, [_cells(one) for one in found]))
    click.echo(f"{len(found)} rows", err=True)


def _cells(one: Bounce) -> tuple[str, ...]:
    whom, words = one.email or f"?@{one.domain or '?'}", f"{one.status} {one.words}".strip()[:WIDEST]
    return f"{one.at:%Y-%m-%d %H:%M}", one.kind, one.origin, whom, one.followed, words


def _as_object(one: object) -> dict[str, object]:
    names = ("kind", "origin", "status", "words", "followed")
    said = {name: getattr(one, name) for name in names}
    at, email, delivery = (getattr(one, name) for name in ("at", "email", "delivery_id"))
    return {"at": at.isoformat(), "subscriber": email or None, "delivery": delivery} | said


@bounces.command()
def serve() -> None:
    """Look into BOUNCE_MAILBOX and serve BOUNCE_LMTP until asked to end; `newsletter run` does so by itself."""
    from newsletter.errors import SettingsError
    from newsletter.operating.process import asked_to_end
    from newsletter.subscribers.bounce_inlets import serve as serve_until

    ended = asked_to_end()
    with opened() as services:
        if not (services.settings.bounce_mailbox or services.settings.bounce_lmtp):
            raise SettingsError("neither BOUNCE_MAILBOX nor BOUNCE_LMTP is set: set the way by which bounces come in")
        serve_until(services, now=now, ended=ended)
