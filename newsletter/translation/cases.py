"""Cases that a person tries the gate with: an English text, an engine's answer, and what becomes of it. It asks nobody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from newsletter.errors import InputError
from newsletter.languages import BY_CODE, SOURCE_LANGUAGE, Language
from newsletter.translation.glossary import Glossary, load_glossary
from newsletter.translation.judging import judged_case
from newsletter.values.translations import Field

# A case without a field is one of these by its length: titles of arXiv are shorter.
TITLE_TO = 200


@dataclass(frozen=True, slots=True)
class Case:
    """An engine's answer (``result``) to a text of a paper (``source``)."""

    language: Language
    source: str
    result: str
    field: Field


def read_case(row: object) -> Case:
    """The case that ``row``, as JSON gives it, tells of; what else it holds is passed over.

    Without a ``field`` a text that ends like a sentence or is long counts as an abstract. Raises InputError naming what is wrong.
    """
    if not isinstance(row, Mapping):
        raise InputError(f"{str(row)[:40]!r} is no object: write {{'language', 'source', 'result', 'field'}}")
    code, source, result = (_text(row, key) for key in ("language", "source", "result"))
    if code not in BY_CODE or code == SOURCE_LANGUAGE:
        known = " ".join(one for one in BY_CODE if one != SOURCE_LANGUAGE)
        raise InputError(f"language {code[:40]!r} is none that texts are translated into: give one of {known}")
    if not source.strip():
        raise InputError("source is empty: give the English text")
    field = row.get("field", _usual_field(source))
    if field not in list(Field):
        raise InputError(f"field {str(field)[:40]!r} is unknown: give title, abstract or tldr")
    return Case(BY_CODE[code], " ".join(source.split()), result, Field(field))


def judge(case: Case, glossaries: Path | None = None) -> dict[str, object]:
    """What becomes of it: ``verdict``, the ``text`` as it would be published, and ``reasons``, none where it is.

    ``glossaries`` is an operator's folder. Raises SettingsError for a bad glossary in it.
    """
    found = judged_case(case.source, case.result, case.field, case.language, _glossary(case.language.code, glossaries))
    return {"verdict": "published" if found.passed else "refused", "text": found.text, "reasons": list(found.reasons)}


def _text(row: Mapping[object, object], key: str) -> str:
    value = row.get(key)
    if not isinstance(value, str):
        raise InputError(f"{key} {'is missing' if key not in row else 'is no text'}: give it as a string")
    return value


def _usual_field(source: str) -> Field:
    return Field.TITLE if len(source) <= TITLE_TO and not source.rstrip().endswith(".") else Field.ABSTRACT


@cache
def _glossary(code: str, folder: Path | None) -> Glossary:
    return load_glossary(code, folder)
