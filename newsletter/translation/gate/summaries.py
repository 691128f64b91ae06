"""Decides whether a chat model's one-sentence summary of an abstract may be published. Pure.

A summary leaves things out, so unlike a translation it need not hold all parts; but what it holds must stand in the abstract: no
number, no name, no formula may be new.
"""

from __future__ import annotations

import re

from newsletter.languages import Language
from newsletter.text.sentences import sentences
from newsletter.translation.engines.answers import error_text, has_markup
from newsletter.translation.gate.directions import says_the_contrary
from newsletter.translation.gate.language_check import another_language
from newsletter.translation.gate.measures import script_fits
from newsletter.translation.protection import DEBRIS

SHORTEST, LONGEST = 8, 400
# Words with a digit, an inner capital or capitals alone: what is a name whatever the language.
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_FORMULA = re.compile(r"\$[^$]*\$|\\\(.*?\\\)")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-_.][A-Za-z0-9]+)*", re.ASCII)
_NAMELIKE = re.compile(r"\d|[a-z][A-Z]|[A-Z]{2}")


def summary_faults(source: str, result: str, language: Language) -> tuple[str, ...]:
    """Why ``result`` is no summary of ``source`` in ``language`` that may be published; empty where it is one.

    The reasons are words of the gate: ``empty error markup length numbers names spans contrary debris script``.
    """
    text = result.strip()
    if not text:
        return ("empty",)
    if error_text(source, text):
        return ("error",)
    words = _FORMULA.sub(" ", text)
    checks = {
        "markup": has_markup(source, text),
        "length": not _has_the_size_of_a_summary(text),
        "numbers": bool(set(_NUMBER.findall(words)) - set(_NUMBER.findall(source))),
        "names": _has_new_names(source, words),
        "spans": _has_new_formulas(source, text),
        "contrary": says_the_contrary(source, words, language),
        "debris": DEBRIS.search(text) is not None and not DEBRIS.search(source),
        "script": not script_fits("words", words, language) or another_language(words, language),
    }
    return tuple(reason for reason, found in checks.items() if found)


def _has_the_size_of_a_summary(text: str) -> bool:
    return SHORTEST <= len(text) <= LONGEST and len(sentences(text)) <= 2 and "\n" not in text


def _has_new_formulas(source: str, text: str) -> bool:
    """Also where one is open: what belongs to it cannot be told then."""
    return text.count("$") % 2 == 1 or any(formula not in source for formula in _FORMULA.findall(text))


def _has_new_names(source: str, words: str) -> bool:
    return any(_NAMELIKE.search(name) and not _stands(name, source) for name in _NAME.findall(words))


def _stands(name: str, source: str) -> bool:
    """True where ``source`` has ``name``, as written or without its plural s."""
    return name in source or name.removesuffix("s") in source
