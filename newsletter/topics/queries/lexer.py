"""Cuts the text of a query into its signs: brackets, operators, fields, words and phrases, each with its place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto

from newsletter.errors import InputError
from newsletter.i18n import _l
from newsletter.topics.queries.faults import fault
from newsletter.topics.queries.syntax import OPERATORS, Field
from newsletter.values.papers import POSTING_SERVERS

QUOTES = '"“”„'
_WORD, _WORD_WITH_COLONS = re.compile(rf"[^\s(){QUOTES}:]+"), re.compile(rf"[^\s(){QUOTES}]+")
FIELDS = {field.value: field for field in Field if field}
# As arXiv's own search writes them (https://info.arxiv.org/help/api/user-manual.html#query_details).
ALIASES = {"all": Field.ANYWHERE, "co": Field.COMMENT}


class Sort(Enum):
    """What a sign of a query is."""

    OPEN = auto()
    CLOSE = auto()
    OPERATOR = auto()
    FIELD = auto()
    WORDS = auto()
    END = auto()


@dataclass(frozen=True, slots=True)
class Sign:
    """One sign; ``text`` is the operator, the field's name or the words, ``place`` the character it starts at."""

    sort: Sort
    text: str
    place: int


def cut(text: str) -> list[Sign]:
    """The signs of ``text`` and an END. Raises InputError for an open quote, an unknown field, a field without words."""
    signs: list[Sign] = []
    place = 0
    while place < len(text):
        sign = text[place]
        if sign.isspace():
            place += 1
        elif sign in "()":
            signs.append(Sign(Sort.OPEN if sign == "(" else Sort.CLOSE, sign, place))
            place += 1
        elif sign in QUOTES:
            place = _phrase(text, place, signs)
        else:
            place = _word(text, place, signs)
    return [*signs, Sign(Sort.END, "", len(text))]


def _phrase(text: str, place: int, signs: list[Sign]) -> int:
    end = next((at for at in range(place + 1, len(text)) if text[at] in QUOTES), -1)
    if end < 0:
        raise fault(text, place, _l("this quotation mark is never closed: put another after the phrase"))
    star = text[end + 1 : end + 2] == "*"
    signs.append(Sign(Sort.WORDS, text[place + 1 : end] + ("*" if star else ""), place))
    return end + 1 + star


def _word(text: str, place: int, signs: list[Sign]) -> int:
    end = _end_of(_WORD, text, place)
    word = text[place:end]
    if text[end : end + 1] != ":":
        signs.append(Sign(Sort.OPERATOR if word in OPERATORS else Sort.WORDS, word, place))
        return end
    if word.lower() in POSTING_SERVERS:
        # A category of theirs holds a colon, biorxiv:neuroscience; the reader refuses it in another field.
        end = _end_of(_WORD_WITH_COLONS, text, place)
        signs.append(Sign(Sort.WORDS, text[place:end], place))
        return end
    if word.lower() not in FIELDS | ALIASES:
        raise unknown_field(text, place, word)
    signs.append(Sign(Sort.FIELD, word.lower(), place))
    return end + 1


def _end_of(pattern: re.Pattern[str], text: str, place: int) -> int:
    found = pattern.match(text, place)
    return found.end() if found else place


def unknown_field(text: str, place: int, word: str) -> InputError:
    """The fault of a ``word`` with a colon after it that is no field."""
    known = ", ".join(f"{name}:" for name in FIELDS)
    why = _l("there is no field %(word)s: use %(known)s, or put words with a colon in quotes")
    return fault(text, place, why, word=repr(word), known=known)
