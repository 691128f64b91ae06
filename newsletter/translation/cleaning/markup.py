"""Takes signs off a translation that its source does not have: Markdown, tags, entities, TeX around words, bullets, emoji. Pure.

What stands within a formula, a link or a name is left alone.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from html.entities import html5

from newsletter.languages import Language
from newsletter.translation.cleaning.invisible import visible
from newsletter.translation.protected_spans import spans

_ENTITY = re.compile(r"&(#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,31})(;|(?![a-z0-9;]))", re.IGNORECASE)
_ATTRIBUTE = r"(?:\s+[\w:.\-]+\s*=\s*(?:\"[^\"<>]*\"|'[^'<>]*'|[^\s\"'<>]+))"
# Any tag but our placeholder of that form; a comment, a declaration, a model's own marks.
_TAG = re.compile(
    rf"</?(?!x\s?\d)[A-Za-z][\w:.\-]*{_ATTRIBUTE}{{0,12}}\s*/?>|<!--.{{0,400}}?-->|<!\[CDATA\[|\]\]>|<[?!][A-Za-z][^<>]{{0,200}}>"
    r"|<\|[\w ]{1,40}\|>|<｜[^<>]{1,40}｜>|\[/?INST\]|<</?SYS>>"
    r"|\[/?(?:b|i|u|s|quote|code|center|color|size|url)(?:=[^\[\]]{0,80})?\]",
    re.IGNORECASE | re.DOTALL,
)
_INLINE_TAG = re.compile(
    r"(?:</?|\[/?)(?:a|abbr|b|bdi|bdo|cite|code|del|dfn|em|font|i|ins|kbd|mark|q|s|samp|small|span|strong|sub|sup|tt|u|var)\b",
    re.I,
)
_RULE = re.compile(r"[ \t]*(?:[-*_=~—–]\s?){3,}[ \t]*|[ \t]*(?:\|\s?:?-+:?\s?)+\|?[ \t]*|[ \t]*[|>][+-]?[ \t]*")
_BULLET = (
    "[-*+•·‣⁃▪●◦○■□–—※＊∙"
    "\u2190-\u21ff\u2460-\u24ff\u25a0-\u25ff\u2600-\u27bf\u2900-\u297f\u2b00-\u2bff\u3251-\u325f\u32b1-\u32bf\U0001f100-\U0001f10c]"
)
_NUMBERING = (
    r"(?:[\[(（【〔]\s*(?:[0-9０-９]{1,2}|[a-z]|[ivx]{1,4}|[一二三四五六七八九十])\s*[\])）】〕][.．:：]?"
    r"|(?:[0-9０-９]{1,2}|[a-z]|[ivx]{1,4})[)）．、](?![0-9])|(?:[0-9]{1,2}|[a-z])\.(?=[ \t])"
    r"|[ivx]{1,4}\.(?=[ \t])|[一二三四五六七八九十]{1,2}[、．])"
)
_LINE_START = re.compile(
    rf"[ \t]*(?:#{{1,6}}[ \t]+|#{{1,6}}(?=[^\W\d])|＃{{1,6}}[ \t]*|>+[ \t]*|{_BULLET}[ \t]+(?:\[[ xX✓✔]?\][ \t]+)?"
    rf"|[•‣▪●◦○■□※\u2460-\u24ff\u2600-\u27bf][ \t]*|{_NUMBERING}[ \t]*|\|(?!\|)[ \t]*|(?:%+|//+|/\*+)[ \t]+)"
)
# A translation may begin with a number where the source spells one out.
_BEGINS_WITH_NUMBER = re.compile(
    r"\W*(?:\w+\W+)?(?:a|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|first|second|third|fourth|fifth|sixth"
    r"|seventh|eighth|ninth|tenth|last|next)\b",
    re.IGNORECASE,
)
# Also the end of a comment, and the number of a note.
_LINE_END = re.compile(
    r"[ \t]+#+[ \t]*\Z|[ \t]*(?<!\|)\|[ \t]*\Z|[ \t]+\*+/[ \t]*\Z|[ \t]*\[\d{1,2}\]\Z|(?:(?<=[.!?。])|[ \t])[ \t]*[¹²³⁰-⁹†‡]+\Z"
)
_EMOJI = re.compile("[ \t]?[\u2600-\u27bf\u2b50\u2b55\U0001f000-\U0001faff]+")
_PAIRED = tuple(
    (edge, re.compile(rf"(?<![\w{edge}\\]){sign}(?=[^\s{edge}])([^{edge}\n]*[^\s{edge}]){sign}(?![\w{edge}])"))
    for sign, edge in (("==", "="), (r"\|\|", "|"), ("~", "~"), ("__?", "_"), (r"\*", "*"))
)
_LINKED = re.compile(r"!?\[([^\[\]\n]+)\]\([^()\s]{0,400}\)|()\[\^\w{1,8}\]")
_COMMAND = re.compile(
    r"\\(?:text(?:bf|it|tt|rm|sc|sf)?|emph|underline|mathrm|mbox|title|abstract|(?:sub)*section\*?|paragraph\*?)"
    r"\s?\{((?:[^{}]|\{\{\s?\d+\s?\}\})*)\}"
)
_BREAK = re.compile(r"\s*\\\\\s*(?=\n|\Z)")
_ESCAPED = re.compile(r"\\([*_#~`>+\-.!|\"'])")
_LEFT_OF: dict[re.Pattern[str], Callable[[re.Match[str]], str]] = {
    _TAG: lambda match: "" if _INLINE_TAG.match(match.group()) else " ",
    _LINKED: lambda match: match.group(1) or "",
    _EMOJI: lambda _: "",
}
_STOP_APART = re.compile(r"\s[.,](?:\s|\Z)")
_SPACED_STOP = re.compile(r"(?<=[^\s\d.,]) +([.,])(?=\s|\Z)")


def plain(source: str, text: str, language: Language) -> str:
    """``text`` without the signs that ``source`` lacks; its lines stay lines."""
    text = visible(_without_escapes(source, _without_tex(source, _unescaped(source, text))), language)
    for pattern, left in _LEFT_OF.items():
        text = text if pattern.search(source) else pattern.sub(left, text)
    text = "\n".join(_line(source, line) for line in text.splitlines() if not _RULE.fullmatch(line) or _RULE.fullmatch(source))
    text = _without_signs(source, text)
    return (text if _STOP_APART.search(source) else _SPACED_STOP.sub(r"\1", text)).strip()


def _without_signs(source: str, text: str) -> str:
    """``text`` without signs of Markdown that stand on both sides of words, those that mean nothing else anywhere."""
    for sign in ("`", "*", "~~", "**", "＊"):
        text = text if sign in source else text.replace(sign, "")
    for sign, pattern in _PAIRED:
        if sign in text and not pattern.search(source):
            text = _outside_of_parts(text, pattern)
    return text


def _unescaped(source: str, text: str) -> str:
    if "&" not in text or _ENTITY.search(source):
        return text
    # Twice escaped where two programs did it.
    for _ in range(2):
        text = _ENTITY.sub(_character, text)
    return text


def _character(match: re.Match[str]) -> str:
    name = match.group(1)
    return html.unescape(f"&{name};") if name.startswith("#") or name + match.group(2) in html5 else match.group()


def _without_escapes(source: str, text: str) -> str:
    """``text`` as a string of JSON is read, where it was written as one; without Markdown's backslashes."""
    if "\\" not in text or "\\" in source:
        return text
    bare = text.strip().removeprefix('"').removesuffix('"') if text.strip()[:1] == '"' else text
    try:
        return str(json.loads(f'"{bare}"', strict=False))
    except ValueError:
        return _ESCAPED.sub(r"\1", text)


