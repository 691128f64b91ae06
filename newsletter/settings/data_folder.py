"""DATA_DIR: made where it is missing, closed to other users, and the keys in it that were made at random and are kept.

It holds addresses, keys and the database: nobody but the user that the service runs as may read it.
"""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from pydantic import SecretStr

from newsletter.errors import SettingsError

OTHERS = stat.S_IRWXG | stat.S_IRWXO


def private_folder(path: Path) -> Path:
    """``path`` in full, made where it is missing, and closed to the other users of the machine."""
    try:
        folder = path.expanduser().absolute()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe = folder / f".probe-{os.getpid()}-{secrets.token_hex(4)}"
        probe.touch()
        probe.unlink()
    except (OSError, RuntimeError) as error:
        why = getattr(error, "strerror", error)
        raise SettingsError(f"DATA_DIR {path} cannot be written ({why}): choose another folder or change its owner") from error
    close_to_others(folder)
    return folder


def close_to_others(folder: Path) -> list[Path]:
    """Takes all rights of other users from DATA_DIR and what lies right in it; gives what was open before.

    What is not this user's stays as it is, and so does a folder that is more than a place for our data: the root, a home, one
    with a sticky bit as /tmp has it, and what others may write into.
    """
    found = folder.lstat()
    if folder in (Path("/"), Path.home()) or found.st_mode & (stat.S_ISVTX | stat.S_IWOTH):
        return []
    opened = [path for path in (folder, *folder.iterdir()) if _is_open(path)]
    for path in opened:
        with suppress(OSError):  # it may be gone, or on a disk without rights
            path.chmod(stat.S_IMODE(path.stat().st_mode) & ~OTHERS)
    return opened


def _is_open(path: Path) -> bool:
    with suppress(OSError):
        found = path.lstat()
        ours = found.st_uid == os.geteuid() and (stat.S_ISDIR(found.st_mode) or stat.S_ISREG(found.st_mode))
        return ours and bool(found.st_mode & OTHERS)
    return False


def kept_key(path: Path) -> SecretStr:
    """The key in ``path``, made at random on first use. Two processes that start at once end up with the same key."""
    draft = path.with_name(f".{path.name}-{os.getpid()}-{secrets.token_hex(4)}")
    try:
        if not path.exists():
            draft.touch(mode=0o600)
            draft.write_text(secrets.token_urlsafe(32), encoding="ascii")
            with suppress(FileExistsError):  # the other process's key stands
                path.hardlink_to(draft)
            draft.unlink()
        key = path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise SettingsError(f"{path} cannot be read or written ({error.strerror}): mend its owner and mode") from error
    except UnicodeDecodeError:
        key = ""
    if len(key) < 16:
        raise SettingsError(f"{path} holds no key: delete it, and a new one is made (links in mails already sent become void)")
    return SecretStr(key)
