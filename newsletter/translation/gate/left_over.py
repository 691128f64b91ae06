"""Words of a translation that are not of its language: English left over, letters that touch a formula. Pure."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator

from newsletter.languages import Language
from newsletter.text.scripts import CYRILLIC, LATIN
from newsletter.translation.gate.english import COMMON, DOERS, ENGLISH, ENGLISH_ENDING, JARGON, KEPT, SMALL_JARGON, is_english
from newsletter.translation.gate.surroundings import stands_alone
from newsletter.translation.glossary import EMPTY, Glossary

LATIN_WRITING = frozenset(["de", "fr", "es", "pt", "it", "nl", "pl", "tr", "vi", "id", "cs", "sv"])
TOKEN = re.compile(rf"(?<![{LATIN}0-9])[A-Za-z][A-Za-z0-9]*(?:['’][A-Za-z]+)?(?![{LATIN}0-9])")
_MARK = "\ue000-\uf8ff"
SOURCE_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]*")
# Short forms that translators write though the source spells them out, and words of Latin.
FREE = frozenset(["vs", "al", "etc", "et", "cf", "eg", "ie", "pp", "nr", "doi", "id", "km", "cm", "mm", "nm", "kg", "mg"])
LONGEST_UNIT = 4
# Words behind a name or a number that are no unit of it: "RAG via".
_NO_UNITS = ENGLISH | (COMMON - {"bit", "bits", "per"})
_FOLLOWS = re.compile(rf"[{_MARK}]\s\Z")
# What hangs on a name or another word.
_HANGS_BEFORE = re.compile(rf"(?:[{_MARK}A-Za-z][-‐–/])\Z")
_HANGS_AFTER = re.compile(rf"[-‐–/][{_MARK}{LATIN}]")
# Loans that many languages keep whole, of words that they translate alone.
_LOANS = re.compile(
    r"(?<![\w-])(?:(?:machine|deep|reinforcement|transfer|federated|few-shot|zero-shot|in-context|active|representation) learning"
    r"|(?:big|open) data|open[ -]source|computer vision|natural language processing|question answering|data mining"
    r"|prompt engineering|ground truth|cloud computing|edge computing|data science)(?![\w-])",
    re.I,
)
# What "we" do in an abstract, and all other words of it.
_OURS, _OTHERS = re.compile(r"\b[Ww]e (?:also |further |then |first )?([a-z]{4,})\b"), re.compile(r"[a-z]{4,}")
# "for" is a form of "ser" in Portuguese, behind these words.
_PT_FOR = re.compile(r"\b(se|quando|que|quem|como|onde|enquanto|não|caso|conforme) for\b", re.I)
_BRACKETS = re.compile(r"[(（\[【]([^()（）\[\]【】]{0,80})[)）\]】]")
LARGE_NOUNS = frozenset(["de"])
# Without the signs for times and division.
_GLUED = re.compile(rf"[A-Za-zÀ-ÖØ-öø-ɏ{CYRILLIC}][{_MARK}]|[{_MARK}][A-Za-zÀ-ÖØ-öø-ɏ{CYRILLIC}]")


def left_in_english(source: str, told: str, result: str, language: Language, glossary: Glossary = EMPTY) -> bool:
    """True where plain words of ``source`` stand in ``result`` untranslated.

    ``told`` is ``source`` with marks for its protected parts ("com" of a link is no word of it), and so is ``result``. What hangs
    on a name by a hyphen, what explains a word in brackets, the jargon of the field and what ``glossary`` advises may stay.
    """
    result = _behind_quotation(told, result)
    lower, capital = _plain_words(told)
    if language.code in LATIN_WRITING:
        advised = _advised(source, glossary)
        text = _without_explained(source, _without_own_uses(result, language))
        left = {match.group() for match in _bare(text, _kept_in(language))} - advised
        return (
            _are_english(left, lower, capital, language)
            or _has_anothers_verb(told, result, left, language)
            or _has_one_alone(text, lower - advised, language)
        )
    left = {match.group() for match in _bare(_without_explained(source, result), KEPT)}
    large = {form for word in capital if _is_plain(word) for form in (word, word.capitalize(), word.upper())}
    return not left.isdisjoint(lower | large)


def _behind_quotation(told: str, result: str) -> str:
    """``result`` without what a title begins with and may be quoted as it is: "Rate limit exceeded: how …"."""
    begins, colon, _ = told.partition(":")
    return result[len(begins) :] if colon and result.startswith(begins) else result


def _advised(source: str, glossary: Glossary) -> set[str]:
    """The words of what the glossary advises for terms of ``source``."""
    return {word for term in glossary.terms_in(source) for word in SOURCE_WORD.findall(term.rendering)}


def _has_one_alone(text: str, words: set[str], language: Language) -> bool:
    """True where one of ``words``, jargon too, has no small word of the language near."""
    return stands_alone(text, (match.start() for match in _bare(text, ()) if match.group() in words), language.code)


def _kept_in(language: Language) -> frozenset[str]:
    """The jargon that a language in Latin letters keeps, as it writes it."""
    if language.code in LARGE_NOUNS:
        return SMALL_JARGON | {word.capitalize() for word in JARGON}
    return JARGON


def _are_english(left: set[str], lower: set[str], capital: set[str], language: Language) -> bool:
    """True where one of the words ``left`` is a word of the source and none of the language; jargon in it is written wrongly."""
    if any(word in JARGON or is_english(word, language.code) for word in lower & left):
        return True
    large = {word.lower() for word in left if word.istitle()} & capital & COMMON
    return any(is_english(word, language.code, capital=True) for word in large)


def _has_anothers_verb(told: str, result: str, left: set[str], language: Language) -> bool:
    """True where a verb of "we" alone in ``told`` stands in ``result`` as it was, and nobody who could do it before it."""
    doers = DOERS.get(language.code)
    verbs = left & set(_OURS.findall(told)) - set(_OTHERS.findall(_OURS.sub(" ", told))) if doers else set()
    return any(
        match.group(1).lower() not in (doers or ())
        for verb in verbs
        for match in re.finditer(rf"([^\W\d_]+)[ ,]+{verb}(?![{LATIN}])", result)
    )


def _without_own_uses(result: str, language: Language) -> str:
    """``result`` without words that are English by themselves: loans of two words, and verbs that show by the word before."""
    text = _LOANS.sub(" ", result)
    return _PT_FOR.sub(r"\1", text) if language.code == "pt" else text


def _plain_words(source: str) -> tuple[set[str], set[str]]:
    """The words in small letters, and those of a title with a capital, which shows a name within a sentence only; small ones."""
    lower = set(re.findall(r"(?<![A-Za-z])[a-z]{2,}(?![A-Za-z])", source))
    if re.search(r"[.!?]\W*\Z", source):
        return lower, set()
    return lower, {word.lower() for word in re.findall(r"(?<![A-Za-z])[A-Z][a-z]+(?![A-Za-z])", source)}


def _without_explained(source: str, result: str) -> str:
    """``result`` without what explains a word in brackets."""
    return _BRACKETS.sub(lambda match: " " if _explains(match.group(1), source) else match.group(), result)


def _bare(text: str, kept: Container[str]) -> Iterator[re.Match[str]]:
    """The Latin words of ``text`` that are not ``kept``, hang on no other word and are no unit."""
    for match in TOKEN.finditer(text):
        before, folded = text[: match.start()][-2:], match.group().lower()
        unit = _FOLLOWS.search(before) and len(folded) <= LONGEST_UNIT and folded not in _NO_UNITS
        if not (unit or match.group() in kept or folded in kept or folded in FREE or _hangs(text, match, kept)):
            yield match


def _hangs(text: str, word: re.Match[str], kept: Container[str]) -> bool:
    before, after = text[: word.start()][-2:], text[word.end() :][:2]
    joined = _HANGS_BEFORE.search(before) or _HANGS_AFTER.match(after)
    return bool(joined) and not _is_compound(text, word, kept)


def _is_compound(text: str, word: re.Match[str], kept: Container[str]) -> bool:
    """True for an English word of a compound of plain words: "Text-Based", "real-world"; a loan as a whole is none."""
    if word.group().lower() not in ENGLISH:
        return False
    start, end = word.span()
    while start and (text[start - 1].isalpha() or text[start - 1] == "-"):
        start -= 1
    while end < len(text) and (text[end].isalpha() or text[end] == "-"):
        end += 1
    compound = text[start:end].strip("-").lower()
    return compound.isascii() and re.fullmatch(r"[a-z]+(?:-[a-z]+)+", compound) is not None and compound not in kept


def _explains(words: str, source: str) -> bool:
    """True where the words in brackets are the source's own, which has none around them: 大语言模型 (large language model)."""
    told = source.casefold()
    pieces = [piece.strip().casefold().removesuffix("s") for piece in re.split("[,，、;；:：]", words)]
    return all(piece in told and f"({piece}" not in told for piece in pieces)


def _is_plain(word: str) -> bool:
    return word in COMMON or word in ENGLISH or bool(ENGLISH_ENDING.search(word))


def glued_letters(source: str, result: str) -> bool:
    """True where a letter touches a protected part in ``result`` more often than in ``source``; both with marks."""
    return len(_GLUED.findall(result)) > len(_GLUED.findall(source))
