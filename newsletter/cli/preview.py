"""`newsletter preview`: one reader's digest as files."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsletter.cli.context import DATE, JSON, answer, now, opened
from newsletter.cli.private_files import write_private
from newsletter.errors import InputError

if TYPE_CHECKING:
    from newsletter.mail.rendering.encoding import Rendered


@click.command()
@click.argument("email")
@click.option("--date", type=DATE, help="The digest of this date (default: the one that would be made now).")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder to write to.")
@JSON
def preview(email: str, date: dt.date | None, out: Path, *, as_json: bool) -> None:
    """Write the digest of EMAIL as subject.txt, body.html and body.txt; sends nothing, changes nothing."""
    from newsletter.cli.previewed_digest import preview_of

    with opened() as services:
        rendered = preview_of(services, email, date=date, now=now())
    _write(out, rendered)
    files = ("subject.txt", "body.html", "body.txt")
    told = {"subject": rendered.subject, "files": [str(out / name) for name in files]}
    answer(told, f"{out}: {', '.join(files)}", as_json=as_json)


def _write(out: Path, rendered: Rendered) -> None:
    files = {"subject.txt": rendered.subject + "\n", "body.html": rendered.html, "body.txt": rendered.text}
    try:
        # The links in it are those of the reader.
        out.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name, text in files.items():
            write_private(out / name, [text])
    except OSError as error:
        raise InputError(f"--out {out} cannot be written ({error.strerror}): give another folder") from error
