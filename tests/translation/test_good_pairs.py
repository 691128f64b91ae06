"""Good translations, written for the purpose, pass the gate with the glossary of their language."""

from __future__ import annotations

from collections import Counter

import pytest

from newsletter.languages import language_of
from newsletter.translation.gate.alignment import compared
from newsletter.translation.gate.verdict import faults
from newsletter.translation.glossary import load_glossary
from tests.translation.pairs import Pair, good_pairs

PAIRS = good_pairs()
LANGUAGES = ("zh-CN", "zh-TW", "ja", "de", "ar")
LEAST_PASSING = 0.98
GLOSSARIES = {language: load_glossary(language) for language in LANGUAGES}


def found(pair: Pair) -> tuple[str, ...]:
    return faults(pair.source, pair.result, language_of(pair.language), GLOSSARIES[pair.language])


def test_there_are_two_hundred_pairs_and_forty_a_language() -> None:
    counts = Counter(pair.language for pair in PAIRS)
    assert len(set(PAIRS)) == len(PAIRS) >= 200
    assert set(counts) == set(LANGUAGES)
    assert min(counts.values()) >= 40


@pytest.mark.parametrize("language", LANGUAGES)
def test_good_translations_pass(language: str) -> None:
    ours = [pair for pair in PAIRS if pair.language == language]
    refused = {pair.source: reasons for pair in ours if (reasons := found(pair))}
    assert len(refused) <= (1 - LEAST_PASSING) * len(ours), refused


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_good_translation_of_another_text_is_refused(language: str) -> None:
    """Texts without a formula, number or name may pass for each other: there is nothing to tell them apart."""
    ours = [pair for pair in PAIRS if pair.language == language]
    exchanged = [
        Pair(language, pair.source, other.result)
        for pair, other in zip(ours, ours[1:] + ours[:1], strict=True)
        if compared(pair.source, other.result, GLOSSARIES[language]).parts
    ]
    assert len(exchanged) >= 30
    assert [pair for pair in exchanged if not found(pair)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_good_translation_into_another_language_is_refused(language: str) -> None:
    for pair in PAIRS:
        if {pair.language, language} == {"zh-CN", "zh-TW"} or pair.language == language or len(pair.source) < 80:
            continue
        asked_for = Pair(language, pair.source, pair.result)
        assert found(asked_for), asked_for
