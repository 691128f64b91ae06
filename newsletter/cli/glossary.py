"""`newsletter glossary`: an operator's own words for a language, over those that ship."""

from __future__ import annotations

from pathlib import Path

import click

from newsletter.cli.context import JSON, answer, now, opened

LANGUAGE = click.argument("language", metavar="LANGUAGE")


@click.group()
def glossary() -> None:
    """Your own glossary of a language (a code such as zh-CN), which overlays the one that ships."""


@glossary.command("import")
@LANGUAGE
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--who", help="Who gives it, for the history (default: the login and host).")
@JSON
def import_(language: str, file: Path, who: str | None, *, as_json: bool) -> None:
    """Use the entries in FILE (YAML, `term: rendering` lines) for LANGUAGE, in place of those given before.

    Every host uses them within seconds; texts that hold a changed term are translated anew. A file with a fault changes nothing.
    """
    from newsletter.cli.own_files import read, whoever
    from newsletter.daily.own_files import take
    from newsletter.operating.own_files import glossary_of

    given = read(file)
    with opened() as services:
        name, note = glossary_of(language), f"from {file.name}"
        change = take(services, name, given, where=str(file), who=whoever(who), note=note, now=now())
        count = len(services.glossary(language).entries)
    told = f"{count} entries in use for {language}, with your own of version {change.number} over those that ship"
    answer({"language": language, "version": change.number, "entries": count}, told, as_json=as_json)


@glossary.command("export")
@LANGUAGE
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), default="-")
@click.option("--version", "number", type=click.IntRange(1), default=None, help="This version, of the history.")
@JSON
def export_(language: str, file: Path, number: int | None, *, as_json: bool) -> None:
    """Write your own glossary of LANGUAGE as it was given; where you gave none, the one that ships."""
    from newsletter.cli.own_files import put_out
    from newsletter.operating.own_files import glossary_of
    from newsletter.translation.glossary import PACKAGED

    shipped = PACKAGED / f"{language}.yaml"
    put_out(glossary_of(language), file, number=number or 0, shipped=shipped, as_json=as_json)


@glossary.command()
@LANGUAGE
@JSON
def history(language: str, *, as_json: bool) -> None:
    """Who gave which version for LANGUAGE when, and which is in use."""
    from newsletter.cli.own_files import show_history
    from newsletter.operating.own_files import glossary_of

    show_history(glossary_of(language), as_json=as_json)


@glossary.command()
@LANGUAGE
@click.option("--who", help="Who undoes it, for the history (default: the login and host).")
@JSON
def undo(language: str, who: str | None, *, as_json: bool) -> None:
    """Go back to the version before the one in use for LANGUAGE; at last to what ships."""
    from newsletter.cli.own_files import go_back
    from newsletter.operating.own_files import glossary_of

    go_back(glossary_of(language), who, as_json=as_json)