def _without_tex(source: str, text: str) -> str:
    """``text`` without TeX's commands around words, its line breaks and quotation marks, where ``source`` has none of these."""
    if "``" in text and "``" not in source:
        text = text.replace("``", '"').replace("''", '"')
    if "\\" not in text or _COMMAND.search(source):
        return text
    for _ in range(2):
        text = _COMMAND.sub(r"\1", text)
    return text if _BREAK.search(source) else _BREAK.sub("", text)


def _line(source: str, line: str) -> str:
    if _LINE_START.match(source):
        return line
    for _ in range(3):
        begins = _LINE_START.match(line)
        if not begins or (re.search(r"\w", begins.group()) and _BEGINS_WITH_NUMBER.match(source)):
            break
        line = line[begins.end() :]
    return line if _LINE_END.search(source) else _LINE_END.sub("", line)


def _outside_of_parts(text: str, pattern: re.Pattern[str]) -> str:
    """``text`` without the sign that ``pattern`` finds on both sides of words, where no part is cut by it."""
    parts = list(spans(text))

    def bare(match: re.Match[str]) -> str:
        (start, end), (first, last) = match.span(), match.span(1)
        cut = any((a < first and start < b) or (a < end and last < b) for a, b in parts)
        return match.group() if cut else match.group(1)

    return pattern.sub(bare, text)
