"""Secrets that stand in files: ``SECRET_KEY_FILE=/run/secrets/secret_key`` is read in the place of ``SECRET_KEY``.

So no secret need stand in an environment, which every child process and `docker inspect` can see. For settings that are secrets
only; a key file of another program (DKIM_KEY_FILE) is a path and stays one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from newsletter.errors import SettingsError

SUFFIX = "_FILE"
# Longer than any list of keys; a wrong path shall not read a disk into memory.
MOST_BYTES = 65_536


def with_files_read(given: Mapping[str, str], secret: Collection[str]) -> dict[str, str]:
    """``given`` with each of the variables ``secret`` read from its file, where one is named. Raises SettingsError."""
    read = {}
    for name in secret:
        path = given.get(name + SUFFIX)
        if not path:
            continue
        if name in given:
            raise SettingsError(f"{name} and {name}{SUFFIX} are both set: unset one of them")
        read[name] = _content(name + SUFFIX, Path(path))
    return {**given, **read}


def _content(name: str, path: Path) -> str:
    try:
        with path.open("rb") as file:
            text = file.read(MOST_BYTES).decode("utf-8").strip()
    except OSError as error:
        raise SettingsError(f"{name} {path} cannot be read ({error.strerror}): mend its path, owner and mode") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{name} {path} is not UTF-8: put the secret alone into it") from None
    if not text:
        raise SettingsError(f"{name} {path} is empty: put the secret into it, or unset {name}")
    return text
