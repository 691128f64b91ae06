"""Names of authors: taken apart, and folded into one key for the ways in which one name is written. Pure.

It tells names apart, never people: two authors of one name have one key.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

# Longer than any name; what is longer is cut.
LONGEST_NAME, LONGEST_KEY = 300, 160
_SUFFIXES = frozenset(("jr", "sr", "ii", "iii", "iv"))
_PARTICLES = re.compile("(?:af|al|bin|da|de|del|della|den|der|di|dos|du|el|la|le|ten|van|vom|von|zu)")
# Letters that Unicode takes for no accented ones, and people write without their strokes.
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"})
_APOSTROPHES = re.compile("['’‘ʼ`´]")
_GROUP = re.compile(r"\b(?:collaboration|consortium|team|group|project|network|initiative|committee|alliance)\b", re.IGNORECASE)


def split_name(name: str) -> tuple[str, str]:
    """(family, given) of a name written as Ada B. Byron, as Byron, Ada B. or as King, Jr., Martin; given may be "".

    Particles in small letters belong to the family name, and a group of people has one name.
    """
    name = " ".join(name[:LONGEST_NAME].split())
    if "," in name:
        family, *others = (part.strip() for part in name.split(","))
        given = next((one for one in others if one and not _is_suffix(one)), "")
        return family or name, given if family else ""
    words = name.split(" ")
    if len(words) < 2 or _GROUP.search(name):
        return name, ""
    first = _place_of_family(words)
    return " ".join(words[first:]), " ".join(words[:first])


def _place_of_family(words: Sequence[str]) -> int:
    """Where the family name begins in a name of two words or more that has it last."""
    place = len(words) - (2 if _is_suffix(words[-1]) and len(words) > 2 else 1)
    while place > 1 and _PARTICLES.fullmatch(words[place - 1]):
        place -= 1
    return place


def in_order(name: str) -> str:
    """The name with the family name last, however it is written."""
    family, given = split_name(name)
    return f"{given} {family}".strip()


@lru_cache(maxsize=65536)  # the same people write again and again
def author_key(name: str) -> str:
    """Small letters and figures of the name, its words joined by hyphens, the family name last: ``ada-b-byron``.

    Accents, case, dots, the order of "Byron, Ada" and a "Jr." at the end make no difference; initials stay initials. "" for what
    has no letter. The key of a key is itself.
    """
    words = _words(in_order(name))
    while len(words) > 2 and words[-1] in _SUFFIXES:
        words.pop()
    return "-".join(words)[:LONGEST_KEY].strip("-")


def initial_key(key: str) -> str:
    """What all keys have in common that may be of one name: the family name and the first initial, ``byron-a``."""
    first, *others = key.split("-")
    return f"{others[-1]}-{first[:1]}" if others else first


def may_be_one(key: str, other: str) -> bool:
    """Whether two keys can be of one name: one has initials or leaves out given names where the other has them."""
    (*given, family), (*other_given, other_family) = key.split("-"), other.split("-")
    same = all(
        one == two or (min(len(one), len(two)) == 1 and one[0] == two[0]) for one, two in zip(given, other_given, strict=False)
    )
    return family == other_family and bool(given) and bool(other_given) and same


def _is_suffix(word: str) -> bool:
    return word.rstrip(".").lower() in _SUFFIXES


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKC", _APOSTROPHES.sub("", text)).casefold().translate(_LETTERS)
    decomposed = unicodedata.normalize("NFKD", plain)
    bare = unicodedata.normalize("NFC", "".join(sign for sign in decomposed if unicodedata.category(sign) != "Mn"))
    words = re.findall(r"[^\W_]+", bare)
    return words if any(word[0].isalpha() for word in words) else []
