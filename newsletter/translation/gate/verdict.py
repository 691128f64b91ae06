"""Decides whether a translation may be published: pure, knows no engine, gives reasons instead of raising.

What is refused is shown in the original, so a wrong refusal costs a reader more words in English, and a wrong acceptance
costs their trust.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

from newsletter.languages import Language
from newsletter.text.scripts import DENSE
from newsletter.translation.engines.answers import error_text, has_markup, same_text
from newsletter.translation.gate.added_words import added_words
from newsletter.translation.gate.alignment import compared
from newsletter.translation.gate.artifacts import copied, debris, entities, split_decimal, strange_names, wide
from newsletter.translation.gate.invented import invented_names
from newsletter.translation.gate.language_check import another_language
from newsletter.translation.gate.left_over import glued_letters, left_in_english
from newsletter.translation.gate.measures import complete, length_fits, mostly_source_words, script_fits, usual_ratio
from newsletter.translation.gate.numbers import added, is_number
from newsletter.translation.gate.proportions import lost_or_added, says_twice
from newsletter.translation.gate.references import refers_elsewhere
from newsletter.translation.gate.titles import answers_another
from newsletter.translation.gate.writing import WRITINGS, other_writing
from newsletter.translation.glossary import EMPTY, Glossary

_SENTENCE_END = re.compile(r"[.!?。！？؟।]")
_DENSE = re.compile(f"[{DENSE}]")
# Shorter sentences may well stand in a text twice; a Han, Kana or Hangul letter counts as two.
SENTENCE_FROM = 16
_LOOP = re.compile(r"(\w{2,20}?[\s,，、]?)\1{4}")


def faults(source: str, result: str, language: Language, glossary: Glossary = EMPTY) -> tuple[str, ...]:
    """Why ``result`` is no translation of ``source`` into ``language`` that may be published; empty where it is one.

    The reasons are fixed words, good for counting: ``empty error source copied english markup spans moved glued numbers names
    added debris wide decimal repeated banned script writing length lost another cut``.
    """
    if not result.strip():
        return ("empty",)
    if error_text(source, result):
        return ("error",)
    usual = usual_ratio(language)
    both = compared(source, result, glossary, language)
    before, after = both.source_words, both.result_words
    lost = both.not_kept()
    checks: dict[str, Callable[[], bool]] = {
        "source": lambda: any((same_text(source, result), mostly_source_words(before, after))),
        "copied": lambda: copied(both.source, both.result),
        "markup": lambda: any((has_markup(source, result), entities(source, result))),
        "spans": lambda: bool(lost),
        "moved": lambda: not lost and not both.parts_in_place(),
        "numbers": lambda: bool(added(before, after)) or any(map(is_number, lost)),
        "glued": lambda: glued_letters(both.source, both.result),
        "names": lambda: any((strange_names(before, after, source), invented_names(source, before, after, language))),
        "english": lambda: left_in_english(source, both.source, both.result, language, glossary),
        "added": lambda: any((added_words(before, after, language), refers_elsewhere(source, result, language))),
        "debris": lambda: debris(before, after),
        "wide": lambda: wide(source, result),
        "decimal": lambda: split_decimal(before, after),
        "repeated": lambda: any((_repeats_itself_more(both.result, both.source), says_twice(both.source, both.result))),
        "banned": lambda: bool(glossary.banned_in(source, result)),
        "script": lambda: not script_fits(before, after, language) or another_language(after, language),
        "writing": lambda: language.code in WRITINGS and other_writing(after, language.code),
        "length": lambda: not length_fits(before, after, language, usual),
        "lost": lambda: lost_or_added(both.source, both.result, usual),
        "another": lambda: answers_another(both.source, both.result, usual),
        "cut": lambda: not complete(both.source, both.result, language),
    }
    return tuple(reason for reason, found in checks.items() if found())


def _repeats_itself_more(result: str, source: str) -> bool:
    # Most results repeat nothing, and then the source need not be asked.
    return any((count := counted(result)) and count > counted(source) for counted in (_repeats, _loops))


def _repeats(text: str) -> int:
    """How many sentences stand in ``text`` more than once."""
    counted = Counter(sentence for part in _SENTENCE_END.split(text) if _weight(sentence := part.strip()) >= SENTENCE_FROM)
    return sum(1 for count in counted.values() if count > 1)


def _weight(sentence: str) -> int:
    return len(sentence) + len(_DENSE.findall(sentence))


def _loops(text: str) -> int:
    """How often ``text`` says the same five times in a row, as a model does that has lost its way."""
    return len(_LOOP.findall(text))
