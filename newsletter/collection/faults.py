"""Refuses texts that are binary, too large or cut off in the middle, naming the line. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from newsletter.collection.blocks import BlockKind, Page
from newsletter.collection.inline import closing
from newsletter.errors import InputError

# A collection is written by hand; ten thousand entries have about 10 MB.
LARGEST = 20_000_000
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_LINK_BEGUN = re.compile(r"!?\[")


def checked(text: str) -> str:
    """``text`` with line breaks of one kind. Raises InputError where it is too large or binary."""
    if len(text) > LARGEST:
        size = len(text) / 1_000_000
        raise InputError(f"the file has {size:.0f} million letters, and a collection at most {LARGEST // 1_000_000}: split it up")
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if control := _CONTROL.search(text):
        line = text.count("\n", 0, control.start()) + 1
        raise InputError(f"line {line}: holds the control character {ord(control.group()):#04x}: this is no text file")
    return text


def refuse_cut(page: Page) -> None:
    """Raises InputError, with the line, where the page ends within a block, a link or a row of a table."""
    if not page.blocks:
        return
    last = page.blocks[-1]
    if last.is_open:
        what = "comment" if "<!--" in page.lines[last.first] else "block"
        raise InputError(f"line {last.first + 1}: the {what} that begins here does not end: is the file cut off?")
    if last.kind in (BlockKind.CODE, BlockKind.RAW):
        return
    if _is_cut_link(page.lines[last.end - 1].rstrip()):
        raise InputError(f"line {last.end}: ends within a link: the file is cut off, get it whole")
    if last.kind is BlockKind.TABLE and _is_cut_row(page.lines[last.first : last.end]):
        raise InputError(f"line {last.end}: ends within a row of a table: the file is cut off, get it whole")


def _is_cut_link(line: str) -> bool:
    """Whether the last link or image that begins on the line does not end on it."""
    begun = [found.end() - 1 for found in _LINK_BEGUN.finditer(line)]
    if not begun:
        return False
    last = closing(line, begun[-1])
    if last is None:
        return bool(re.match(r" {0,3}#|!", line)) or line.startswith("[")
    return line.startswith("(", last + 1) and ")" not in line[last + 1 :]


def _is_cut_row(rows: Sequence[str]) -> bool:
    """Whether the last row has fewer marks than every line above it; one without any may be words under the table."""
    return len(rows) > 2 and 0 < rows[-1].count("|") < min(row.count("|") for row in rows[:-1])
