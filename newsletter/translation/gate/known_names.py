"""Names that everybody knows, which a translation may hold only where its text does: Google, Stanford. Pure but for its file.

In German and in scripts without capitals nothing else tells a name; at the beginning of a sentence, nothing anywhere.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from babel import Locale

from newsletter.languages import Language
from newsletter.text.scripts import DENSE

FILE = Path(__file__).with_name("known_names.txt")
# Endings that a name takes in languages that decline it, in letters.
MOST_ENDING, SHORT = 3, 5
_LETTER = r"(?:[^\W\d_]|[\u0900-\u0963\u0970-\u097f\u064b-\u0652\u200c])"
# Words in small letters are no names; scripts without capitals have no such.
_SMALL = r"a-zß-öø-ÿа-яёєіїґ"
_WORD = re.compile(rf"[{DENSE}]{{2,}}|(?<![^\W\d_])(?![{_SMALL}{DENSE}]){_LETTER}{{2,}}")
_DENSE = re.compile(f"[{DENSE}]")
_KATAKANA = re.compile(r"[\u30a1-\u30fa\u30fc-\u30ff]")
# What Arabic and Hebrew join to the beginning of a word.
_JOINED = re.compile(r"\A(?:[وفبلك]?ال|لل|[وفبلك]|[ובלמהכש])(?=\w{3})")
# Where Chinese has another word across the two letters of a name: 其中国际, 扩大学习.
_OTHER_WORD = re.compile(
    r"学[习者科术问说派]|學[習者科術問說派]|国[家内际外产]|國[家內際外產]|本(?:文|研|方|论|論|工|章|节|節|质|質|身|体|體|地|金|次)"
)


@dataclass(frozen=True, slots=True)
class _Names:
    """The beginnings of English words for each name as a language may write it; ``starts`` are the names by two letters."""

    words: Mapping[str, str]
    starts: Mapping[str, Sequence[str]]


def names_well_known(source: str, result: str, language: Language) -> bool:
    """True where ``result``, without its protected parts, holds a well-known name, and the whole ``source`` no word for it."""
    return any(not _grounds(words).search(source) for words in _found(result, _names(language)))


def known_names_in(source: str) -> int:
    """How many of the names an English text may mean."""
    return sum(bool(_grounds(words).search(source)) for words in {words for words, _ in _lines()})


def _found(result: str, names: _Names) -> Iterator[str]:
    """The English words for each name in ``result``."""
    for match in _WORD.finditer(result):
        word = match.group()
        if _DENSE.match(word):
            yield from _in_dense(word, names)
        elif words := _of_word(word, names.words) or _of_word(_JOINED.sub("", word), names.words):
            yield words


def _of_word(word: str, forms: Mapping[str, str]) -> str | None:
    """The English words for a name, maybe with an ending: Googles."""
    if word in forms:
        return forms[word]
    # Short names have no room for an ending: other words begin so.
    ended = (word[:end] for end in range(len(word) - 1, max(SHORT, len(word) - MOST_ENDING) - 1, -1))
    return next((forms[form] for form in ended if form in forms), None)


def _in_dense(text: str, names: _Names) -> Iterator[str]:
    for at in range(len(text) - 1):
        for name in names.starts.get(text[at : at + 2], ()):
            if text.startswith(name, at) and _stands_by_itself(text, at, at + len(name)):
                yield names.words[name]


def _stands_by_itself(text: str, start: int, end: int) -> bool:
    """False for a name within a longer word: of Katakana, or one that begins with its last letter."""
    if _KATAKANA.match(text[end - 1]):
        return not (_KATAKANA.match(text, end) or (start and _KATAKANA.match(text, start - 1)))
    return not _OTHER_WORD.match(text, end - 1)


@cache
def _names(language: Language) -> _Names:
    """The names as ``language`` may write them, each with the beginnings of the English words for it.

    ``@CN`` stands for a country as Unicode's CLDR calls it in the language.
    """
    territories = Locale.parse(language.babel).territories
    found: dict[str, str] = {}
    for words, names in _lines():
        for name in names:
            own, _, unless = name.partition("!")
            if language.code.partition("-")[0] not in unless.split(","):
                form = territories.get(own[1:], "") if own.startswith("@") else own
                found[form] = words
    forms = {form: words for form, words in found.items() if len(form) > 1 and " " not in form}
    starts: dict[str, list[str]] = defaultdict(list)
    for form in forms:
        starts[form[:2]].append(form)
    return _Names(forms, dict(starts))


@cache
def _lines() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The beginnings of English words, and the names, line by line."""
    lines = [line.partition(": ") for line in FILE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return tuple((words, tuple(names.split())) for words, _, names in lines)


@cache
def _grounds(words: str) -> re.Pattern[str]:
    """The beginnings of English words; those in capitals are capitals there."""
    parts = [rf"{word}\b" if word.isupper() else f"(?i:{word})" for word in words.split("|")]
    return re.compile(rf"(?<![A-Za-z])(?:{'|'.join(parts)})")
