"""One title out of an answer that gives two, or the title and a word about it in brackets. Pure."""

from __future__ import annotations

import re

from newsletter.languages import Language
from newsletter.translation.gate.measures import usual_ratio
from newsletter.translation.gate.titles import is_title

_BRACKETS = re.compile(r"[()（）\[\]【】]")
_BEHIND = re.compile(r"\s?[(（\[【]([^()（）\[\]【】]{2,60})[)）\]】]\s*\Z")
# What explains a name stands behind it, or names one: a placeholder, capitals, digits.
_NAMES = re.compile(r"[\dA-Z{<]{2}|\d")
_NAME_BEFORE = re.compile(r"[A-Z\d}>]\s?\Z")
_PLACEHOLDER = re.compile(r"ZQ\s?\d+\s?Q|<x\s?\d+\s?/>|\{\{\s?\d+\s?\}\}", re.IGNORECASE)
_LABEL = re.compile(r"[:：]\s*\Z")
# So much longer than usual is more than one title, and none of them is shorter than so much of their mean.
MORE, LEAST = 1.5, 0.7


def one_title(source: str, answer: str, language: Language) -> str:
    """The first of the lines of ``answer`` where each could be the title ``source``; else ``answer`` as it is."""
    lines = [line.strip() for line in answer.splitlines() if line.strip()]
    if not is_title(source) or len(lines) < 2 or not _are_titles(source, lines, language):
        return answer
    first = lines[0]
    if _LABEL.search(first) or source.casefold() in first.casefold() or first.casefold() in source.casefold():
        return answer
    return first if sorted(_PLACEHOLDER.findall(first)) == sorted(_PLACEHOLDER.findall(source)) else answer


def _are_titles(source: str, lines: list[str], language: Language) -> bool:
    """True where the lines are much longer together than ``source`` takes, and none is much shorter than the others."""
    sizes = [len("".join(line.split())) for line in lines]
    usual = usual_ratio(language) * len("".join(source.split()))
    return sum(sizes) >= MORE * usual and min(sizes) >= LEAST * sum(sizes) / len(sizes)


def without_remark(source: str, text: str) -> str:
    """``text`` without words in brackets at its end that the title ``source`` has no brackets for, and that explain no name."""
    found = _BEHIND.search(text)
    if not found or not text[: found.start()].strip() or not is_title(source) or _BRACKETS.search(source):
        return text
    remark = found.group(1)
    told = set(re.findall(r"\w+", source.casefold()))
    if _NAMES.search(remark) or _NAME_BEFORE.search(text[: found.start()]) or told & set(re.findall(r"\w+", remark.casefold())):
        return text
    return text[: found.start()].rstrip()
