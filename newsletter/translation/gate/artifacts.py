"""What engines leave in a translation: pieces of placeholders, spoilt formulas, labels, text that was not translated. Pure."""

from __future__ import annotations

import re
from collections import Counter

from newsletter.translation.protection import DEBRIS

_LOOSE = re.compile(r"[$\\{}\ufffd]|\*\*|```")
_WIDE = re.compile(r"[｛｝＄＼]")
_ENTITY = re.compile(r"&(?:#\d+|#x[0-9a-f]+|amp|lt|gt|quot|apos|nbsp|mdash|ndash);", re.IGNORECASE)
_SPLIT_DECIMAL = re.compile(r"\d\s*[.．。]\s+\d|\d\s+[.．。]\s*\d|\d[．。]\d")
_LINK = re.compile(r"https?\s?[:：]\s?/|www\.[a-z0-9]|[a-z0-9]@[a-z0-9\-]+\.[a-z]{2}", re.IGNORECASE | re.ASCII)
# A model's own words before the translation, and the words of a feed before the abstract.
_LABEL = re.compile(
    r"""\s*(?:(?:sure|okay|certainly)[,!:]|here\s+is|here's|translation\s*:|以下是|翻译\s*[:：]|翻譯\s*[:：]|译文\s*[:：]|譯文\s*[:：]
    |摘要\s*[:：]|要旨\s*[:：]|要約\s*[:：]|翻訳\s*[:：]|초록\s*[:：]|번역\s*[:：]|zusammenfassung\s*:|übersetzung\s*:|résumé\s*:|traduction\s*:
    |resumen\s*:|traducción\s*:|resumo\s*:|riassunto\s*:|abstract\s*[:：]|الملخص\s*:|ملخص\s*:|الترجمة\s*:)""",
    re.IGNORECASE | re.VERBOSE,
)
_FEED = re.compile(
    r"announce\s+type|公告类型|公告類型|宣布类型|发布类型|發佈類型|ankündigungstyp|発表タイプ|نوع الإعلان", re.IGNORECASE
)
_SOURCE_LABEL = re.compile(r"\s*(?:abstract|summary|resum|zusammenf|translat|title|note|text)\w*\b", re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z0-9]+", re.ASCII)
_NAME_PART = re.compile(r"\d[A-Za-z]|[A-Za-z]\d|[a-z][A-Z]")
_LATIN = r"A-Za-z\u00c0-\u024f\u1e00-\u1eff"
# A compound is one word: many languages write "Chain-of-Thought" as English does.
_WORD = re.compile(rf"[{_LATIN}]+(?:['’\-][{_LATIN}]+)*")
_STRETCH = re.compile(rf"[{_LATIN}\s'’\-]+")
# A run of so many words of the source is not translated.
RUN = 4


def debris(source: str, result: str) -> bool:
    """True where ``result`` has more of placeholders, TeX, Markdown, labels or feed texts than ``source``; both without parts."""
    if len(DEBRIS.findall(result)) > len(DEBRIS.findall(source)) or _FEED.search(result):
        return True
    if _LABEL.match(result) and not _SOURCE_LABEL.match(source):
        return True
    return bool(Counter(_LOOSE.findall(result)) - Counter(_LOOSE.findall(source)))


def wide(source: str, result: str) -> bool:
    """True where ``result`` has more full-width braces, dollars and backslashes than ``source``."""
    return len(_WIDE.findall(result)) > len(_WIDE.findall(source))


def entities(source: str, result: str) -> bool:
    """True where ``result`` has an HTML entity more often than ``source``."""
    return bool(Counter(_ENTITY.findall(result)) - Counter(_ENTITY.findall(source)))


def split_decimal(source: str, result: str) -> bool:
    """True where a number of ``result`` is parted at its point, more often than in ``source``; both without parts."""
    return len(_SPLIT_DECIMAL.findall(result)) > len(_SPLIT_DECIMAL.findall(source))


def strange_names(source: str, result: str, whole_source: str) -> bool:
    """True where ``result`` has a link, or a name with digits or inner capitals, that the source does not have.

    ``source`` and ``result`` are without parts; "three-dimensional" may become "3D".
    """
    if len(_LINK.findall(result)) > len(_LINK.findall(source)):
        return True
    known = whole_source.casefold()
    return any(
        _NAME_PART.search(name) and name.casefold() not in known and not re.fullmatch(r"\d[A-Za-z]{1,3}", name)
        for name in _NAME.findall(result)
    )


def copied(source: str, result: str) -> bool:
    """True where RUN words of ``source`` stand one after the other in ``result``; both without parts, which break a run."""
    runs = _runs(result)
    return bool(runs) and not runs.isdisjoint(_runs(source))


def _runs(text: str) -> set[tuple[str, ...]]:
    found: set[tuple[str, ...]] = set()
    for stretch in _STRETCH.findall(text):
        words = [word.casefold() for word in _WORD.findall(stretch)]
        found.update(zip(*(words[at:] for at in range(RUN)), strict=False))
    return found
