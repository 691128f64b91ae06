"""How a wrong query is told: what is wrong, in which column, and a caret under the place."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

from newsletter.errors import InputError
from newsletter.i18n import _l

# A long query is cut to this many characters around the fault, so that the caret stays under it on a narrow screen.
_SHOWN = 72


class QueryFault(InputError):
    """A wrong query: ``why`` (English, with ``values`` in it) at the character ``place`` of ``text``.

    As a text it is the message for a terminal; ``told`` gives it in another language, for a page.
    """

    def __init__(self, text: str, place: int, why: str, **values: object) -> None:
        self.text, self.place, self.why, self.values = text, place, why, values
        super().__init__(self.told(_l))

    def told(self, gettext: Callable[[str], str]) -> str:
        """Column and reason in the words of ``gettext``, then the query with a caret under the place."""
        # A long query is cut around the fault.
        first = max(0, min(self.place - _SHOWN // 2, len(self.text) - _SHOWN))
        shown = "".join(
            " " if sign.isspace() or unicodedata.category(sign) == "Cc" else sign for sign in self.text[first : first + _SHOWN]
        )
        why = gettext(self.why) % self.values if self.values else gettext(self.why)
        column = gettext(_l("column %(number)s: %(why)s")) % {"number": self.place + 1, "why": why}
        return f"{column}\n    {shown}\n    {' ' * _width(shown[: self.place - first])}^"


def fault(text: str, place: int, why: str, **values: object) -> QueryFault:
    """The error for ``text`` at the character ``place`` (0-based; the end of the text is a place too)."""
    return QueryFault(text, place, why, **values)


def _width(text: str) -> int:
    """Columns on a terminal: Chinese and other wide characters take two, combining marks none."""
    return sum(0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)
