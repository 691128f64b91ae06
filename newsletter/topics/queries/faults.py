"""How a wrong query is told: what is wrong, in which column, and a caret under the place."""

from __future__ import annotations

import unicodedata

from newsletter.errors import InputError

# A long query is cut to this many characters around the fault, so that the caret stays under it on a narrow screen.
_SHOWN = 72


def fault(text: str, place: int, why: str) -> InputError:
    """The error for ``text`` at the character ``place`` (0-based; the end of the text is a place too)."""
    first = max(0, min(place - _SHOWN // 2, len(text) - _SHOWN))
    shown = "".join(
        " " if sign.isspace() or unicodedata.category(sign) == "Cc" else sign for sign in text[first : first + _SHOWN]
    )
    return InputError(f"column {place + 1}: {why}\n    {shown}\n    {' ' * _width(shown[: place - first])}^")


def _width(text: str) -> int:
    """Columns on a terminal: Chinese and other wide characters take two, combining marks none."""
    return sum(0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)
