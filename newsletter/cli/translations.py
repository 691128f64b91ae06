"""`newsletter translations`: what engines made of texts, looked at by a person."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsletter.errors import InputError

if TYPE_CHECKING:
    from newsletter.translation.cases import Case

MEND = 'write a JSON list, or a line each, of {"language", "source", "result", "field"}'


@click.group()
def translations() -> None:
    """Look at what translation engines made of texts."""


@translations.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--glossaries", type=click.Path(path_type=Path, file_okay=False, exists=True), help="A folder of glossaries of one's own."
)
def check(file: Path, glossaries: Path | None) -> None:
    """Judge the answers of an engine in FILE (- for standard input) as if they were for publishing.

    FILE is a JSON list, or a JSON line each, of {"language", "source", "result", "field"}; field is title, abstract or tldr.
    No network and no database are asked.
    """
    from newsletter.translation.cases import judge

    for case in _cases(file):
        click.echo(json.dumps(judge(case, glossaries), ensure_ascii=False))


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
