"""Takes off what stands around the whole of a translation, or at its end, and not around its source. Pure."""

from __future__ import annotations

import re

# What opens and what closes; longer ones first.
_PAIRS = tuple(
    pair.split()
    for pair in (
        '""" """', "''' '''", "*** ***", "``` ```", "___ ___", "<< >>", "`` ''", "'' ''", "== ==", "~~ ~~", "|| ||", "__ __",
        '" "', "' '", "“ ”", "„ “", "„ ”", "” ”", "‟ ”", "« »", "» «",
        "‹ ›", "› ‹", "「 」", "『 』", "｢ ｣", "《 》", "〈 〉", "〝 〟",
        "‘ ’", "‚ ‘", "´ ´", "` ´", "″ ″", "＂ ＂", "＇ ＇", "` `", "【 】", "〖 〗", "〔 〕", "［ ］",
        "[ ]", "( )", "（ ）", "{ }", "｛ ｝", "< >", "＜ ＞",
        "~ ~", "_ _", "| |", "^ ^", "# #",
    )
)  # fmt: skip
_OPENINGS = tuple(first for first, _ in _PAIRS)
_OPENING = tuple("\"'“„«‘`「『《〈[(<{")
_QUOTES = '"“”„‟«»「」『』＂'
# It opens nothing.
_PLACEHOLDER = re.compile(r"\{\{\d+\}\}|<x\d+/>")
_STOP = "[.。．｡]"
_STOPPED = re.compile(rf"(?<!\s)\s*({_STOP})\s*\Z")
_ADDED_TO_TITLE = re.compile(
    r"(?:(?<=[^\W\d_A-Z.])|(?<=\s))[.。．｡](?=\Z)|[。．｡]\Z|(?<=[\u0900-\u097f])।\Z|(?<=[\u0600-\u06ff])۔\Z|(?<![;；,，、:：|])[;；,，、:：|]+\Z"
)
_ADDED_TO_SENTENCE = re.compile(r"(?<=[.!?。！？।؟])\s*(?:[;；,，、:：|]+|\s[.。])\Z")


def unquoted(source: str, text: str) -> str:
    """``text`` without the quotation marks or brackets around all of it, or one that stands on one side alone."""
    if source.startswith(_OPENING) and not _PLACEHOLDER.match(source):
        return text
    for _ in range(3):
        before = text
        text = _out_of_any(source, text)
        if text == before:
            break
    return text if any(quote in source for quote in _QUOTES) else _without_lone_quote(text)


def _out_of_any(source: str, text: str) -> str:
    if not text.startswith(_OPENINGS):
        return text
    stop = _STOPPED.search(text)
    for first, last in _PAIRS:
        if (inner := _within(first, last, text)) is not None:
            return inner
        if stop and (inner := _within(first, last, text[: stop.start()])) is not None:
            return inner + stop.group(1) if _STOPPED.search(source) and not _STOPPED.search(inner) else inner
    return text


def _within(first: str, last: str, text: str) -> str | None:
    """What stands between the two where they stand around all of ``text``."""
    if len(text) <= len(first) + len(last) or not (text.startswith(first) and text.endswith(last)):
        return None
    inner = text[len(first) : -len(last)].strip()
    return inner if inner and first not in inner and last not in inner else None


def _without_lone_quote(text: str) -> str:
    """``text`` without a quotation mark at its beginning or end that has no partner."""
    found = [sign for sign in text if sign in _QUOTES]
    if len(found) != 1:
        return text
    return text.strip(found[0] + " ") if text[0] == found[0] or text[-1] == found[0] else text


def without_added_stop(source: str, text: str) -> str:
    """``text`` without what ends it and not ``source``: a full stop where it stands for a title, a comma or colon."""
    if not source or source[-1] in ";,:":
        return text
    title = (source[-1].isalnum() or source[-1] in ")]\"'”$}") and not re.search(r"[.!?]\s", source)
    return (_ADDED_TO_TITLE if title else _ADDED_TO_SENTENCE).sub("", text).rstrip()
