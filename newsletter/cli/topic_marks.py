"""`newsletter topics mark` and `marks`: what an operator says of papers and topics, shown, taken in and given out."""

from __future__ import annotations

import json
from pathlib import Path

import click

from newsletter.cli.context import now, opened

UNDO = "undo"


@click.command()
@click.argument("paper")
@click.argument("topic")
@click.argument("word", metavar="wrong|missing|undo", type=click.Choice(["wrong", "missing", UNDO]))
@click.option("--who", help="Who says so (default: the login and host).")
def mark(paper: str, topic: str, word: str, who: str | None) -> None:
    """Say that the stored paper PAPER (an id or a link) is wrong under TOPIC, or missing there, or take that back.

    It counts for this paper at once, and `newsletter topics train` learns from it.
    """
    from newsletter.cli.own_files import whoever
    from newsletter.daily import topic_marks
    from newsletter.topics.marks import WORDS

    with opened() as services:
        found = topic_marks.mark(services, paper, topic, is_right=WORDS.get(word), who=whoever(who), now=now())
    if word == UNDO:
        click.echo(f"{found.ref} has no mark under {topic} any more, and is matched as other papers are")
    else:
        click.echo(f"{found.ref} is marked as {word} under {topic}; `newsletter topics train` learns from it")


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="A JSON array.")
@click.pass_context
def marks(context: click.Context, *, as_json: bool) -> None:
    """What operators said of papers and topics, the newest first; `export` and `import` take it elsewhere."""
    if context.invoked_subcommand:
        return
    from newsletter.daily import topic_marks
    from newsletter.topics.marks import word_of

    with opened() as services:
        found = topic_marks.marks(services)
    if as_json:
        rows = [
            {"id": one.ref, "title": one.title, "topic": one.topic, "mark": word_of(one.is_right)}
            | {"who": one.who, "at": one.at.isoformat()}
            for one in found
        ]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    for one in found:
        told = f"{word_of(one.is_right):<8} {one.topic:<24} {one.ref:<24}"
        click.echo(f"{told} {one.title[:60]}  ({one.who}, {one.at:%Y-%m-%d})")


@marks.command("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), default="-")
def export_(file: Path) -> None:
    """Write all marks as CSV: paper, topic, mark, who, at (default: to standard output)."""
    from newsletter.cli.own_files import write
    from newsletter.daily import topic_marks
    from newsletter.topics.marks import to_csv

    with opened() as services:
        write(file, to_csv(topic_marks.marks(services)).encode())


@marks.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--who", help="Who says so (default: the login and host).")
def import_(file: Path, who: str | None) -> None:
    """Mark what FILE says: CSV lines of paper, topic, and wrong or missing. All of it is taken, or nothing."""
    from newsletter.cli.own_files import whoever
    from newsletter.daily import topic_marks
    from newsletter.topics.marks import read_marks

    given = read_marks(file)
    with opened() as services:
        count = topic_marks.mark_all(services, given, who=whoever(who), now=now())
    click.echo(f"{count} marks taken; `newsletter topics train` learns from them")
