"""What an engine says in its own name, by language: how it begins, what it announces, remarks on, regrets. Pure but for its file.

A paper says such words too, now and then; so nothing is taken for an engine's own where the English text says the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from newsletter.languages import SOURCE_LANGUAGE, Language
from newsletter.text.scripts import HAN, KANA

FILE = Path(__file__).with_name("voice.yaml")
_ANYWHERE = re.compile(f"[{HAN}{KANA}(\\[]")
# Hindi's vowel signs are no word characters to Python.
_WORD_START = r"(?<![\w\u0900-\u097f])"
_SPEAKERS = ("me", "you")
# English "I" and "my" are words of other languages.
_OWN = ("translate", "sorry", "me", "you", "either", "service")


@dataclass(frozen=True, slots=True)
class Voice:
    """The patterns of a language together with those of English, in which models like to speak.

    ``sorry``, ``me``, ``you`` and ``translate`` are the language's alone.
    """

    yes: re.Pattern[str]
    here: re.Pattern[str]
    things: re.Pattern[str]
    note: re.Pattern[str]
    close: re.Pattern[str]
    translate: re.Pattern[str]
    sorry: re.Pattern[str]
    me: re.Pattern[str]
    you: re.Pattern[str]
    fails: re.Pattern[str]
    either: re.Pattern[str]
    service: re.Pattern[str]


@cache
def voice_of(code: str) -> Voice:
    """The voice of a language by its code, as ``Voice`` says."""
    told = _told()
    own, english = told.get(code.split("-", maxsplit=1)[0], {}), told[SOURCE_LANGUAGE]
    alone = code != SOURCE_LANGUAGE
    return Voice(**{key: _pattern(key, own.get(key, ()), () if alone and key in _OWN else english[key]) for key in english})


def voice(language: Language) -> Voice:
    """The voice of ``language``."""
    return voice_of(language.code)


@cache
def _told() -> dict[str, dict[str, tuple[str, ...]]]:
    # Read as texts alone: "yes" and "no" are words here.
    found = yaml.load(FILE.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - it makes texts alone
    return {code: {key: tuple(words.split(" | ")) for key, words in kinds.items()} for code, kinds in found.items()}


def _pattern(key: str, own: Iterable[str], english: Iterable[str]) -> re.Pattern[str]:
    """One pattern for all words; a whole word for who speaks and is spoken to, else the beginning of one."""
    words = dict.fromkeys([*own, *english])
    end = r"(?![\w\u0900-\u097f])"
    anywhere = sorted((word for word in words if _ANYWHERE.match(word)), key=len, reverse=True)
    begun = [word + (end if _is_whole(key, word) else "") for word in words if word not in anywhere]
    # One look behind for all words that begin with a word: most places of a text are none.
    parts = [_WORD_START + "(?:" + "|".join(sorted(begun, key=len, reverse=True)) + ")", *anywhere] if begun else anywhere
    return re.compile("|".join(parts), re.IGNORECASE)


def _is_whole(key: str, word: str) -> bool:
    """Short words are whole ones: "ja" begins "Japan", "not" begins "notion"; Korean and Arabic words carry endings."""
    if not re.fullmatch(r"[^\W\d_]+(?:\s[^\W\d_]+)*", word) or re.match(r"[\uac00-\ud7a3]", word):
        return False
    if re.match(r"[\u0590-\u097f]", word):
        return key in (*_SPEAKERS, "either")
    return key in (*_SPEAKERS, "either") or (key in ("yes", "note") and len(word) <= 5) or len(word) <= 3
