"""Words of a translation that are not of its language: names and abbreviations that nobody wrote, English left over. Pure.

A name is known by the source's own words; so what a text does not hold, no translation of it may name.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator

from newsletter.languages import Language
from newsletter.text.scripts import LATIN
from newsletter.translation.gate.english import COMMON, ENGLISH, ENGLISH_ENDING, JARGON, KEPT, ONLY_ENGLISH, OWN

_LATIN_WRITING = frozenset(["de", "fr", "es", "pt", "it", "nl", "pl", "tr", "vi", "id", "cs", "sv"])
# Where a plural in -s is English.
_NO_PLURAL_S = frozenset(["de", "it", "pl", "tr", "vi", "id", "cs", "sv"])
_TOKEN = re.compile(rf"(?<![{LATIN}0-9])[A-Za-z][A-Za-z0-9]*(?:['’][A-Za-z]+)?(?![{LATIN}0-9])")
_ACRONYM = re.compile(r"[A-Z][A-Z0-9]*s?\Z")
_ROMAN = re.compile(r"[IVXLC]+(?:e|er|º|°)?\Z")
_MARK = "\ue000-\uf8ff"
_SOURCE_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]*")
# Short forms that translators write though the source spells them out, and words of Latin.
_FREE = frozenset(["vs", "al", "etc", "et", "cf", "eg", "ie", "pp", "nr", "doi", "id", "km", "cm", "mm", "nm", "kg", "mg"])
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
LONGEST_UNIT = 4
_FOLLOWS = re.compile(rf"[{_MARK}]\s\Z")
# What hangs on a name or another word.
_HANGS_BEFORE = re.compile(rf"(?:[{_MARK}A-Za-z][-‐–/])\Z")
_HANGS_AFTER = re.compile(rf"[-‐–/][{_MARK}{LATIN}]")
_GLUED = re.compile(rf"[A-Za-z][{_MARK}]|[{_MARK}][A-Za-z]")


def invented_names(source: str, result: str, language: Language) -> bool:
    """True where ``result`` names what ``source`` does not; ``result`` is without the protected parts, ``source`` whole."""
    words = _SOURCE_WORD.findall(source)
    # A word is known by its beginning too: "tokenization" for "tokenizer".
    known = _forms(words)
    initials = "".join(word[0] for word in words).upper()
    strange = [token for token in _TOKEN.findall(result) if not _is_known(token, known)]
    letters = _letters(strange)
    if not source.isupper() and not all(_stands_for(token.rstrip("s"), initials, source) for token in letters):
        return True
    return language.code not in _LATIN_WRITING and not _are_explained(strange, words) and _have_a_word(strange, letters)


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
    folded = re.sub(r"['’].*", "", token.casefold())
    if folded in known or folded in _FREE or folded.removesuffix("s") in known or folded + "s" in known:
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


def left_in_english(source: str, result: str, language: Language) -> bool:
    """True where plain words of ``source`` stand in ``result`` untranslated; both with marks for their protected parts.

    What hangs on a name by a hyphen, what explains a word in brackets, and the jargon of the field may stay.
    """
    # What a title begins with may be quoted as it is: "Rate limit exceeded: how …".
    begins, colon, _ = source.partition(":")
    if colon and result.startswith(begins):
        result = result[len(begins) :]
    lower, capital = _plain_words(source)
    if language.code in _LATIN_WRITING:
        return any(_is_english(token, language.code) for token in lower.intersection(_bare(result, JARGON)))
    plain = lower | {form for word in capital if _is_plain(word) for form in (word, word.capitalize(), word.upper())}
    return not plain.isdisjoint(_bare(result, KEPT))


def _plain_words(source: str) -> tuple[set[str], set[str]]:
    """The words in small letters, and those of a title with a capital, which shows a name within a sentence only; small ones."""
    lower = set(re.findall(r"(?<![A-Za-z])[a-z]{2,}(?![A-Za-z])", source))
    if re.search(r"[.!?]\W*\Z", source):
        return lower, set()
    return lower, {word.lower() for word in re.findall(r"(?<![A-Za-z])[A-Z][a-z]+(?![A-Za-z])", source)}


def _bare(result: str, kept: Container[str]) -> Iterator[str]:
    """The Latin words outside of brackets that hang on no other word, are no unit behind a number, and are not ``kept``."""
    text = re.sub(r"[(（\[【][^()（）\[\]【】]{0,80}[)）\]】]", " ", result)
    for match in _TOKEN.finditer(text):
        before, after, folded = text[: match.start()][-2:], text[match.end() :][:2], match.group().lower()
        hangs = _HANGS_BEFORE.search(before) or _HANGS_AFTER.match(after)
        unit = _FOLLOWS.search(before) and len(folded) <= LONGEST_UNIT and folded not in ENGLISH
        if not (hangs or unit or folded in kept or folded in _FREE):
            yield match.group()


def _is_plain(word: str) -> bool:
    return word in COMMON or word in ENGLISH or bool(ENGLISH_ENDING.search(word))


def _is_english(word: str, code: str) -> bool:
    if word in OWN.get(code, ()):
        return False
    if word in ENGLISH or word in ONLY_ENGLISH or ENGLISH_ENDING.search(word):
        return True
    return code in _NO_PLURAL_S and len(word) > 4 and word.endswith("s") and not word.endswith(("ss", "us", "is", "as", "os"))


def glued_letters(source: str, result: str) -> bool:
    """True where a letter touches a protected part in ``result`` more often than in ``source``; both with marks."""
    return len(_GLUED.findall(result)) > len(_GLUED.findall(source))
