"""Tells names of people from other words in published lists. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

_ET_AL = re.compile(
    r"(?:[\s,]*\bet\.?\s?al\.?|(?<=[^A-Za-z\s])et\.?\s?al\.?|[\s,]*\band\s+\d+\s+(?:more|others)|\s*[…]|\s*\.{3})?\s*(?:[(（]\d+\s+authors[)）])?\s*$|\s*等(?:\d+人)?\s*$",
    re.IGNORECASE,
)
_ENDING = 40
_NAME = re.compile(r"(?:[^\W\d_][\w.'’\-]*\.?)(?:\s+(?:[^\W\d_][\w.'’\-]*\.?)){0,5}")


_HAN = re.compile(r"[\u3040-\u9fff\uac00-\ud7a3]")
# Words within titles, and in no name.
_OF_TITLES = {
    "the",
    "for",
    "of",
    "with",
    "in",
    "to",
    "on",
    "an",
    "via",
    "from",
    "is",
    "are",
    "as",
    "by",
    "at",
    "using",
    "without",
}
_HAN_NAME = re.compile(r"[\u3040-\u9fff\uac00-\ud7a3・·\s]{2,12}")


def ends_before_et_al(text: str) -> int:
    """Where ``text`` ends without "et al." after it; it is looked for at the very end only."""
    start = max(0, len(text) - _ENDING)
    tail = _ET_AL.search(text, start)
    return tail.start() if tail else len(text)


def are_names(words: str) -> bool:
    """Whether all parts look like names of people: few words, the first with a capital letter, no digit."""
    parts = [
        part
        for part in re.split(r"\s{0,200}+[,;，、]\s*|\s{1,200}+(?:and|&)\s+", words[: ends_before_et_al(words)].strip())
        if part
    ]
    return (
        bool(parts)
        and all(len(part) <= 40 and _NAME.fullmatch(part) and _is_written_as_name(part) for part in parts)
        and _are_several(parts, words.strip())
    )


def _are_several(parts: Sequence[str], words: str) -> bool:
    """Whether it is more than one word: a first name and a surname, several people, or "et al."."""
    return len(parts) > 1 or " " in parts[0] or not parts[0].isascii() or ends_before_et_al(words) < len(words)


def _is_written_as_name(part: str) -> bool:
    """Whether half of the words at least have a capital letter, the first among them; or all is in an Asian script, and short."""
    if _HAN.search(part):
        return _HAN_NAME.fullmatch(part) is not None
    words = part.split()
    return not part[0].islower() and not _OF_TITLES & {*words} and 2 * sum(not word[0].islower() for word in words) >= len(words)


def are_whole_names(words: str) -> bool:
    """Whether these are several names of two words or more each: a title with commas looks otherwise."""
    parts = re.split(r"\s{0,200}+[,;]\s*(?:and\s+)?|\s{1,200}+(?:and|&)\s+", words[: ends_before_et_al(words)].strip())
    several = len(parts) > 1 or ends_before_et_al(words) < len(words)
    return several and are_names(words) and all(" " in part.strip() for part in parts if part)
