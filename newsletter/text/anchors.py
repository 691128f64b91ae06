"""The anchors that GitHub makes of the headings of a Markdown page: small letters, no punctuation, a hyphen for each space. Pure.

As github-slugger makes them (https://github.com/Flet/github-slugger); what they are for:
https://docs.github.com/get-started/writing-on-github/getting-started-with-writing-and-formatting-on-github/basic-writing-and-formatting-syntax#section-links
"""

from __future__ import annotations

import html
import re
import unicodedata

# Many headings are written without the space behind their marks: two marks and more leave no doubt.
_MARKS = re.compile(r" {0,3}#{1,6}(?:(?=\s|\[|$)|(?<=##)(?=[^#\s]))")
_CLOSING = re.compile(r"\s#+\s*$")
_LINK = re.compile(r"!?\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)")
_TAG = re.compile(r"<[^<>]*>")
_ESCAPED = re.compile(r"\\([^\w\s])")
_EMPHASIS = re.compile(r"(\*\*|__|\*|`)(?=\S)(.+?)(?<=\S)\1")


class Anchors:
    """The anchors of the headings of one page, in order: a name that comes again gets a number."""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}

    def of(self, heading: str) -> str:
        """The anchor of the next heading, given as it is written in Markdown; "" where nothing is left of its name."""
        anchor = first = anchor_of(heading)
        while anchor in self._seen:
            self._seen[first] += 1
            anchor = f"{first}-{self._seen[first]}"
        self._seen[anchor] = 0
        return anchor if first else ""


def anchor_of(heading: str) -> str:
    """The anchor of a heading, with or without its marks, by its words as they are shown."""
    marks = _MARKS.match(heading)
    shown = _CLOSING.sub("", heading[marks.end() if marks else 0 :].rstrip()).strip()
    while (plain := _LINK.sub(r"\1", shown)) != shown:
        shown = plain
    shown = _EMPHASIS.sub(r"\2", _ESCAPED.sub(r"\1", _TAG.sub("", shown)))
    words = html.unescape(" ".join(shown.split())).lower().replace(" ", "-")
    return "".join(one for one in words if one == "-" or _is_word(one))


def _is_word(character: str) -> bool:
    category = unicodedata.category(character)
    return category[0] in "LMN" or category == "Pc"
