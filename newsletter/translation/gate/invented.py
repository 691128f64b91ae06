"""Names and abbreviations of a translation that its text does not hold. Pure.

A name is known by the source's own words; so what a text does not hold, no translation of it may name.
"""

from __future__ import annotations

import re

from newsletter.languages import Language
from newsletter.translation.gate.capitals import more_names
from newsletter.translation.gate.known_names import names_well_known
from newsletter.translation.gate.left_over import FREE, LATIN_WRITING, SOURCE_WORD, TOKEN

_ACRONYM = re.compile(r"[A-Z][A-Z0-9]*s?\Z")
_ROMAN = re.compile(r"[IVXLC]+(?:e|er|º|°)?\Z")
# What many languages call by letters, by a beginning of the English words.
_LOCAL_WORDS = {
    "artificial": ("KI", "IA", "AI"),
    "information": ("TI", "IT"),
    "dna": ("ADN", "DNS"),
    "genom": ("DNA",),
    "rna": ("ARN",),
    "europ": ("UE", "EU"),
    "nations": ("ONU", "UN"),
    "states": ("USA", "US", "EE", "UU"),
    "kingdom": ("UK",),
    "virtual": ("VR",),
    "augmented": ("AR",),
    "ultraviolet": ("UV",),
    "infrared": ("IR",),
    "processor": ("CPU",),
    "graphic": ("GPU",),
    "computer": ("PC",),
    "television": ("TV",),
    "unmanned": ("UAV",),
    "magnetic reson": ("MRI", "IRM", "RM", "MRT"),
    "tomograph": ("CT", "TC"),
    "electroenceph": ("EEG",),
    "electrocard": ("ECG", "EKG"),
    "interface": ("API", "UI"),
    "differential": ("PDE", "ODE"),
}
_LOCAL = {acronym: word for word, acronyms in _LOCAL_WORDS.items() for acronym in acronyms}


def invented_names(source: str, before: str, result: str, language: Language) -> bool:
    """True where ``result`` names what ``source`` does not.

    ``result`` is without the protected parts, and so is ``before``, of the whole ``source``.
    """
    return (
        names_well_known(source, result, language)
        or more_names(source, before, result, language)
        or _has_more_in_latin_letters(source, result, language)
    )


def _has_more_in_latin_letters(source: str, result: str, language: Language) -> bool:
    """True where ``result`` has an abbreviation, or in another script a word, that ``source`` has not and does not stand for."""
    words = SOURCE_WORD.findall(source)
    # A word is known by its beginning too: "tokenization" for "tokenizer".
    known = _forms(words)
    initials = "".join(word[0] for word in words).upper()
    strange = [token for token in TOKEN.findall(result) if not _is_known(token, known)]
    letters = _letters(strange)
    if not source.isupper() and not all(_stands_for(token.rstrip("s"), initials, source) for token in letters):
        return True
    return language.code not in LATIN_WRITING and not _are_explained(strange, words) and _have_a_word(strange, letters)


def _letters(tokens: list[str]) -> list[str]:
    return [token for token in tokens if _ACRONYM.match(token) and len(token.rstrip("s")) >= 2]


def _forms(words: list[str]) -> set[str]:
    return {part for word in words for part in (word.casefold(), word.casefold()[:4])}


def _are_explained(strange: list[str], words: list[str]) -> bool:
    """True where the words spell out what an abbreviation of the source stands for: "Large Language Models" for LLM."""
    spelt = "".join(token[0] for token in strange).upper()
    acronyms = {word.upper().rstrip("S") for word in words if _ACRONYM.match(word)}
    return any(len(one) > 1 and one in spelt for one in acronyms)


def _have_a_word(strange: list[str], letters: list[str]) -> bool:
    return any(len(token) > 1 and token not in letters for token in strange)


def _is_known(token: str, known: set[str]) -> bool:
    """True where the source has the word, in another form maybe."""
    folded = token.casefold().partition("'")[0].partition("’")[0]
    if folded in known or folded in FREE or folded.removesuffix("s") in known or folded + "s" in known:
        return True
    return len(folded) >= 4 and not token.isupper() and folded[:4] in known


def _stands_for(acronym: str, initials: str, source: str) -> bool:
    """True for the first letters of words in a row, for what many languages call by letters, and for a numeral."""
    if acronym in initials or acronym[::-1] in initials:
        return True
    meaning = _LOCAL.get(acronym)
    if meaning and meaning in source.casefold():
        return True
    return bool(_ROMAN.match(acronym)) and bool(
        re.search(r"centur|second|third|fourth|first|two|three|type|phase|part|\d", source, re.I)
    )
