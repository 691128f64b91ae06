"""The curated collection, for operators: its editors and its pictures."""

from __future__ import annotations

import click

from newsletter.cli.context import now, opened


@click.group()
def collection() -> None:
    """Editors and pictures of the collection."""


@collection.command()
@click.argument("email")
@click.option("--name", required=True, help="What stands at their picks and changes.")
@click.option("--language", default="en", show_default=True, help="Language of the mail to somebody who is new here.")
def invite(email: str, name: str, language: str) -> None:
    """Make EMAIL an editor, and mail them a link that opens the collection."""
    from newsletter.collection.editors import invite as invited

    with opened() as services:
        invited(services, email, name=name, now=now(), language=language)
    click.echo(f"{name} is an editor; the mail with the link is on its way")


@collection.command()
def editors() -> None:
    """Who may edit, and who may no more."""
    from newsletter.collection.store.editors import editors as found

    with opened() as services, services.database.reading() as session:
        for one in found(session):
            end = f"taken away {one.revoked_at:%Y-%m-%d}" if one.revoked_at else "may edit"
            click.echo(f"{one.name}\t{one.email}\t{one.invited_at:%Y-%m-%d}\t{end}")


@collection.command()
@click.argument("name")
def revoke(name: str) -> None:
    """Take the access of the editor NAME away, and end their sessions."""
    from newsletter.collection.editors import revoke_by_name

    with opened() as services:
        found = revoke_by_name(services, name, now=now())
    click.echo(f"{found.name} cannot edit any more")


@collection.command()
@click.option("--minutes", default=10, show_default=True, type=click.IntRange(1, 600), help="How long to go on.")
def pictures(minutes: int) -> None:
    """Fetch the pictures of entries that are not kept here yet."""
    from newsletter.collection.notes import pictures_of
    from newsletter.collection.pictures import open_pictures
    from newsletter.collection.store.nodes import tree

    with opened() as services:
        with services.database.reading() as session:
            urls = [url for node in tree(session) for url in pictures_of(node.pieces)]
        kept_here = open_pictures(services)
        new = kept_here.keep(urls, seconds=60.0 * minutes)
    kept = sum(bool(kept_here.address(url)) for url in set(urls))
    click.echo(f"{new} new; {kept} of {len(set(urls))} pictures are kept here")
