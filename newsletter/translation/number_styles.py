"""Numbers as a language writes them: its separators, how an English number may stand there, how it is written there. Pure.

16,298 reads as a little more than 16 to a German. The separators are those of Unicode's CLDR.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from newsletter.languages import Language
from newsletter.translation.protected_spans import spans

_SPACES = "\u0020\u00a0\u202f\u2009"


@dataclass(frozen=True, slots=True)
class Style:
    """``group`` and ``point`` are how a number is written, ``groups`` and ``points`` what is understood, ``zeros`` its zeros."""

    group: str
    point: str
    groups: str
    points: str
    zeros: str = "0"


_DOT = Style(".", ",", "." + _SPACES + "'’", ",")
_SPACE = Style("\u202f", ",", _SPACES + ".", ",")
_STYLES = {
    **dict.fromkeys(("de", "it", "nl", "tr", "id", "vi"), _DOT),
    **dict.fromkeys(("es", "pt"), Style(".", ",", "." + _SPACES, ",")),
    **dict.fromkeys(("fr", "pl", "ru", "uk", "cs", "sv"), _SPACE),
    "ar": Style(",", ".", "٬،" + _SPACES, "٫", "0٠"),
    "fa": Style(",", ".", "٬،" + _SPACES, "٫", "0۰٠"),
    "hi": Style(",", ".", _SPACES, "", "0०"),
}
# A longer one is no number that anybody reads.
MOST_DIGITS = 24
_ENGLISH = Style(",", ".", _SPACES, "")
_MYRIADS = {"zh-CN": "万", "zh-TW": "萬", "ja": "万", "ko": "만"}
_DIGITS = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")
_QUANTITY = re.compile(
    r"(?:[A-Za-zα-ω]\s?[=<>≤≥≈∼~]\s?)?[+\-−±~≈<>≤≥≲≳]?[\d.,\s\-–—×x^{}%]*[\d}](?:\s?(?:\\?%|‰|×|σ|°?[A-Za-zµμ/°]{1,6}))?\Z"
)
# What a decimal number may be that is no quantity: a version, a section. The second is for what no unit follows.
_NO_QUANTITY = re.compile(r"(?:[A-Za-z]*[A-Z][A-Za-z0-9]*|version|release|section|v\.?|eq\.|fig\.|table|chapter)[\s\-]?\Z")


def style_of(language: Language) -> Style:
    """How ``language`` writes numbers; as English does where nothing else is known."""
    return _STYLES.get(language.code, _ENGLISH)


def written_otherwise(part: str, language: Language) -> re.Pattern[str] | None:
    """What finds ``part``, a number with its sign and unit, as ``language`` may write it; None where it is another thing."""
    if not _QUANTITY.match(part) or not (found := list(_DIGITS.finditer(part))):
        return None
    style, at, pattern = style_of(language), 0, ""
    for match in found:
        pattern += _literal(part[at : match.start()]) + _number(match.group(), style, language)
        at = match.end()
    pattern += _literal(part[at:])
    if language.code == "tr" and part.endswith("%"):
        pattern = f"(?:{pattern}|%{_SPACE_IN}{pattern.removesuffix(_PERCENT)})"
    any_digit = "0-9" + "".join(f"{zero}-{chr(ord(zero) + 9)}" for zero in style.zeros if zero != "0")
    return re.compile(rf"(?<![{any_digit}A-Za-z])(?<![{any_digit}][.,٫٬]){pattern}(?![{any_digit}])(?![.,٫٬][{any_digit}])")


_SPACE_IN = rf"[{_SPACES}]?"
_PERCENT = rf"{_SPACE_IN}\\?[%％٪]"


def _literal(text: str) -> str:
    written = ""
    for sign in text:
        if sign in "%":
            written += _PERCENT
        elif sign in "-−–—":
            written += rf"{_SPACE_IN}[\-−–—~～〜至]{_SPACE_IN}" if written or text != sign else r"[\-−–]"
        elif sign.isspace():
            written += _SPACE_IN
        else:
            written += _SPACE_IN + (re.escape(sign) if sign not in "×x" else "[×x]")
    return written


def _number(number: str, style: Style, language: Language) -> str:
    whole, _, part = number.partition(".")
    groups = whole.split(",")
    if len(whole) > MOST_DIGITS:
        return _digits(number.replace(".", r"\."), style) if style.zeros == "0" else re.escape(number)
    between = "[" + re.escape("," + style.groups if style.point == "." else style.groups) + "]?"
    ways = [between.join(_digits(group, style) for group in one) for one in _groupings(groups, whole)]
    if part:
        point = "[" + re.escape("." + style.points) + "]"
        ways = [way + point + _digits(part, style) for way in ways]
    else:
        ways += _in_myriads(int(whole.replace(",", "")), _MYRIADS.get(language.code))
    return "(?:" + "|".join(ways) + ")"


def _groupings(groups: list[str], whole: str) -> list[list[str]]:
    """How the digits may fall into groups: as they do, and by thousands where the source has them in one."""
    if len(groups) > 1 or len(whole) <= 3 or whole.startswith("0"):
        return [groups]
    return [groups, f"{int(whole):,}".split(",")]


def _in_myriads(value: int, unit: str | None) -> list[str]:
    """16298 as 1万6298 and as 1.6298万."""
    if not unit or value < 10_000:
        return []
    rest = f"0*{value % 10_000:,}".replace(",", ",?") if value % 10_000 else ""
    return [rf"{value // 10_000}\s?{unit}\s?{rest}", re.escape(f"{value / 10_000:.10g}") + rf"\s?{unit}"]


def _digits(digits: str, style: Style) -> str:
    """A pattern for digits in any script of the language."""
    if style.zeros == "0":
        return digits
    return "".join("[" + "".join(chr(ord(zero) + int(digit)) for zero in style.zeros) + "]" for digit in digits)


def in_readers_style(source: str, text: str, language: Language) -> str:
    """``text`` with the numbers of ``source`` written as ``language`` writes them, where it is safe.

    Left alone are formulas, links, names with their versions, texts in which two numbers would be written alike, and languages
    that write as English does.
    """
    style = style_of(language)
    if (style.group, style.point) == (_ENGLISH.group, _ENGLISH.point):
        return text
    numbers = {source[start:end] for start, end in spans(source) if _is_safe(source, start, end)}
    written = {number: _rewritten(number, style) for number in numbers}
    others = {source[start:end] for start, end in spans(source)} - {one for one in written if written[one] == one}
    if set(written.values()) & others:
        return text
    parts, at = [], 0
    for start, end in spans(text):
        part = text[start:end]
        parts += [text[at:start], written.get(part, part)]
        at = end
    return "".join(parts) + text[at:]


def _is_safe(source: str, start: int, end: int) -> bool:
    part = source[start:end]
    if not _QUANTITY.match(part) or not re.search(r"\d[.,]\d", part) or re.search(r",\d(?!\d{2}(?!\d))", part):
        return False
    # A point in brackets: (1,200) may be two numbers.
    if "," in part and source[start - 1 : start] in "([{" and source[end : end + 1] in ")]}":
        return False
    return "." not in part or not _NO_QUANTITY.search(source[max(0, start - 24) : start])


def _rewritten(number: str, style: Style) -> str:
    written = {",": style.group, ".": style.point}
    return "".join(written.get(sign, sign) for sign in number)
