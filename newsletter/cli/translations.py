"""`newsletter translations`: what engines made of texts, looked at by a person."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsletter.cli.context import JSON_ANYWAY, now, opened, warn
from newsletter.errors import InputError

if TYPE_CHECKING:
    from newsletter.bootstrap import Services
    from newsletter.daily.translations import Shown
    from newsletter.translation.cases import Case
    from newsletter.values.translations import Field

MEND = 'write a JSON list, or a line each, of {"language", "source", "result", "field"}'


@click.group()
def translations() -> None:
    """Look at what translation engines made of texts."""


@translations.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--glossaries", type=click.Path(path_type=Path, file_okay=False, exists=True), help="A folder of glossaries of one's own."
)
@JSON_ANYWAY
def check(file: Path, glossaries: Path | None) -> None:
    """Judge the answers of an engine in FILE (- for standard input) as if they were for publishing.

    FILE is a JSON list, or a JSON line each, of {"language", "source", "result", "field"}; field is title, abstract or tldr.
    No network and no database are asked.
    """
    from newsletter.translation.cases import judge

    for case in _cases(file):
        click.echo(json.dumps(judge(case, glossaries), ensure_ascii=False))


@translations.command()
@click.argument("paper")
@click.option("--language", "languages", multiple=True, help="This one alone; may be given again. Else all that are read.")
@click.option("--field", "fields", multiple=True, type=click.Choice(["title", "abstract", "tldr"]), help="This text alone.")
@click.option("--retranslate", is_flag=True, help="Ask the engines anew first, also for what was rejected.")
@click.option("--reject", is_flag=True, help="Take the translations away first: readers have the original until --retranslate.")
@click.option("--json", "as_json", is_flag=True, help="One JSON line a text.")
def show(
    paper: str, *, languages: tuple[str, ...], fields: tuple[str, ...], retranslate: bool, reject: bool, as_json: bool
) -> None:
    """Show the texts of PAPER (its id) in each language: the engine, what the gate says, and why a text was refused."""
    from newsletter.daily import translations as use_case
    from newsletter.values.translations import Field

    if retranslate and reject:
        raise click.UsageError("--retranslate and --reject exclude each other: give one of them")
    which = [Field(name) for name in fields] or list(Field)
    with opened() as services:
        if reject:
            count = use_case.reject(services, paper, languages=languages, fields=which, now=now())
            click.echo(f"{count} translations rejected: readers have the original", err=True)
        if retranslate:
            _translate_again(services, paper, languages, which)
        found = [one for one in use_case.show(services, paper, languages=languages) if one.field in which]
    for one in found:
        click.echo(_line(one) if as_json else _told(one))


def _translate_again(services: Services, paper: str, languages: tuple[str, ...], which: list[Field]) -> None:
    from newsletter.daily.translations import translate_again

    needed, accepted = translate_again(services, paper, languages=languages, fields=which, now=now())
    click.echo(f"{accepted} of {needed} texts translated", err=True)
    for engine, problem in services.translator.report.problems.items():
        warn(f"translation engine {engine}: {problem}")


def _line(one: Shown) -> str:
    told = {"language": one.language, "field": one.field, "state": one.state, "engine": one.engine, "reasons": one.reasons}
    return json.dumps({**told, "source": one.source, "text": one.text}, ensure_ascii=False)


def _told(one: Shown) -> str:
    verdict = f"refused: {' '.join(one.reasons)}" if one.reasons else "passes" if one.text else "not translated"
    head = f"{one.language} {one.field}: {one.state}, {one.engine or 'no engine'}, {verdict}"
    return "\n    ".join([head, one.source, *([one.text] if one.text else [])])


def _cases(file: Path) -> Iterator[Case]:
    from newsletter.translation.cases import read_case

    for where, row in _rows(file):
        try:
            yield read_case(row)
        except InputError as error:
            raise InputError(f"{file}, {where}: {error}") from error


def _rows(file: Path) -> list[tuple[str, object]]:
    """What stands in the file, with the words for its place."""
    text = _text(file)
    if text.lstrip().startswith("["):
        try:
            return [(f"case {number}", row) for number, row in enumerate(json.loads(text), start=1)]
        except (ValueError, RecursionError) as error:
            raise InputError(f"{file} is no JSON ({error}): {MEND}") from error
    rows: list[tuple[str, object]] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                rows.append((f"line {number}", json.loads(line)))
            except (ValueError, RecursionError) as error:
                raise InputError(f"{file}, line {number} is no JSON ({error}): {MEND}") from error
    return rows


def _text(file: Path) -> str:
    try:
        return (sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()).decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"{file} cannot be read ({error.strerror}): give the path of a file of cases") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{file} is not UTF-8 (byte {error.start}): save it as UTF-8") from error
