"""Words of English, words that other languages have too, and words of the fields that many keep. Pure but for its files.

A word tells that a translation holds English only where its language does not spell a word of its own so.
"""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path


def _lines(name: str) -> list[str]:
    lines = Path(__file__).with_name(name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if not line.startswith("#")]


def _words(name: str) -> frozenset[str]:
    return frozenset(word for line in _lines(name) for word in line.split())


def words_by_language(name: str) -> dict[str, frozenset[str]]:
    """The words by language of a file in which a line that begins with a code and a colon begins those of a language."""
    found: dict[str, set[str]] = defaultdict(set)
    code = ""
    for line in _lines(name):
        begins, colon, rest = line.partition(":")
        code = begins if colon else code
        found[code].update((rest if colon else line).split())
    return {language: frozenset(words) for language, words in found.items()}


ENGLISH, JARGON, KEPT = _words("english.txt"), _words("jargon.txt"), _words("kept.txt")
SMALL_JARGON = _words("small_jargon.txt") | {word for word in JARGON if "-" in word}
DOERS = words_by_language("doers.txt")
# Words that abstracts write small, in their order of frequency: in a title with capitals, these are no names.
COMMON = _words("common.txt") - KEPT
VOCABULARY = ENGLISH | COMMON | _words("vocabulary.txt")
# Words of English that one language in Latin letters has too.
_OWN = words_by_language("shared.txt")
# Endings that only English words have; in the other languages such a word can only be one of the source.
ENGLISH_ENDING = re.compile(
    r"(?:...ing|..ings|..[^aeiou]ly|..[aeiou]lly|...ness|...ship|...ful|...less|..wards?|..wise|..ght|...[bcdghkmnprsvwz]ed|..ted"
    r"|...[rtv]ies|...ments|...[ts]ions|...[wdg]th)\Z"
)
# Where a plural in -s is English.
_NO_PLURAL_S = frozenset(["de", "it", "pl", "tr", "vi", "id", "cs", "sv"])
_LATIN_S = re.compile(r"(?:s|u|i|a|o)s\Z")

# How words of English end, behind four letters or more, and words of the language do not: "synergistic", "fusion" in Spanish.
_WORDY, _ABSTRACT = r"[^aeiou]y|ics?|ous|[cs]h|ee|ism|oo|[kwg]s?", r"[^aeiou]ies|ions?|ates?|th"
_ENDINGS = {
    # A noun in small letters is none of German.
    "de": r"[^aeiou]y|th|ics?|ous|ions?|ates|iz(?:e|es|ed|ers?)|[^aeiou]ies|able|[ae]nce|ment|ism|ical|[pkwa]s?|[ts]or",
    "fr": rf"{_WORDY}|ogical|[ts]ors?|ates|iate|iz(?:e|es|ed|ers?)|[bdhvj]s?|[^aeou]ps?|[^aeu]m",
    "es": rf"{_WORDY}|{_ABSTRACT}|ogical|[acip]tive|tance|ers?|iz(?:e|es|ed|ers?)|[bcfhjmpqtv]s?|[^aeiou]s",
    "pt": rf"{_WORDY}|{_ABSTRACT}|ogical|[acip]tive|tance|ers?|[bcdfhjpqtvy]s?|[lrdns]s",
    "it": r"[^aeiou]|tance",
    "nl": r"[^aeiou]y|ates|ics|ous|[^aeiou]ies|iz(?:e|es|ed|ers?)|ical|able|tion",
    "pl": rf"{_ABSTRACT}|ous|ee|[cs]h|[ai]ble|[ae]nce|[^aeiou]ic|[^aeiouy]e",
    "tr": rf"{_ABSTRACT}|{_WORDY}|[ai]ble|[ae]nce",
    "id": rf"{_ABSTRACT}|[^aeiou]y|ics?|ous|[ai]ble|[ae]nce|[^aeiouk]s",
    "cs": rf"{_ABSTRACT}|ics?|ous|[sc]h|[ai]ble|[ae]nce",
    "sv": r"[^aeiou]ies|ates?|th|ics?|ous|[^aeiou]y|[cs]h|able|[ae]nce",
}
# Letters that a language has not; no syllable of Vietnamese has eight.
_NO_SPANISH = "bb|ck|dd|ff|gg|mm|[prt]h|pp|[sw]h|tt|zz"
_LETTERS = {
    "es": f"{_NO_SPANISH}|ss",
    "pt": _NO_SPANISH,
    "pl": "[qvx]",
    "tr": "[qwx]",
    "vi": r"[fjwz]|\w{8}",
    "cs": "[qwx]",
    "sv": "[qwz]",
}
_SPELT = {
    code: re.compile(rf"\w*(?:{_LETTERS.get(code, '(?!)')})|\w{{2,}}(?<=\w{{4}})(?:{_ENDINGS.get(code, '(?!)')})\Z")
    for code in {*_ENDINGS, *_LETTERS}
}


def is_english(word: str, code: str, *, capital: bool = False) -> bool:
    """True where a word in small letters is one of English and none of the language ``code``, which has Latin letters.

    With ``capital`` it stood there with one, as German writes its nouns.
    """
    if word in _OWN.get(code, ()) or (capital and word in _OWN.get(f"{code}, nouns", ())):
        return False
    if word in VOCABULARY or ENGLISH_ENDING.search(word):
        return True
    return (not capital and _is_spelt_so(word, code)) or _is_plural(word, code)


def _is_spelt_so(word: str, code: str) -> bool:
    """True where no word of the language is spelt like this one."""
    return code in _SPELT and _SPELT[code].match(word) is not None


def _is_plural(word: str, code: str) -> bool:
    """True for a plural in -s where the language has none."""
    return code in _NO_PLURAL_S and len(word) > 4 and word.endswith("s") and not _LATIN_S.search(word)
