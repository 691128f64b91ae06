"""The bundled sample day: made-up papers for a first look where arXiv cannot be reached.

It reads ``sample_day.yaml`` and stores nothing. Samples carry ids that can be no arXiv id and the source "sample".
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from newsletter.errors import SettingsError
from newsletter.languages import BY_CODE
from newsletter.papers.calendar import deadline_of
from newsletter.text.identifiers import canonical_category
from newsletter.text.tex import clean
from newsletter.values.papers import LinkKind, Paper, PaperLink
from newsletter.values.translations import Field

SAMPLE_DAY = Path(__file__).with_name("sample_day.yaml")
_REF = re.compile(r"sample-\d{2,4}")
# As safe as the usual one and eight times as fast, where the package has its part in C.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class SamplePaper:
    """A made-up paper with its own translations: (language code, field, text)."""

    paper: Paper
    translations: tuple[tuple[str, Field, str], ...]


def sample_day(on: dt.date, *, path: Path = SAMPLE_DAY) -> tuple[SamplePaper, ...]:
    """The sample papers as if announced on the day ``on``, submitted in the minutes before that day's deadline, in file order.

    Raises: SettingsError naming the file, the entry and what is wrong with it.
    """
    entries = _entries(path)
    last = deadline_of(on)
    found: dict[str, SamplePaper] = {}
    for place, entry in enumerate(entries):
        submitted = last - dt.timedelta(minutes=len(entries) - place)
        try:
            sample = _sample(entry, on, submitted)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise SettingsError(f"{path.name}, entry {place + 1}: {error!s} is missing or wrong: mend the file") from error
        if sample.paper.ref in found:
            raise SettingsError(f"{path.name}, entry {place + 1}: {sample.paper.ref} stands there twice: give it another number")
        found[sample.paper.ref] = sample
    return tuple(found.values())


def _entries(path: Path) -> list[Any]:
    try:
        entries = yaml.load(path.read_text(encoding="utf-8"), Loader=LOADER)  # noqa: S506 - a safe one
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SettingsError(f"{path} cannot be read: {' '.join(str(error).split())}; install the package anew") from error
    if not isinstance(entries, list):
        raise SettingsError(f"{path.name} holds no list of papers: install the package anew")
    return entries


def _sample(entry: Mapping[str, Any], on: dt.date, submitted: dt.datetime) -> SamplePaper:
    ref = str(entry["ref"])
    if not _REF.fullmatch(ref):
        raise ValueError(f"ref {ref[:40]!r}")
    paper = Paper(
        ref=ref,
        version=1,
        title=_text(entry, "title"),
        abstract=_text(entry, "abstract"),
        authors=tuple(clean(name) for name in entry["authors"]),
        categories=tuple(dict.fromkeys(canonical_category(str(name)) for name in entry["categories"])),
        submitted=submitted,
        updated=submitted,
        announced_on=on,
        announced_estimated=False,
        comment=clean(entry.get("comment") or ""),
        source="sample",
        links=tuple(PaperLink(LinkKind(link["kind"]), str(link["url"]), "comment") for link in entry.get("links") or ()),
    )
    return SamplePaper(paper, _translations(entry.get("translations") or {}))


def _translations(languages: Mapping[str, Mapping[str, Any]]) -> tuple[tuple[str, Field, str], ...]:
    for language in languages:
        if language not in BY_CODE:
            raise ValueError(f"language {language!r}")
    return tuple(
        (language, field, _text(texts, field.value))
        for language, texts in languages.items()
        for field in (Field.TITLE, Field.ABSTRACT)
    )


def _text(entry: Mapping[str, Any], name: str) -> str:
    text = clean(entry[name])
    if not text:
        raise ValueError(name)
    return text
