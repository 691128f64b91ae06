"""Plain text for reading: wrapping by display width, links as footnotes. It knows nothing of papers and mails.

A link stands in the text as a mark, two controls around its address, until the whole text is there and can be numbered: so the
parts of a mail are rendered once, whatever number their links have in each. Outside text holds no controls.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from wcwidth import iter_graphemes, wcswidth

WIDTH = 76
# Never at the start of a line, never at its end: the commonest of https://www.w3.org/TR/jlreq/#line_breaking and clreq.
_CLOSING = frozenset("，。、；：！？）］｝〉》」』】〕…—～·,.;:!?)]}%”’ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ،؛؟")
_OPENING = frozenset("（［｛〈《「『【〔([{“‘")
_NOTE = re.compile("\x02([^\x03]*)\x03")
# The width of a number in brackets that is not known yet: a mail has fewer than a thousand links.
_NUMBER = "[000]"


def display_width(text: str) -> int:
    """The columns that ``text`` takes: two for wide characters (UAX #11), none for marks; an emoji of several counts as one."""
    if text.isascii():
        return len(_NOTE.sub(_NUMBER, text)) if has_footnotes(text) else len(text)
    return _columns(text) if len(text) == 1 else sum(map(_columns, iter_graphemes(_NOTE.sub(_NUMBER, text))))


@lru_cache(maxsize=16384)
def _columns(cluster: str) -> int:
    """The columns of what a reader takes for one character; none for a control."""
    return max(0, wcswidth(cluster))


def cut_to_width(text: str, columns: int) -> str:
    """The beginning of ``text`` in at most ``columns``, cut between words (wide characters anywhere) and then followed by "…".

    No formula is cut within: one that has no room goes as a whole.
    """
    if display_width(text) <= columns:
        return text
    used, end, last = 0, 0, 0
    for cluster in iter_graphemes(text):
        width = _columns(cluster)
        if used + width > columns - 1:
            break
        used, end = used + width, end + len(cluster)
        if width > 1 or cluster == " ":
            last = end
    # A word longer than the line is cut within.
    kept = text[: last or end] if not text[end : end + 1].isspace() else text[:end]
    if len(re.findall(r"(?<!\\)\$", kept)) % 2:
        kept = kept[: kept.rindex("$")]
    return kept.rstrip(" ,;:.，。、；：(（-–") + "…"


def footnoted(words: str, url: str) -> str:
    """``words`` with a mark for the footnote that `with_numbered_footnotes` makes of ``url``."""
    return f"{words} \x02{url}\x03"


def has_footnotes(text: str) -> bool:
    """True where ``text`` has a mark for a footnote."""
    return "\x02" in text


def footnote_urls(text: str) -> tuple[str, ...]:
    """The addresses of the marks in ``text``, each once, in order."""
    return tuple(dict.fromkeys(_NOTE.findall(text)))


def with_numbered_footnotes(text: str, heading: str) -> str:
    """``text`` with its marks as numbers in brackets, and below it ``heading`` and the addresses; unchanged without a mark.

    The same address has the same number wherever it stands.
    """
    return number_footnotes(1, text) + footnote_list(footnote_urls(text), heading)


def number_footnotes(first: int, text: str) -> str:
    """``text`` with its marks as numbers in brackets, the first of them ``first``."""
    numbers: dict[str, int] = {}
    return _NOTE.sub(lambda found: f"[{numbers.setdefault(found[1], len(numbers) + first)}]", text)


def footnote_list(urls: Sequence[str], heading: str) -> str:
    """The addresses under ``heading``, numbered from 1; "" where there are none."""
    listed = "".join(f"[{number}] {url}\n" for number, url in enumerate(urls, start=1))
    return f"\n\n{heading}\n{'=' * WIDTH}\n\n{listed}" if urls else ""


@lru_cache(maxsize=2048)
def wrapped(text: str, indent: str = "") -> str:
    """``text`` folded to lines of at most 76 columns, each after ``indent``; "" gives "".

    Breaks at spaces and between wide characters, never before closing or after opening punctuation; a URL stays whole even
    where it is wider, any other endless word is cut.
    """
    lines: list[str] = []
    last, _ = _filled(text, WIDTH - display_width(indent), lines, "", 0)
    return "\n".join([indent + line for line in (*lines, last) if line])


def wrapped_list(parts: Sequence[str]) -> str:
    """``wrapped(" ".join(parts))``, quicker where parts come again from text to text: what has room stays whole."""
    lines: list[str] = []
    line, used = "", 0
    for part in parts:
        text, width = _measured(part)
        if line and text and used + 1 + width <= WIDTH:
            line, used = f"{line} {text}", used + 1 + width
        else:
            line, used = _filled(text, WIDTH, lines, line, used)
    return "\n".join([*lines, line])


@lru_cache(maxsize=4096)
def _measured(text: str) -> tuple[str, int]:
    """``text`` with single spaces, and its width."""
    text = " ".join(text.split())
    return text, display_width(text)


def _filled(text: str, room: int, lines: list[str], line: str, used: int) -> tuple[str, int]:
    """Goes on with ``line``, of which ``used`` columns are taken: adds those that are full to ``lines``, gives the last."""
    for word in text.split():
        gap = " "
        for atom, width in _atoms_of(word, room):
            if not line:
                line, used = atom, width
            elif used + len(gap) + width > room:
                lines.append(line)
                line, used = atom, width
            else:
                line, used = line + gap + atom, used + len(gap) + width
            gap = ""
    return line, used


def bulleted(text: str) -> str:
    """``text`` wrapped as one item of a list."""
    return "  * " + wrapped(text, "    ").removeprefix("    ")


@lru_cache(maxsize=16384)
def _atoms_of(word: str, room: int) -> tuple[tuple[str, int], ...]:
    """What of ``word`` must stay together, with the widths; words come again from mail to mail."""
    atoms = []
    for atom in _within_word(word):
        pieces = (atom,) if 2 * len(atom) <= room or "://" in atom else _cut(atom, room)
        atoms += [(piece, display_width(piece)) for piece in pieces]
    return tuple(atoms)


def _within_word(word: str) -> list[str]:
    if word.isascii() or "\x02" in word:
        return [word]
    atoms: list[str] = []
    before = ""
    for cluster in iter_graphemes(word):
        columns = _columns(cluster)
        joined = before and (cluster in _CLOSING or before in _OPENING or columns == 0 or (columns == 1 and _columns(before) < 2))
        if joined:
            atoms[-1] += cluster
        else:
            atoms.append(cluster)
        before = cluster
    return atoms


def _cut(atom: str, room: int) -> Iterator[str]:
    """``atom`` in pieces that fit, cut between characters."""
    piece, used = "", 0
    for cluster in iter_graphemes(atom) if display_width(atom) > room else (atom,):
        columns = display_width(cluster)
        if piece and used + columns > room:
            yield piece
            piece, used = "", 0
        piece, used = piece + cluster, used + columns
    if piece:
        yield piece
