"""Each kind of defect that readers meet is refused with its reason, and the same translation without it passes."""

from __future__ import annotations

from collections import Counter

import pytest

from newsletter.languages import language_of
from newsletter.translation.gate.verdict import faults
from newsletter.translation.glossary import load_glossary
from tests.translation.pairs import Defect, defects

DEFECTS = defects()
GLOSSARIES = {code: load_glossary(code) for code in {defect.language for defect in DEFECTS}}


def found(defect: Defect, result: str) -> tuple[str, ...]:
    return faults(defect.source, result, language_of(defect.language), GLOSSARIES[defect.language])


def names(value: object) -> str:
    return f"{value.kind}-{value.language}-{DEFECTS.index(value)}" if isinstance(value, Defect) else ""


def test_each_kind_has_four_defects_and_all_have_twins() -> None:
    counts = Counter(defect.kind for defect in DEFECTS)
    assert counts.total() >= 60
    assert min(counts.values()) >= 4, counts
    assert all(defect.clean and defect.clean != defect.bad for defect in DEFECTS)


@pytest.mark.parametrize("defect", DEFECTS, ids=names)
def test_the_defect_is_refused_with_its_reason(defect: Defect) -> None:
    assert defect.reason in found(defect, defect.bad)


@pytest.mark.parametrize("defect", DEFECTS, ids=names)
def test_its_clean_twin_passes(defect: Defect) -> None:
    assert found(defect, defect.clean) == ()
