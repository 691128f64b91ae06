"""`newsletter move-to`: everything into another database."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path

import click

from newsletter.cli.context import JSON, answer, now, opened, progress, settings


@click.command("move-to")
@click.argument("database_url")
@JSON
def move_to(database_url: str, *, as_json: bool) -> None:
    """Copy everything into the empty database at DATABASE_URL, of either kind, and compare the two.

    Ids stay, and with them the links in mails already sent. End the service first. Sending is then paused in the database
    in use, so that nothing leaves from both.
    """
    from newsletter.operating import start_checks
    from newsletter.operating.backup.moving import move
    from newsletter.settings import load

    with ExitStack() as stack:
        used = settings()
        stack.enter_context(start_checks.take_lock(used.data_dir))
        services = stack.enter_context(opened(used))
        other = load({**os.environ, "DATABASE_URL": database_url}, dotenv=Path(".env"))
        target = start_checks.open_database(other)
        stack.callback(target.close)
        tell = stack.enter_context(progress("moving"))
        moved = move(services.database, target, now=now, tell=lambda _, done: tell(done, 0))
    rows, readers = sum(moved.rows.values()), moved.rows.get("subscribers", 0)
    goes_on = "as it was before" if moved.paused else "until `newsletter resume` with it"
    lines = [
        f"{rows} rows of {len(moved.rows)} tables are copied and equal, {readers} subscribers among them.",
        "Next: set DATABASE_URL to the new database for every process of the service, and start it again.",
        f"Sending is paused in the old database, {goes_on}: keep it as a backup, or delete it.",
    ]
    if moved.paused:
        lines.append("Sending was paused, and is paused in the new database too, until `newsletter resume`.")
    answer({"rows": moved.rows, "paused": moved.paused}, *lines, as_json=as_json)
