"""One engine's answer on its way to being published: cleaned, its parts put back, judged. Pure; knows no engine.

Everything that may become a published translation passes here: texts whole and in pieces, and cases that a person tries by hand.
"""

from __future__ import annotations

from dataclasses import dataclass

from newsletter.languages import Language
from newsletter.text.sentences import sentences
from newsletter.translation.cleaning.answer import cleaned
from newsletter.translation.cleaning.quotes import without_added_stop
from newsletter.translation.gate.summaries import summary_faults
from newsletter.translation.gate.verdict import faults
from newsletter.translation.glossary import EMPTY, Glossary
from newsletter.translation.number_styles import in_readers_style
from newsletter.translation.protection import PlaceholdersLost, Protected, form_of, protect, restore, restore_some
from newsletter.values.translations import Field

PLACEHOLDERS = "placeholders"


@dataclass(frozen=True, slots=True)
class Judged:
    """``text`` as it would be published, and why it may not be: words of the gate, or ``placeholders``; none where it may."""

    text: str
    reasons: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        return not self.reasons


def judged(
    source: str,
    answer: str,
    language: Language,
    glossary: Glossary = EMPTY,
    *,
    guarded: Protected | None = None,
    local_numbers: bool = True,
) -> Judged:
    """``answer`` as a translation of ``source``; ``guarded`` is what the engine was given in its place, if not ``source``."""
    text = cleaned(guarded.text if guarded else source, answer, language)
    try:
        text = restore(text, guarded) if guarded else text
    except PlaceholdersLost:
        return Judged(text, (PLACEHOLDERS,))
    reasons = faults(source, text, language, glossary)
    if reasons:
        return Judged(text, reasons)
    text = without_added_stop(source, text)
    return Judged(in_readers_style(source, text, language) if local_numbers else text)


def judged_summary(abstract: str, answer: str, language: Language, *, guarded: Protected | None = None) -> Judged:
    """``answer`` as a chat model's own summary of ``abstract``, of which ``guarded`` is what it was given."""
    text = cleaned(guarded.text if guarded else abstract, answer, language)
    try:
        text = restore_some(text, guarded) if guarded else text
    except PlaceholdersLost:
        return Judged(text, (PLACEHOLDERS,))
    return Judged(text, summary_faults(abstract, text, language))


def judged_case(source: str, answer: str, field: Field, language: Language, glossary: Glossary = EMPTY) -> Judged:
    """``answer`` as any engine's for a field of a paper; it may hold placeholders of any form, or the parts themselves.

    A ``tldr`` of one sentence is that sentence translated, of a whole abstract a chat model's summary.
    """
    form = form_of(answer, source)
    guarded = protect(source, form, glossary) if form else None
    if field is Field.TLDR and len(sentences(source)) > 1:
        return judged_summary(source, answer, language, guarded=guarded)
    return judged(source, answer, language, glossary, guarded=guarded)
