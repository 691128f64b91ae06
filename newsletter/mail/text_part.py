"""Plain text for reading: wrapping by display width. It knows nothing of papers and mails."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

WIDTH = 76
# Never at the start of a line, never at its end: the commonest of https://www.w3.org/TR/jlreq/#line_breaking and clreq.
_CLOSING = frozenset("，。、；：！？）］｝〉》」』】〕…—～·,.;:!?)]}%”’ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ،؛؟")
_OPENING = frozenset("（［｛〈《「『【〔([{“‘")


def display_width(text: str) -> int:
    """The columns that ``text`` takes: two for wide characters (UAX #11), none for marks and format characters, else one."""
    return len(text) if text.isascii() else sum(map(_columns, text))


@lru_cache(maxsize=16384)
def _columns(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


@lru_cache(maxsize=2048)
def wrapped(text: str, indent: str = "") -> str:
    """``text`` folded to lines of at most 76 columns, each after ``indent``; "" gives "".

    Breaks at spaces and between wide characters, never before closing or after opening punctuation; a URL stays whole even
    where it is wider, any other endless word is cut.
    """
    room = WIDTH - display_width(indent)
    lines: list[str] = []
    line, used = "", 0
    for atom, spaced in _atoms(text, room):
        width = display_width(atom)
        gap = " " if spaced and line else ""
        if line and used + len(gap) + width > room:
            lines.append(indent + line)
            line, used = atom, width
        else:
            line, used = line + gap + atom, used + len(gap) + width
    if line:
        lines.append(indent + line)
    return "\n".join(lines)


def bulleted(text: str) -> str:
    """``text`` wrapped as one item of a list."""
    return "  * " + wrapped(text, "    ").removeprefix("    ")


def _atoms(text: str, room: int) -> list[tuple[str, bool]]:
    """What must stay together, and whether a space stood before it."""
    atoms: list[tuple[str, bool]] = []
    for word in text.split():
        first = True
        for atom in _within_word(word):
            for piece in (atom,) if "://" in atom else _cut(atom, room):
                atoms.append((piece, first))
                first = False
    return atoms


def _within_word(word: str) -> list[str]:
    if word.isascii():
        return [word]
    atoms: list[str] = []
    for character in word:
        wide = _columns(character) == 2
        before = atoms[-1][-1] if atoms else ""
        joined = before and (
            character in _CLOSING or before in _OPENING or _columns(character) == 0 or (not wide and _columns(before) < 2)
        )
        if joined:
            atoms[-1] += character
        else:
            atoms.append(character)
    return atoms


def _cut(atom: str, room: int) -> list[str]:
    pieces: list[str] = []
    while display_width(atom) > room:
        end, used = 0, 0
        while end < len(atom) and used + _columns(atom[end]) <= room:
            used += _columns(atom[end])
            end += 1
        pieces.append(atom[:end])
        atom = atom[end:]
    return [*pieces, atom] if atom else pieces
