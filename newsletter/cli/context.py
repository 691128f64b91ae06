"""What the commands share: opening the service, reading dates, telling progress, ending without a traceback."""

from __future__ import annotations

import datetime as dt
import errno
import json
import logging
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from newsletter.cli import noted
from newsletter.operating.process import complain, fail_in_one_line

if TYPE_CHECKING:
    from rich.console import Console

    from newsletter.bootstrap import Services
    from newsletter.settings import Settings


DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)
# Days that can be reckoned with on either side; arXiv began in August 1991.
FIRST_DAY, LAST_DAY = dt.date(1991, 1, 1), dt.date(2199, 12, 31)


# What else a day is called; days are those of UTC.
DAYS_AGO = {"today": 0, "yesterday": 1}


class Date(click.ParamType[dt.date]):
    """A day as YYYY-MM-DD, ``today`` or ``yesterday``."""

    name = "date"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> dt.date:
        """The date that ``value`` spells."""
        if isinstance(value, dt.date):
            return value
        if (ago := DAYS_AGO.get(str(value).strip().lower())) is not None:
            return now().date() - dt.timedelta(days=ago)
        try:
            # The library reads other forms too (20260630, 2026-W27-2), which a slip of the pen can look like.
            found = dt.date.fromisoformat(str(value)) if len(str(value)) == 10 else None
        except ValueError:
            found = None
        if found is None or str(value) != found.isoformat():
            self.fail(f"{value!r} is no date: write it as YYYY-MM-DD, for example 2026-06-30, today or yesterday", param, ctx)
        if not FIRST_DAY <= found <= LAST_DAY:
            self.fail(f"{found} is out of reach: give a day from {FIRST_DAY} to {LAST_DAY}", param, ctx)
        return found


DATE = Date()
JSON = click.option("--json", "as_json", is_flag=True, help="JSON for scripts.")
# Where a command prints JSON or somebody's file anyway: whoever writes scripts may ask for it everywhere.
JSON_ANYWAY = click.option("--json", is_flag=True, expose_value=False, help="Changes nothing: what is printed is for scripts.")


def now() -> dt.datetime:
    """The clock of the commands, aware UTC."""
    return dt.datetime.now(dt.UTC)


def stand_in_for_closed_streams() -> None:
    """Puts nothing in the place of each standard stream that the caller closed; a file of ours could get its number otherwise."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), mode, encoding="utf-8"))


@contextmanager
def end_quietly() -> Iterator[None]:
    """One line for an error of ours; nothing where the reader of our output went away (``| head``)."""
    try:
        with fail_in_one_line():
            try:
                yield
            finally:
                sys.stdout.flush()
    except BrokenPipeError:
        # What is left in the buffer has nowhere to go; without this Python complains about it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:
        if error.errno not in DISK_ERRORS:
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        complain(f"cannot be written ({error.strerror}): make room on the disk")
        sys.exit(1)


def settings() -> Settings:
    """The settings, with logging started: of warnings only, because commands print results."""
    from newsletter.operating.process import start_logging
    from newsletter.settings import load

    found = load()
    start_logging(found, level=logging.WARNING)
    return found


@contextmanager
def opened(own: Settings | None = None) -> Iterator[Services]:
    """The service on a migrated database. Raises SettingsError where the database waits for a migration."""
    from newsletter import bootstrap
    from newsletter.operating.own_files import files_in
    from newsletter.operating.start_checks import make_current

    services = bootstrap.build(own or settings())
    try:
        make_current(services.database)
        if files_in(services.settings.data_dir):
            from newsletter.daily.own_files import take_in_files

            for line in take_in_files(services, now=now()):
                warn(line)
        yield services
        noted.note(services)
    finally:
        services.database.close()


def console() -> Console:
    """For progress and tables: on stderr, so that stdout stays for results."""
    from rich.console import Console

    return Console(stderr=True)


def warn(text: str) -> None:
    """One line on stderr that is no failure."""
    complain(text)


def print_json(value: object) -> None:
    """Prints ``value`` as scripts read it."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=1, default=str))


def answer(values: object, *lines: str, as_json: bool) -> None:
    """Prints what a command found or did: ``values`` as scripts read them, else ``lines`` for people."""
    if as_json:
        print_json(values)
        return
    for line in lines:
        click.echo(line)


def as_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns under their heads, as wide as what stands in them; nothing is cut, for pipes and eyes alike."""
    from rich.cells import cell_len

    widths = [max(cell_len(row[column]) for row in (heads, *rows)) for column in range(len(heads) - 1)]
    lines = (
        "  ".join([*(cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=False)), row[-1]])
        for row in (heads, *rows)
    )
    return "\n".join(line.rstrip() for line in lines)


@contextmanager
def progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal for work that takes a while: gives a function that is told how many of how many (0: unknown) are
    done. Nothing is shown where stderr is no terminal.
    """
    with steps(what) as tell:
        yield lambda done, of: tell(what, done, of)


@contextmanager
def steps(first: str, *, shown: bool = True) -> Iterator[Callable[[str, int, int], None]]:
    """As `progress`, for several steps one after the other: the function is told which one, too; no bar unless ``shown``."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console(), transient=True, disable=not (shown and sys.stderr.isatty())) as bar:
        now_at, task = first, bar.add_task(first, total=None)

        def tell(what: str, done: int, of: int) -> None:
            nonlocal now_at, task
            if what != now_at:
                # A task of its own for each step: the time that is left is reckoned from its beginning.
                bar.remove_task(task)
                now_at, task = what, bar.add_task(what, total=None)
            bar.update(task, completed=done, total=of or None)

        yield tell


@contextmanager
def working(what: str) -> Iterator[None]:
    """A line on a terminal that says what is being done, for work of which nobody knows how much it is."""
    with console().status(what):
        yield
