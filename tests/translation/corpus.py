"""Many abstracts through protection, fake engines and gate, judged by the oracle; for the tests and for `bench/gating.py`."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from newsletter.errors import NewsletterError
from newsletter.languages import Language, language_of
from newsletter.text.tex import clean
from newsletter.translation.chunks import join, pieces
from newsletter.translation.engines.registry import Engine
from newsletter.translation.gate.verdict import faults
from newsletter.translation.glossary import Glossary, load_glossary
from newsletter.translation.protected_spans import spans
from newsletter.translation.protection import Form, PlaceholdersLost, Protected, protect, restore
from tests.translation.engines.fake_engines import ANSWERS
from tests.translation.oracle import parts, violations

LANGUAGES = ("zh-CN", "zh-TW", "ja", "de", "ar")
TEX_DAY = "2025-06-18"
# A text and a language -> a translation, or an error of the family that adapters raise.
Ask = Callable[[str, Language], str]


def protected(text: str) -> list[str]:
    """The protected parts of ``text`` in order, each as often as it stands there."""
    return [text[start:end] for start, end in spans(text)]


@dataclass
class Outcome:
    """What became of the texts that one fake translated."""

    texts: int = 0
    first: int = 0
    published: int = 0
    parts: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def own_abstracts() -> list[str]:
    """Thirty short abstracts, dense in TeX, written for the tests."""
    return (Path(__file__).with_name("abstracts.txt")).read_text(encoding="utf-8").splitlines()


def recorded(folder: Path, *, others: int) -> list[str]:
    """All abstracts of the day dense in TeX, and ``others`` of the remaining days, evenly spread."""
    days = sorted((folder / "arxiv").glob("*.jsonl.gz"))
    dense = [text for day in days if day.name.startswith(TEX_DAY) for text in _abstracts(day)]
    rest = [text for day in days if not day.name.startswith(TEX_DAY) for text in _abstracts(day)]
    return dense + rest[:: max(1, len(rest) // others)][:others] if others else dense


def _abstracts(path: Path) -> Iterator[str]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            # As it is stored: with the accents of TeX read.
            yield clean(json.loads(line)["summary"])


def glossaries() -> dict[str, Glossary]:
    return {code: load_glossary(code) for code in LANGUAGES}


def in_process(behaviour: str) -> Ask:
    """A fake without a server and without an adapter, so that the gate stands alone."""
    return lambda text, language: ANSWERS[behaviour](text, language.google) or ""


def over_http(engine: Engine) -> Ask:
    """A real adapter: cut to its limit, asked over HTTP."""

    def ask(text: str, language: Language) -> str:
        return join([engine.translate(piece, language) for piece in pieces(text, engine.limit)], spaceless=language.spaceless)

    return ask


def judged(
    texts: Iterable[str],
    ask: Ask,
    glossary: Mapping[str, Glossary],
    *,
    languages: Iterable[str] = LANGUAGES,
    forms: Iterable[Form | None] = tuple(Form),
) -> Outcome:
    """Each text into each language, in every form of placeholders until one is accepted; the form None protects nothing."""
    outcome = Outcome()
    for text in texts:
        for code in languages:
            outcome.texts += 1
            for number, form in enumerate(forms):
                result, reasons = _attempt(text, ask, form, language_of(code), glossary[code])
                outcome.reasons.update(reasons)
                if result is not None:
                    outcome.first += number == 0
                    outcome.published += 1
                    outcome.parts += len(parts(text))
                    outcome.wrong += [f"{code}: {wrong}: {text[:60]}" for wrong in violations(text, result)]
                    break
    return outcome


# What each of the fakes is given is the same, and takes longer to make than to translate.
_guarded: dict[tuple[str, Form, str], Protected] = {}


def _protected(text: str, form: Form, code: str, glossary: Glossary) -> Protected:
    """``text`` protected, once for each form and language; a language has one glossary."""
    key = (text, form, code)
    if key not in _guarded:
        _guarded[key] = protect(text, form, glossary)
    return _guarded[key]


def _attempt(
    text: str, ask: Ask, form: Form | None, language: Language, glossary: Glossary
) -> tuple[str | None, tuple[str, ...]]:
    """(what may be published or None, why not)."""
    try:
        if form is None:
            result = ask(text, language)
        else:
            guarded = _protected(text, form, language.code, glossary)
            result = restore(ask(guarded.text, language), guarded)
    except PlaceholdersLost:
        return None, ("placeholders",)
    except NewsletterError as error:
        return None, (type(error).__name__,)
    found = faults(text, result, language, glossary)
    return (None, found) if found else (result, ())
