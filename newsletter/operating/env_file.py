"""The file `.env` written: one setting put in or replaced, all other lines and comments left as they are.

It may hold passwords, so that nobody but its owner reads it.
"""

from __future__ import annotations

from pathlib import Path

from dotenv import dotenv_values, set_key

from newsletter.errors import InputError


def read(path: Path) -> dict[str, str]:
    """What stands in the file, by name; {} without one. Raises InputError where it cannot be read."""
    try:
        return {name: value or "" for name, value in dotenv_values(path, encoding="utf-8-sig").items()}
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read ({error}): mend its owner, mode or encoding (UTF-8)") from error


def write(path: Path, name: str, value: str) -> None:
    """Makes ``name`` stand for ``value`` in the file, which is made where there is none, readable to its owner alone.

    Raises InputError where that cannot be, or would be read as something else.
    """
    if "\n" in value or "\r" in value:
        raise InputError(f"{name} has more than one line: give it in one")
    try:
        path.touch(mode=0o600, exist_ok=True)
        path.chmod(0o600)
        before = path.read_text(encoding="utf-8-sig")
        set_key(path, name, value, quote_mode="auto", follow_symlinks=True)
        path.chmod(0o600)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"{path} cannot be written ({error}): mend its owner, mode or encoding, or give another folder"
        ) from error
    if read(path).get(name, "") != value:
        path.write_text(before, encoding="utf-8")
        raise InputError(f"{name}: such a value cannot stand in {path}: write ${{…}} percent-encoded, or set it elsewhere")
