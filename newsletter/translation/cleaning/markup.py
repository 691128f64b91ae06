"""Takes signs off a translation that its source does not have: Markdown, tags, entities, quotation marks, zero-width signs. Pure.

What stands within a formula, a link or a name is left alone.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable

from newsletter.languages import Language
from newsletter.translation.protected_spans import spans

_INVISIBLE = re.compile("[\u00ad\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
# Persian and the scripts of India write with these.
_JOINERS = re.compile("[\u200c\u200d]")
_JOINING = ("fa", "hi", "ar")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,8}\d?);", re.IGNORECASE)
_TAG = re.compile(
    r"</?(?:b|i|u|s|em|strong|p|br|span|div|sub|sup|font|code|q|li|ul|ol|h[1-6]|mark|small|translation|translated|abstract|tldr"
    r"|summary|text|result|output|answer|content|target|response|seg|g|[a-z]{2}(?:-[a-z]{2,4})?)(?:\s[^<>]{0,200})?/?>",
    re.IGNORECASE,
)
_RULE = re.compile(r"[ \t]*(?:[-*_=~—–]\s?){3,}[ \t]*")
_LINE_START = re.compile(r"[ \t]*(?:(?:#{1,6}|>+|[-*+•·‣▪●◦○■□–—]|\d{1,2}[.)])[ \t]+|[•‣▪●◦○■□]|#{1,6}(?=[^\W\d])|>(?=\S))")
_UNDERSCORES = re.compile(r"(?<![\w\\])(__?)(?=\S)([^_\n]*[^_\s])\1(?![\w])")
_STARS = re.compile(r"(?<![\w*\\])\*([^\s*](?:[^*\n]*[^\s*])?)\*(?![\w*])")
_QUOTES = (
    '""',
    "''",
    "“”",
    "„“",
    "„”",
    "””",
    "«»",
    "»«",
    "‹›",
    "「」",
    "『』",
    "《》",
    "〈〉",
    "‘’",
    "‚‘",
    "【】",
    "[]",
    "``",
    "＂＂",
    "()",
    "（）",
)
_END = re.compile(r"(?<=[^\W\d_A-Z.])[.。．｡](?=\Z)|[。．｡]\Z|(?<=[\u0900-\u097f])।\Z|(?<=[\u0600-\u06ff])۔\Z")


def plain(source: str, text: str, language: Language) -> str:
    """``text`` without the signs that ``source`` lacks; its lines stay lines."""
    text = _INVISIBLE.sub("", text)
    if language.code not in _JOINING:
        text = _JOINERS.sub("", text)
    text = _unescaped(source, text)
    if not _TAG.search(source):
        text = _TAG.sub(" ", text)
    text = "\n".join(_line(source, line) for line in text.splitlines() if not _RULE.fullmatch(line) or _RULE.fullmatch(source))
    for sign in ("`", "*", "~~", "**"):
        text = text if sign in source else text.replace(sign, "")
    if not _STARS.search(source):
        text = _outside_of_parts(text, lambda words: _STARS.sub(r"\1", words))
    if not _UNDERSCORES.search(source):
        text = _outside_of_parts(text, lambda words: _UNDERSCORES.sub(r"\2", words))
    return text.strip()


def _unescaped(source: str, text: str) -> str:
    if _ENTITY.search(source) or not _ENTITY.search(text):
        return text
    # Twice escaped where two programs did it.
    for _ in range(2):
        text = _ENTITY.sub(lambda match: html.unescape(match.group()), text)
    return text.replace("\xa0", " ")


def _line(source: str, line: str) -> str:
    begins = _LINE_START.match(line)
    return line[begins.end() :] if begins and not _LINE_START.match(source) else line


def _outside_of_parts(text: str, change: Callable[[str], str]) -> str:
    written, at = [], 0
    for start, end in spans(text):
        written += [change(text[at:start]), text[start:end]]
        at = end
    return "".join([*written, change(text[at:])])


def unquoted(source: str, text: str) -> str:
    """``text`` without the quotation marks or brackets around all of it."""
    for quotes in () if source.startswith(tuple("\"'“„«‘`「[(")) else (*_QUOTES, *_QUOTES):
        text = _out_of(quotes[0], quotes[1], text)
    return text


def without_added_stop(source: str, text: str) -> str:
    """``text`` without its full stop where it stands for a title, which has none."""
    title = bool(source) and (source[-1].isalnum() or source[-1] in ")]\"'”$}") and not re.search(r"[.!?]\s", source)
    return _END.sub("", text) if title else text


def _out_of(first: str, last: str, text: str) -> str:
    inner = text[1:-1].strip()
    whole = bool(inner) and text[0] == first and text[-1] == last
    return inner if whole and first not in inner and last not in inner else text
