"""Decides whether a translation may be published: pure, knows no engine, gives reasons instead of raising.

What is refused is shown in the original, so a wrong refusal costs a reader more words in English, and a wrong acceptance
costs their trust.
"""

from __future__ import annotations

import re
from collections import Counter

from newsletter.languages import Language
from newsletter.translation.answers import error_text, has_markup, same_text
from newsletter.translation.glossary import EMPTY, Glossary
from newsletter.translation.measures import length_fits, mostly_source_words, script_fits
from newsletter.translation.protection import DEBRIS
from newsletter.translation.spans import is_acronym, marked

_DIGITS = re.compile(r"\d+(?:\.\d+)?")  # a comma may be one between numbers
_WIDE = re.compile(r"[｛｝＄＼]")
_ENTITY = re.compile(r"&(?:#\d+|#x[0-9a-f]+|amp|lt|gt|quot|apos|nbsp);", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?。！？؟।]")
# Shorter sentences may well stand in a text twice.
SENTENCE_FROM = 16
_SPLIT_DECIMAL = re.compile(r"\d\s+[.．。]\s*\d|\d[．。]\s*\d")
_WORDS_FOR = {
    word: number
    for number, words in {
        "0": "zero",
        "1": "one single first once",
        "2": "two second twice double both pair half",
        "3": "three third triple",
        "4": "four fourth quarter",
        "5": "five fifth",
        "6": "six sixth",
        "7": "seven seventh",
        "8": "eight eighth",
        "9": "nine ninth",
        "10": "ten tenth",
        "11": "eleven",
        "12": "twelve dozen",
        "20": "twenty",
        "100": "hundred hundreds",
        "1000": "thousand thousands",
    }.items()
    for word in words.split()
}


def faults(source: str, result: str, language: Language, glossary: Glossary = EMPTY) -> tuple[str, ...]:
    """Why ``result`` is no translation of ``source`` into ``language`` that may be published; empty where it is one.

    The reasons are fixed words, good for counting: ``empty source error markup spans numbers debris wide decimal repeated
    banned script length``.
    """
    if not result.strip():
        return ("empty",)
    if error_text(source, result):
        return ("error",)
    kept = [source[start:end] for start, end, term in marked(source, glossary) if term is None]
    rest, source_rest = _without(result, kept), _without(source, kept)
    checks = {
        "source": same_text(source, result) or mostly_source_words(source_rest, rest),
        "markup": has_markup(source, result) or len(_ENTITY.findall(result)) > len(_ENTITY.findall(source)),
        "spans": not _spans_kept(source, result, kept),
        "numbers": not _numbers_kept(source, result),
        "debris": _broken_characters(result) > _broken_characters(source)
        or len(DEBRIS.findall(rest)) > len(DEBRIS.findall(source_rest))
        or _loose_tex(rest) > _loose_tex(source_rest),
        "wide": len(_WIDE.findall(result)) > len(_WIDE.findall(source)),
        "decimal": len(_SPLIT_DECIMAL.findall(result)) > len(_SPLIT_DECIMAL.findall(source)),
        "repeated": _repeats(result) > _repeats(source),
        "banned": bool(glossary.banned_in(source, result)),
        "script": not script_fits(source_rest, rest, language),
        "length": not length_fits(source_rest, rest, language),
    }
    return tuple(reason for reason, found in checks.items() if found)


def _without(text: str, kept: list[str]) -> str:
    """What is left of ``text`` when the protected parts are taken out, the longest first."""
    for span in sorted(set(kept), key=len, reverse=True):
        text = text.replace(span, " ")
    return text


def _spans_kept(source: str, result: str, kept: list[str]) -> bool:
    """True where each part stands in ``result`` as often as in ``source``; acronyms may stand there more often."""
    return all(
        result.count(span) == source.count(span) or (is_acronym(span) and result.count(span) > source.count(span))
        for span in set(kept)
    )


def _numbers_kept(source: str, result: str) -> bool:
    """True where the numbers are the same; ``result`` may write in digits what ``source`` has in words."""
    before, after = Counter(_DIGITS.findall(source)), Counter(_DIGITS.findall(result))
    if before - after:
        return False
    words = Counter(_WORDS_FOR[word] for word in re.findall(r"[a-z]+", source.lower()) if word in _WORDS_FOR)
    return not (after - before) - words


def _loose_tex(text: str) -> int:
    return text.count("$") + text.count("\\") + text.count("{{") + text.count("}}")


def _broken_characters(text: str) -> int:
    return text.count("\ufffd")


def _repeats(text: str) -> int:
    """How many sentences stand in ``text`` more than once."""
    counted = Counter(sentence for part in _SENTENCE_END.split(text) if len(sentence := part.strip()) >= SENTENCE_FROM)
    return sum(1 for count in counted.values() if count > 1)
