"""`newsletter topics mark` and `marks`: what an operator says of papers and topics, shown, taken in and given out."""

from __future__ import annotations

import json
from pathlib import Path

import click

from newsletter.cli.context import JSON, answer, as_table, now, opened

UNDO = "undo"


@click.command()
@click.argument("paper")
@click.argument("topic")
@click.argument("word", metavar="wrong|missing|undo", type=click.Choice(["wrong", "missing", UNDO]))
@click.option("--who", help="Who says so (default: the login and host).")
@JSON
def mark(paper: str, topic: str, word: str, who: str | None, *, as_json: bool) -> None:
    """Say that the stored paper PAPER (an id or a link) is wrong under TOPIC, or missing there, or take that back.

    It counts for this paper at once, and `newsletter topics train` learns from it.
    """
    from newsletter.cli.own_files import whoever
    from newsletter.daily import topic_marks
    from newsletter.topics.marks import WORDS

    with opened() as services:
        found = topic_marks.mark(services, paper, topic, is_right=WORDS.get(word), who=whoever(who), now=now())
    told = f"{found.ref} is marked as {word} under {topic}; `newsletter topics train` learns from it"
    if word == UNDO:
        told = f"{found.ref} has no mark under {topic} any more, and is matched as other papers are"
    answer({"id": found.ref, "topic": topic, "mark": None if word == UNDO else word}, told, as_json=as_json)


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
    told = [(word_of(one.is_right), one.topic, one.ref, one.who, f"{one.at:%Y-%m-%d}", one.title[:60]) for one in found]
    click.echo(as_table(("mark", "topic", "paper", "by", "on", "title"), told) if told else "nothing is marked")


@marks.command("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), default="-")
@JSON
def export_(file: Path, *, as_json: bool) -> None:
    """Write all marks as CSV: paper, topic, mark, who, at (default: to standard output)."""
    from newsletter.cli.own_files import tell_of_file, write
    from newsletter.daily import topic_marks
    from newsletter.topics.marks import to_csv

    with opened() as services:
        write(file, to_csv(topic_marks.marks(services)).encode())
    tell_of_file(file, as_json=as_json)


@marks.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--who", help="Who says so (default: the login and host).")
@JSON
def import_(file: Path, who: str | None, *, as_json: bool) -> None:
    """Mark what FILE says: CSV lines of paper, topic, and wrong or missing. All of it is taken, or nothing."""
    from newsletter.cli.own_files import whoever
    from newsletter.daily import topic_marks
    from newsletter.topics.marks import read_marks

    given = read_marks(file)
    with opened() as services:
        count = topic_marks.mark_all(services, given, who=whoever(who), now=now())
    answer({"taken": count}, f"{count} marks taken; `newsletter topics train` learns from them", as_json=as_json)
