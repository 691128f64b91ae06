"""Texts that cannot be read as a whole: binary, too large, cut off in the middle. Pure.

Each is refused with the line, so that nothing of it is stored.
"""

from __future__ import annotations

import re

from newsletter.collection.inline import closing
from newsletter.collection.lines import FENCE, Fence, is_table, lines_of
from newsletter.errors import InputError

# A collection is written by hand; ten thousand entries have about 10 MB.
LARGEST = 20_000_000
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_LINK_BEGUN = re.compile(r"!?\[")


def checked(text: str) -> str:
    """``text`` with line breaks of one kind. Raises InputError where it is too large, binary or cut off in the middle."""
    if len(text) > LARGEST:
        size = len(text) / 1_000_000
        raise InputError(f"the file has {size:.0f} million letters, and a collection at most {LARGEST // 1_000_000}: split it up")
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if control := _CONTROL.search(text):
        line = text.count("\n", 0, control.start()) + 1
        raise InputError(f"line {line}: holds the control character {ord(control.group()):#04x}: this is no text file")
    _refuse_cut(text)
    return text


def _refuse_cut(text: str) -> None:
    lines = lines_of(text.rstrip())
    fence, opened = Fence(), 0
    for number, line in enumerate(lines, start=1):
        was_open = fence.is_open
        fence.pass_by(line)
        if fence.is_open and not was_open:
            opened = number
    if fence.is_open:
        what = "block" if fence.marks else "comment"
        raise InputError(f"line {opened}: the {what} that begins here does not end: is the file cut off?")
    if not lines or FENCE.match(lines[-1]):
        return
    if _is_cut_link(lines[-1]):
        raise InputError(f"line {len(lines)}: ends within a link: the file is cut off, get it whole")
    if _is_cut_row(lines):
        raise InputError(f"line {len(lines)}: ends within a row of a table: the file is cut off, get it whole")


def _is_cut_link(line: str) -> bool:
    """Whether the last link or image that begins on the line does not end on it."""
    begun = [found.end() - 1 for found in _LINK_BEGUN.finditer(line)]
    if not begun:
        return False
    last = closing(line, begun[-1])
    if last is None:
        return bool(re.match(r" {0,3}#|!", line)) or line.startswith("[")
    return line.startswith("(", last + 1) and ")" not in line[last + 1 :]


def _is_cut_row(lines: list[str]) -> bool:
    """Whether the last line is a row of a table that has fewer marks than every row above it."""
    start = len(lines) - 1
    while start > 0 and "|" in lines[start - 1] and lines[start - 1].strip():
        start -= 1
    if start >= len(lines) - 2 or not is_table(lines, start):
        return False
    return lines[-1].count("|") < min(line.count("|") for line in lines[start:-1])
