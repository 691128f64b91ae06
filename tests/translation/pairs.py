"""Reads the translations written for the tests of the gate: `good_pairs.txt` and `defects.txt`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Pair:
    """An English text with a good translation of it."""

    language: str
    source: str
    result: str


@dataclass(frozen=True, slots=True)
class Defect:
    """A bad translation with the reason that the gate must give, and its clean twin."""

    kind: str
    language: str
    source: str
    bad: str
    reason: str
    clean: str


def good_pairs() -> list[Pair]:
    """The pairs of `good_pairs.txt`: a line `en TEXT`, then a line `CODE TEXT` a language."""
    pairs: list[Pair] = []
    source = ""
    for code, text in _lines("good_pairs.txt"):
        if code == "en":
            source = text
        else:
            pairs.append(Pair(code, source, text))
    return pairs


def defects() -> list[Defect]:
    """The fixtures of `defects.txt`: `kind NAME`, then blocks of `en TEXT`, `CODE good TEXT` and any number of `CODE REASON TEXT`."""
    found: list[Defect] = []
    kind = source = clean = ""
    for code, text in _lines("defects.txt"):
        if code == "kind":
            kind = text
        elif code == "en":
            source = text
        else:
            verdict, _, result = text.partition(" ")
            if verdict == "good":
                clean = result
            else:
                found.append(Defect(kind, code, source, result.replace("<nothing>", ""), verdict, clean))
    return found


def _lines(name: str) -> list[tuple[str, str]]:
    """(first word, the rest) of each line that is neither empty nor a comment."""
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in lines if line and not line.startswith("#"))]
