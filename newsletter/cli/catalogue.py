"""`newsletter catalogue`: the versions of what an operator gave, and the way back."""

from __future__ import annotations

import click

from newsletter.cli.context import JSON


@click.group()
def catalogue() -> None:
    """Versions of the catalogue, the glossaries and the model of the topics that were given here.

    `newsletter topics import` and `glossary import` take a new one, `newsletter topics train` a new model.
    """


@catalogue.command()
@click.argument("name", default="")
@JSON
def history(name: str, *, as_json: bool) -> None:
    """Who gave which version when, and which is in use: of NAME (catalogue, glossary-CODE, topics-model), else of all."""
    from newsletter.cli.own_files import show_history

    show_history(name, as_json=as_json)


@catalogue.command()
@click.argument("name", default="catalogue")
@click.option("--who", help="Who undoes it, for the history (default: the login and host).")
@JSON
def undo(name: str, who: str | None, *, as_json: bool) -> None:
    """Go back to the version before the one in use, of NAME (default: catalogue); at last to what ships."""
    from newsletter.cli.own_files import go_back

    go_back(name, who, as_json=as_json)
