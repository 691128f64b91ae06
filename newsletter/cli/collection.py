"""The curated collection, for operators: its editors and its pictures."""

from __future__ import annotations

import click

from newsletter.cli.context import JSON, answer, as_table, now, opened, working


@click.group()
def collection() -> None:
    """Editors and pictures of the collection."""


@collection.command()
@click.argument("email")
@click.option("--name", required=True, help="What stands at their picks and changes.")
@click.option("--language", default="en", show_default=True, help="Language of the mail to somebody who is new here.")
@JSON
def invite(email: str, name: str, language: str, *, as_json: bool) -> None:
    """Make EMAIL an editor, and mail them a link that opens the collection."""
    from newsletter.collection.editors import invite as invited

    with opened() as services:
        invited(services, email, name=name, now=now(), language=language)
    told = f"{name} is an editor; the mail with the link is on its way"
    answer({"email": email, "name": name, "editor": True}, told, as_json=as_json)


@collection.command()
@JSON
def editors(*, as_json: bool) -> None:
    """Who may edit, and who may no more."""
    from newsletter.collection.store.editors import editors as found

    with opened() as services, services.database.reading() as session:
        there = found(session)
    told = [{"name": one.name, "email": one.email, "invited_at": one.invited_at, "revoked_at": one.revoked_at} for one in there]
    ends = [f"taken away {one.revoked_at:%Y-%m-%d}" if one.revoked_at else "may edit" for one in there]
    rows = [(one.name, one.email, f"{one.invited_at:%Y-%m-%d}", end) for one, end in zip(there, ends, strict=True)]
    answer(told, as_table(("name", "address", "invited", "state"), rows) if rows else "nobody was invited", as_json=as_json)


@collection.command()
@click.argument("name")
@JSON
def revoke(name: str, *, as_json: bool) -> None:
    """Take the access of the editor NAME away, and end their sessions."""
    from newsletter.collection.editors import revoke_by_name

    with opened() as services:
        found = revoke_by_name(services, name, now=now())
    answer({"name": found.name, "editor": False}, f"{found.name} cannot edit any more", as_json=as_json)


@collection.command()
@click.option("--minutes", default=10, show_default=True, type=click.IntRange(1, 600), help="How long to go on.")
@JSON
def pictures(minutes: int, *, as_json: bool) -> None:
    """Fetch the pictures of entries that are not kept here yet."""
    from newsletter.collection.notes import pictures_of
    from newsletter.collection.pictures import open_pictures
    from newsletter.collection.store.nodes import tree

    with opened() as services:
        with services.database.reading() as session:
            urls = [url for node in tree(session) for url in pictures_of(node.pieces)]
        kept_here = open_pictures(services)
        with working("fetching pictures"):
            new = kept_here.keep(urls, seconds=60.0 * minutes)
    kept, of = sum(bool(kept_here.address(url)) for url in set(urls)), len(set(urls))
    answer({"new": new, "kept": kept, "of": of}, f"{new} new; {kept} of {of} pictures are kept here", as_json=as_json)
