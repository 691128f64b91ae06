"""Puts placeholders in the place of what no engine may touch, and the parts back afterwards, each once, byte for byte.

Restoring forgives what engines do to a placeholder (spaces in it, full-width braces, other digits, another case), never a
lost or doubled one. Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from newsletter.translation.spans import spans


class Form(StrEnum):
    """How a placeholder looks; which form survives depends on the engine."""

    CODE = "code"
    TAG = "tag"
    BRACES = "braces"


_WRITTEN = {Form.CODE: "ZQ{}Q", Form.TAG: "<x{}/>", Form.BRACES: "{{{{{}}}}}"}
_READ = {
    Form.CODE: re.compile(r"ZQ\s?(\d+)\s?Q", re.IGNORECASE),
    Form.TAG: re.compile(r"[<＜]\s?x\s?(\d+)\s?[/／]\s?[>＞]", re.IGNORECASE),
    Form.BRACES: re.compile(r"[{｛]\s?[{｛]\s?(\d+)\s?[}｝]\s?[}｝]"),
}
# What is left of a broken placeholder, and what in a source could be taken for one.
DEBRIS = re.compile(
    r"ZQ\s?\d+|\d+\s?Q(?=\s?ZQ)|[<＜]\s?/?\s?x\s?\d+\s?[/／>＞]|[{｛]\s?[{｛]\s?\d+|[{｛]\s?\d+\s?[}｝]\s?[}｝]", re.IGNORECASE
)
_READABLE = re.compile("|".join(pattern.pattern.replace("(", "(?:") for pattern in _READ.values()) + "|" + DEBRIS.pattern, re.I)
_PLACEHOLDERS = re.compile("|".join(pattern.pattern for pattern in _READ.values()), re.IGNORECASE)


class PlaceholdersLost(ValueError):
    """A placeholder did not come back exactly once; the text says how many were lost and how many came twice."""


@dataclass(frozen=True, slots=True)
class Protected:
    """A text with placeholders; ``parts[n]`` belongs in the place of placeholder n."""

    text: str
    parts: tuple[str, ...]
    form: Form

    @property
    def has_words(self) -> bool:
        """False where nothing but placeholders, digits and punctuation is left, so that there is nothing to translate."""
        return bool(re.search(r"[^\W\d_]", _PLACEHOLDERS.sub("", self.text)))


def protect(text: str, form: Form) -> Protected:
    """``text`` with a placeholder for every part that an engine must leave alone. ``restore`` is the way back for any text."""
    written: list[str] = []
    parts: list[str] = []
    at = 0
    for start, end in _joined(text):
        written += [text[at:start], _WRITTEN[form].format(len(parts))]
        parts.append(text[start:end])
        at = end
    return Protected("".join(written) + text[at:], tuple(parts), form)


def _joined(text: str) -> list[tuple[int, int]]:
    """The spans of ``text``, and whatever looks like one of our placeholders, where they meet as one."""
    found = sorted([*spans(text), *(match.span() for match in _READABLE.finditer(text))])
    joined: list[tuple[int, int]] = []
    for start, end in found:
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def restore(result: str, protected: Protected) -> str:
    """``result`` with the parts in the place of their placeholders. Raises PlaceholdersLost where one is missing or doubled."""
    pattern = _READ[protected.form]
    seen = [int(match.group(1)) for match in pattern.finditer(result)]
    if sorted(seen) != list(range(len(protected.parts))):
        missing = len(set(range(len(protected.parts))) - set(seen))
        raise PlaceholdersLost(f"{missing} placeholders lost, {len(seen) - len(set(seen))} doubled")
    return pattern.sub(lambda match: protected.parts[int(match.group(1))], result)
