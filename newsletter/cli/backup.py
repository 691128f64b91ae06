"""`newsletter backup` and `newsletter restore`: the whole installation in one file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import click

from newsletter.cli.context import JSON, answer, now, opened, progress, settings
from newsletter.errors import InputError

FILE = click.Path(path_type=Path)


@click.command()
@click.argument("file", type=FILE)
@JSON
def backup(file: Path, *, as_json: bool) -> None:
    """Write everything into the new FILE, while the service runs: all tables at one moment, keys, pictures.

    FILE holds addresses and keys: only its owner may read it, and it belongs on another machine.
    """
    from newsletter.operating.backup import backing_up

    used = settings()
    with opened(used) as services, progress("backing up") as bar:
        done = backing_up.backup(services.database, file, settings=used, now=now(), tell=_table_by_table(bar))
    rows, readers = sum(done.rows.values()), done.rows.get("subscribers", 0)
    answer(
        {"file": str(file), "rows": done.rows, "files": done.files, "keys_to_keep_apart": done.named},
        f"{rows} rows ({readers} subscribers) and {len(done.files)} files are in {file}",
        *(f"{name} is set in the environment and not in the file: keep it apart, a restore asks for it" for name in done.named),
        "Not in it: .env and the environment, DKIM_KEY_FILE, logs, the local inbox",
        as_json=as_json,
    )


@click.command()
@click.argument("file", type=FILE)
@click.option("--left", type=FILE, help="Addresses that left since the backup, one a line or CSV: they get no mail.")
@click.option(
    "--stopped", type=click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]), help="When the old one stopped (UTC; default: now)."
)
@click.option("--new-keys", is_flag=True, help="Go on without the keys of the backup: links in mails already sent are void.")
@JSON
def restore(file: Path, left: Path | None, stopped: dt.datetime | None, *, new_keys: bool, as_json: bool) -> None:
    """Fill this empty installation from FILE. Nothing is sent before: newsletter resume

    The database may be of the other kind, and FILE of an older version. What the backup cannot know is marked as unknown.
    """
    from newsletter.daily import restored
    from newsletter.operating import start_checks
    from newsletter.operating.backup import backing_up
    from newsletter.subscribers import import_export
    from newsletter.subscribers.left_addresses import read_left

    gone = read_left(import_export.decode(_read(left)), name=str(left)) if left else frozenset()
    began = now()
    end = stopped.replace(tzinfo=dt.UTC) if stopped else None
    if end is not None and end > began:
        raise InputError(f"--stopped {end:%Y-%m-%dT%H:%M} lies in the future: give a time in UTC that has been")
    with ExitStack() as stack:
        used = settings()
        stack.enter_context(start_checks.take_lock(used.data_dir))
        services = stack.enter_context(opened(used))
        tell = stack.enter_context(progress("restoring"))
        manifest = backing_up.restore(
            services.database, file, settings=used, now=began, stopped=end, new_keys=new_keys, tell=lambda _, done: tell(done, 0)
        )
        told = restored.mark(services, left=gone, now=began)
    rows = {table.shape.name: table.rows for table in manifest.tables}
    lines = restored.lines(told)
    answer(
        {"made_at": manifest.made_at, "rows": rows, "files": manifest.files, "told": list(lines), "paused": True},
        f"{sum(rows.values())} rows and {len(manifest.files)} files of {manifest.made_at:%Y-%m-%d %H:%M} UTC are restored.",
        *lines,
        "Sending is paused: nothing leaves before `newsletter resume`.",
        as_json=as_json,
    )


def _table_by_table(bar: Callable[[int, int], None]) -> Callable[[str, int], None]:
    from newsletter.operating.backup.store import shapes

    names = [shape.name for shape in shapes()]
    return lambda name, _: bar(names.index(name) + 1, len(names))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}): give the path of a file of addresses") from error
