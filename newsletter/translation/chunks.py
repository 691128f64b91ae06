"""Cuts a long text into pieces that an engine takes, at the ends of sentences, and joins their translations. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from newsletter.errors import PermanentError

_SENTENCE_END = re.compile(r"(?<=[.!?])(\s+)")
_SPACE = re.compile(r"(\s+)")
_LATIN = re.compile(r"[!-~]")


def pieces(text: str, limit: int) -> list[str]:
    """``text`` in pieces of at most ``limit`` characters, cut between sentences, where one is too long between words.

    A placeholder holds no white space and so is never cut. Raises PermanentError where one word alone is longer.
    """
    if len(text) <= limit:
        return [text]
    packed: list[str] = []
    for sentence in _units(text, _SENTENCE_END):
        for unit in [sentence] if len(sentence.strip()) <= limit else _units(sentence, _SPACE):
            if len(unit.strip()) > limit:
                raise PermanentError(f"a word is longer than the engine's limit of {limit} characters")
            if packed and len((packed[-1] + unit).strip()) <= limit:
                packed[-1] += unit
            else:
                packed.append(unit)
    return [piece for part in packed if (piece := part.strip())]


def _units(text: str, separator: re.Pattern[str]) -> list[str]:
    """Sentences or words, each with the white space after it."""
    parts = separator.split(text)
    return ["".join(parts[at : at + 2]) for at in range(0, len(parts), 2)]


def join(translated: Sequence[str], *, spaceless: bool) -> str:
    """The translations of the pieces as one text; without a space between two of them where the script has none."""
    text = ""
    for part in translated:
        glued = not text or (spaceless and not (_LATIN.match(text[-1]) and _LATIN.match(part[:1])))
        text += part if glued else " " + part
    return text
