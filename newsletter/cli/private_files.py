"""What commands write of people, into files that nobody but their owner reads.

What lists and pages are published as is written elsewhere: others are to read that.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path


def write_private(file: Path, lines: Iterable[str]) -> None:
    """Puts a whole file in the place of an old one; what is no plain file (a pipe, a device) is written to as it is.

    Raises OSError, with the old file as it was.
    """
    if file.exists() and not file.is_file():
        with file.open("w", encoding="utf-8", newline="") as out:
            out.writelines(lines)
        return
    target = file.resolve()  # a symbolic link stays one
    draft = target.with_name(f".{target.name}.draft")
    try:
        draft.unlink(missing_ok=True)  # one that was left behind may be open to others
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8", newline="") as out:
            out.writelines(lines)
        draft.replace(target)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
