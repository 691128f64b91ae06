"""Whether a summary turns what the abstract says into its contrary: a negation, or "worse" for "better". Pure but for its file.

The sentences of the abstract that name the same parts as the summary are the measure, and all of it where none does. It sees
words, not sense: a contrary without one of the words of ``directions.yaml`` passes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import yaml

from newsletter.languages import SOURCE_LANGUAGE, Language
from newsletter.text.scripts import DENSE
from newsletter.text.sentences import sentences

FILE = Path(__file__).with_name("directions.yaml")
_ANYWHERE = re.compile(f"[{DENSE}]")
_START = r"(?<![\w\u0900-\u097f])"
_ANCHOR = re.compile(r"[A-Za-z]*\d[\w.,%]*|[A-Z][a-z]*[A-Z]\w*|[A-Z]{2,}")
# "Lower" is good news of a cost.
_LESS_OF_A_COST = re.compile(
    r"\b(?:lower|reduc|decreas|less|few|drop|cut|shrink)\w*\s+(?:(?!accura|perform|quality|success|score|precis|recall)\w+\s+){0,2}"
    r"(?:error|memor|cost|latenc|time|loss|comput|consum|overhead|bias|noise|risk|token|parameter|energy|hallucinat|size|delay|varianc|footprint)\w*",
    re.IGNORECASE,
)
# What a word of the summary says must be said by one of these in English.
_GROUNDS = {"not": ("not",), "worse": ("worse", "not"), "up": ("up",)}


def says_the_contrary(abstract: str, summary: str, language: Language) -> bool:
    """True where ``summary`` denies, or calls worse or better, what the same sentences of ``abstract`` do not."""
    said = _words(language.code.split("-")[0])
    ground = _LESS_OF_A_COST.sub(" ", " ".join(_same(abstract, summary)))
    english = _words(SOURCE_LANGUAGE)
    return any(
        said[kind].search(summary) and not any(english[name].search(ground) for name in grounds)
        for kind, grounds in _GROUNDS.items()
        if kind in said
    )


def _same(abstract: str, summary: str) -> list[str]:
    """The sentences that share the most numbers and names with ``summary``; all where none shares one."""
    named = set(_ANCHOR.findall(summary))
    shared = [(len(named & set(_ANCHOR.findall(sentence))), sentence) for sentence in sentences(abstract)]
    most = max((count for count, _ in shared), default=0)
    return [sentence for count, sentence in shared if count == most or not most]


@cache
def _words(code: str) -> dict[str, re.Pattern[str]]:
    # Read as texts alone: "no" is a word here.
    found = yaml.load(FILE.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - it makes texts alone
    return {kind: _pattern(kind, words.split(" | "), code) for kind, words in found.get(code, {}).items()}


def _pattern(kind: str, words: Iterable[str], code: str) -> re.Pattern[str]:
    """A word is found by its beginning; a short one that denies is a whole word, but for English "un" and "non"."""
    parts = []
    for word in words:
        whole = (
            kind == "not"
            and len(word) <= 7
            and word.isalpha()
            and not (code == SOURCE_LANGUAGE and word in ("un", "non", "miss"))
        )
        parts.append(word if _ANYWHERE.search(word) else _START + word + (r"(?![\w\u0900-\u097f])" if whole else ""))
    return re.compile("|".join(parts), re.IGNORECASE)
