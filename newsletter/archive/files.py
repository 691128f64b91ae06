"""Writes pages into a folder, each atomically, and only those that differ from what is there. It knows no paper."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from newsletter.errors import InputError


@dataclass(frozen=True, slots=True)
class Written:
    """Which pages were written, and how many were there already as they are."""

    pages: tuple[str, ...]
    unchanged: int


def write_pages(folder: Path, pages: Mapping[str, str]) -> Written:
    """Puts ``pages``, by file name, into ``folder``, which is made. Raises InputError where it cannot be written."""
    written: list[str] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in pages.items():
            data = text.encode("utf-8", "replace")
            target = folder / name
            if not _is_there(target, data):
                _put(target, data)
                written.append(name)
    except OSError as error:
        raise InputError(f"{folder} cannot be written ({error.strerror}): give another folder") from error
    return Written(tuple(written), len(pages) - len(written))


def differing(folder: Path, pages: Mapping[str, str]) -> tuple[str, ...]:
    """The names of those ``pages`` that are not in ``folder`` as they are here. Raises InputError where it cannot be read."""
    try:
        return tuple(name for name, text in pages.items() if not _is_there(folder / name, text.encode("utf-8", "replace")))
    except OSError as error:
        raise InputError(f"{folder} cannot be read ({error.strerror}): give another folder") from error


def _is_there(target: Path, data: bytes) -> bool:
    try:
        return target.stat().st_size == len(data) and target.read_bytes() == data
    except FileNotFoundError:
        return False


def _put(target: Path, data: bytes) -> None:
    """A reader sees the old page or the new one, never a part."""
    draft = target.with_name(f".{target.name}-{os.getpid()}-{secrets.token_hex(4)}.draft")
    try:
        draft.write_bytes(data)
        draft.replace(target)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
