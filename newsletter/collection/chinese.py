"""Which language a text of a collection is in, by its letters alone. Pure; "" where they do not tell."""

from __future__ import annotations

import re
from functools import cache

_HAN = re.compile(r"[\u3400-\u9fff]")
_KANA = re.compile(r"[\u3041-\u30ff]")
_HANGUL = re.compile(r"[\uac00-\ud7a3]")
_LATIN = re.compile(r"[A-Za-z]+")
# So many letters of the other way to write are quotations and slips (干, 后, 里 are in both character sets).
TIMES = 2
LEAST_WORDS = 8


def language_told(text: str) -> str:
    """The code of the language: zh-CN and zh-TW told apart by the letters that only one of them has, ja, ko, en; else "".

    A letter counts as simplified where the character set of the mainland has it and the one of Taiwan has not, and the
    other way round (GB 2312 and Big5, as Python ships them).
    """
    han = _HAN.findall(text)
    if len(_KANA.findall(text)) > len(han) / 10:
        return "ja"
    if len(_HANGUL.findall(text)) > len(han):
        return "ko"
    if not han:
        return "en" if len(_LATIN.findall(text)) >= LEAST_WORDS else ""
    sides = [_side(letter) for letter in han]
    simplified, traditional = sides.count(-1), sides.count(1)
    if traditional > TIMES * simplified:
        return "zh-TW"
    return "zh-CN" if simplified > TIMES * traditional else ""


@cache
def _side(letter: str) -> int:
    """1 for a letter that only traditional writing has, -1 for one that only simplified writing has, 0 for others."""
    return _within(letter, "big5") - _within(letter, "gb2312")


def _within(letter: str, characters: str) -> bool:
    try:
        letter.encode(characters)
    except UnicodeEncodeError:
        return False
    return True
