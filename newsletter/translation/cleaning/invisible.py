"""Takes signs off a text that nobody sees: controls, marks of direction, soft hyphens, fillers, colours of a terminal. Pure.

Any space becomes a plain one, anything that ends a line a line break.
"""

from __future__ import annotations

import re

from newsletter.languages import Language

_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
# Letters and marks by Unicode's tables that show nothing: fillers of Hangul, selectors of a glyph, the joiner of graphemes.
_FILLER = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")
# Persian, Arabic and the scripts of India write with these, between letters.
_JOINERS, _JOINING = "\u200c\u200d", ("fa", "hi", "ar")
_IDLE_JOINER = re.compile("[\u200c\u200d](?![^\\W\\d_])")


def visible(text: str, language: Language) -> str:
    """``text`` without the signs that nobody sees."""
    text = _FILLER.sub("", _COLOUR.sub("", text))
    if text.isprintable():
        return text
    kept = _JOINERS if language.code in _JOINING else ""
    text = "\n".join("".join(_shown(sign, kept) for sign in line) for line in text.splitlines())
    return _IDLE_JOINER.sub("", text) if kept else text


def _shown(sign: str, kept: str) -> str:
    if sign.isprintable() or sign in kept:
        return sign
    return " " if sign.isspace() else ""
