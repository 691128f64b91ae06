"""One entry of a catalogue's file as text, taken out and put back: all else in the file, comments too, stays as it stands."""

from __future__ import annotations

import re

from newsletter.errors import InputError

# An entry begins with a dash at the edge; a line of comment at the edge after it belongs to what follows.
_BEGINS = re.compile(r"- +\S")
MEND = "take the whole file with `newsletter topics export`, change it there, and give it back with `newsletter topics import`"


def entry_text(content: str, slug: str) -> str:
    """The text of the entry ``slug``. Raises InputError where it cannot be told from the rest of the file."""
    begin, end = _place(content.splitlines(keepends=True), slug)
    return "".join(content.splitlines(keepends=True)[begin:end]).rstrip() + "\n"


def with_entry(content: str, slug: str, text: str) -> str:
    """``content`` with ``text`` in the place of the entry ``slug``, or after all others where that is "". Raises InputError."""
    lines, new = content.splitlines(keepends=True), text.replace("\r\n", "\n").strip("\n") + "\n"
    if not _BEGINS.match(new):
        raise InputError("an entry begins with `- slug:` at the edge, and its other lines stand further in")
    begin, end = _place(lines, slug) if slug else (len(lines), len(lines))
    before = "".join(lines[:begin])
    return before + ("" if not before or before.endswith("\n") else "\n") + new + "".join(lines[end:])


def without_entry(content: str, slug: str) -> str:
    """``content`` without the entry ``slug``. Raises InputError where it cannot be told from the rest of the file."""
    lines = content.splitlines(keepends=True)
    begin, end = _place(lines, slug)
    return "".join(lines[:begin] + lines[end:])


def _place(lines: list[str], slug: str) -> tuple[int, int]:
    mine = re.compile(rf"- +slug: *(['\"]?){re.escape(slug)}\1 *(#.*)?$")
    begin = next((at for at, line in enumerate(lines) if mine.match(line.rstrip("\r\n"))), None)
    if begin is None:
        raise InputError(f"the entry {slug!r} does not begin with `- slug:` in the catalogue's file: {MEND}")
    end = next((at for at in range(begin + 1, len(lines)) if lines[at].strip() and not lines[at][0].isspace()), len(lines))
    return begin, end
