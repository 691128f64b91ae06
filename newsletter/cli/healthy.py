"""`newsletter healthy`: whether the processes of this machine are at work, for health checks of containers and units."""

from __future__ import annotations

import socket

import click

from newsletter.cli.context import JSON, answer, now, settings


@click.command()
@click.argument("part", type=click.Choice(["scheduler", "worker"]))
@click.option("--anywhere", is_flag=True, help="On any machine, not only on this one.")
@JSON
def healthy(part: str, *, anywhere: bool, as_json: bool) -> None:
    """Exit code 0 where a scheduler or worker of this machine has told lately that it is at work, else 1 with one line."""
    from newsletter.errors import TemporaryError
    from newsletter.operating import heartbeats, start_checks

    database = start_checks.open_database(settings())
    try:
        with database.reading() as session:
            found = heartbeats.beats(session)
    finally:
        database.close()
    which, host = heartbeats.Part(part), "" if anywhere else socket.gethostname()
    count = heartbeats.alive(found, which, now=now(), host=host)
    if not count:
        where = "anywhere" if anywhere else f"on {host}"
        limit = heartbeats.SILENT_AFTER[which]
        raise TemporaryError(f"no {part} {where} has told in the last {limit.total_seconds():.0f} s that it is at work")
    answer({"part": part, "at_work": count}, f"{count} at work", as_json=as_json)
