"""A Maildir that bounces are delivered to: what was not read yet, and marking it as read. It deletes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from newsletter.errors import InputError


def is_maildir(folder: Path) -> bool:
    """True where ``folder`` has the form of one."""
    return (folder / "new").is_dir() or (folder / "cur").is_dir()


def messages(folder: Path, *, unread: bool = False) -> Iterator[Path]:
    """The messages by their time of arrival; with ``unread``, those without the mark that they were read.

    Raises InputError where it is no Maildir or cannot be read.
    """
    if not is_maildir(folder):
        raise InputError(f"{folder} is no Maildir: give a folder with `new` and `cur` in it")
    for path in sorted(_files(folder), key=lambda path: path.name):
        if not (unread and "S" in _flags(path)):
            yield path


def _files(folder: Path) -> list[Path]:
    try:
        found = [path for part in ("new", "cur") if (folder / part).is_dir() for path in (folder / part).iterdir()]
        return [path for path in found if path.is_file() and not path.name.startswith(".")]
    except OSError as error:
        raise InputError(f"{folder} cannot be read ({error.strerror}): mend its owner and mode") from error


def mark_read(path: Path) -> None:
    """Moves a message to the read ones; another process may have done so already."""
    flags = "".join(sorted({*_flags(path), "S"}))
    target = path.parent.parent / "cur"
    try:
        target.mkdir(exist_ok=True)
        path.rename(target / f"{path.name.partition(':2,')[0]}:2,{flags}")
    except FileNotFoundError:
        return
    except OSError as error:
        raise InputError(f"{path} cannot be moved ({error.strerror}): mend the owner and mode of its folder") from error


def _flags(path: Path) -> str:
    return path.name.partition(":2,")[2] if path.parent.name == "cur" else ""
