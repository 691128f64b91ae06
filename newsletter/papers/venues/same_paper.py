"""Tells that two records are one paper: by DOI, by arXiv id, else by title and first author, precision first. Pure.

A wrong merge hides a paper from its readers, a missed one shows it twice: in doubt two records are two papers.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

# Titles that say less are shared by different papers: "Introduction", "A Survey on Deep Learning".
LEAST_WORDS, LEAST_LETTERS = 4, 22
# From the first preprint to the issue of a journal.
APART = dt.timedelta(days=3 * 366)
# What a server of preprints gives out says nothing of the journal's DOI.
_PREPRINT_DOIS = ("10.48550/", "10.1101/", "10.64898/", "10.21203/", "10.20944/", "10.31234/", "10.36227/", "10.2139/")
# Records about a paper, or parts of a series, whose titles are one to most eyes.
_ABOUT = re.compile(
    r"^(?:author |publisher )?(?:correction|corrigend|errat|retract|withdraw|expression of concern|addend|repl(?:y|ies)\b"
    r"|response|comment|re:|in memor)",
    re.IGNORECASE,
)
Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Record:
    """What is compared; ``authors`` in order, ``day`` of the first version as far as it is known."""

    title: str
    authors: tuple[str, ...]
    doi: str = ""
    arxiv: str = ""
    day: dt.date | None = None


def title_key(title: str) -> str:
    """Letters and digits of a title, without case, marks and signs; "" where it says too little to go by."""
    words = _words(title)
    key = "".join(words)
    return key if len(words) >= LEAST_WORDS and len(key) >= LEAST_LETTERS and not _ABOUT.match(title.strip()) else ""


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", re.sub(r"\\[a-zA-Z]+|[${}]", " ", text)).casefold()
    return re.findall(r"[^\W_]+", "".join(one for one in plain if not unicodedata.combining(one)))


def first_author(authors: tuple[str, ...]) -> tuple[str, str]:
    """Family name and initial ("" where there is none) of the first author, written as Ada B. Byron or Byron, Ada."""
    name = authors[0] if authors else ""
    if "," in name:
        family, _, given = name.partition(",")
        family_words, given_words = _words(family), _words(given)
        return "".join(family_words[-1:]), "".join(given_words[:1])[:1]
    words = [one for one in _words(name) if one not in ("jr", "sr", "ii", "iii", "iv", "phd", "md")]
    return "".join(words[-1:]), words[0][:1] if len(words) > 1 else ""


def are_same(one: Record, other: Record) -> bool:
    """Whether these two are one paper."""
    if one.arxiv and other.arxiv:
        return one.arxiv == other.arxiv
    dois = [record.doi.lower() for record in (one, other) if record.doi and not record.doi.lower().startswith(_PREPRINT_DOIS)]
    if len(dois) == 2:
        return dois[0] == dois[1]
    return _by_title(one, other)


def _by_title(one: Record, other: Record) -> bool:
    key = title_key(one.title)
    if not key or key != title_key(other.title):
        return False
    if one.day and other.day and abs(one.day - other.day) > APART:
        return False
    (family, given), (other_family, other_given) = first_author(one.authors), first_author(other.authors)
    return bool(family) and family == other_family and (not given or not other_given or given == other_given)


class Known(Generic[Key]):
    """Records by key, to be asked which of them a new one is."""

    def __init__(self, records: Iterable[tuple[Key, Record]]) -> None:
        self._records = dict(records)
        self._by: dict[str, list[Key]] = {}
        for key, record in self._records.items():
            for name in _names(record):
                self._by.setdefault(name, []).append(key)

    def same(self, record: Record) -> Key | None:
        """The one that ``record`` is; None for none, and for several: nobody can tell which."""
        for name in _names(record):
            found = [key for key in self._by.get(name, ()) if are_same(record, self._records[key])]
            if found:
                return found[0] if len(found) == 1 else None
        return None


def _names(record: Record) -> list[str]:
    names = (("arxiv", record.arxiv), ("doi", record.doi.lower()), ("title", title_key(record.title)))
    return [f"{kind}:{value}" for kind, value in names if value]
